/**
 * Sets up a clone: packages (with a current Node among them), bubblewrap and g++. Runs on Node 20 and later, needs
 * nothing installed, does nothing that is done already, and installs system packages only as root with apt; elsewhere
 * it stops with the line to type.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** Programs the sandbox needs, and the package that brings each, by package manager. */
const NEEDED = [
  { program: 'bwrap', apt: 'bubblewrap', dnf: 'bubblewrap', pacman: 'bubblewrap' },
  { program: 'g++', apt: 'g++', dnf: 'gcc-c++', pacman: 'gcc' },
  { program: 'prlimit', apt: 'util-linux', dnf: 'util-linux', pacman: 'util-linux' },
]
const INSTALL = { apt: 'apt-get install -y', dnf: 'dnf install -y', pacman: 'pacman -S --needed' }

function fail(message) {
  console.error(`setup: ${message}`)
  process.exit(2)
}

function has(program) {
  return spawnSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' }).status === 0
}

function run(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], ...options })
  if (error !== undefined || status !== 0) fail(`"${[command, ...args].join(' ')}" failed${error ? `: ${error.message}` : ''}`)
}

/** Packages are as the lock file says when a stamp beside them carries its hash. */
function installPackages() {
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')
  const stamp = join(root, 'node_modules', '.kernelswarm-lock')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return
  console.log('setup: installing packages (npm ci)')
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'])
  writeFileSync(stamp, lock)
}

function installPrograms() {
  const missing = NEEDED.filter(({ program }) => !has(program))
  if (missing.length === 0) return
  const manager = Object.keys(INSTALL).find((name) => has(name === 'apt' ? 'apt-get' : name)) ?? 'apt'
  const packages = missing.map((needed) => needed[manager])
  const line = `${INSTALL[manager]} ${packages.join(' ')}`
  if (process.getuid?.() !== 0 || manager !== 'apt') {
    fail(`${missing.map(({ program }) => program).join(' and ')} missing; type this, then start again:\n\n    sudo ${line}\n`)
  }
  console.log(`setup: ${line}`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  run('apt-get', ['update', '-qq'], { env })
  run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}

if (process.platform !== 'linux') fail('kernelswarm runs on Linux (its sandbox needs Linux namespaces)')
installPrograms()
installPackages()
