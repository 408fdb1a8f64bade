import assert from 'node:assert/strict'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { NODE_HEARTBEAT_MS } from '../../protocol/index.ts'
import { leftBehind, namedProcesses } from '../hostile/processes.ts'
import { line } from '../support/cases.ts'
import { Daemon, kernelswarm } from '../support/command.ts'
import { patience } from '../support/patience.ts'
import { scratch } from '../support/scratch.ts'

const MAIN = fileURLToPath(new URL('../../bin/main.ts', import.meta.url))

/** Both sides run until their time is over, ten minutes: whoever is gone before was stopped. */
const ENDLESS = line(1, {
  tests: 1,
  cpp_code: 'void f1(int *a, int n) { for (volatile int i = 0;; i = 1) a[0] = i; }',
  cuda_code: '__global__ void k1(int *a, int n) { for (volatile int i = 0;; i = 1) a[0] = i; }',
})

/** What a program is called in its jail, and no compiler. */
const PROGRAM = 'program'
/** A node has begun by then, also where everything is compiled first. */
const BEGINS_MS = 120_000

/** What stands between a node and its coordinator, and can be cut. */
class Cable {
  readonly port: number
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #down = false

  private constructor(server: Server, port: number) {
    this.#server = server
    this.port = port
  }

  static async to(t: TestContext, port: number): Promise<Cable> {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const cable = new Cable(server, (server.address() as { port: number }).port)
    server.on('connection', (near) => cable.#join(near, port))
    t.after(() => cable.end())
    return cable
  }

  cut(): void {
    this.#down = true
    for (const socket of this.#sockets) socket.destroy()
  }

  mend(): void {
    this.#down = false
  }

  end(): void {
    this.cut()
    this.#server.close()
  }

  #join(near: Socket, port: number): void {
    if (this.#down) {
      near.destroy()
      return
    }
    const far = connect(port, '127.0.0.1')
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(socket)
      socket.on('error', () => other.destroy())
      socket.on('close', () => {
        this.#sockets.delete(socket)
        other.destroy()
      })
    }
    near.pipe(far).pipe(near)
  }
}

/** A coordinator says where it listens, and a node tries that too: whatever leads there has to lead through the cable. */
function detour(from: number, to: number): string {
  const code = `import net from 'node:net'
    const { connect } = net
    net.connect = (options, ...rest) => connect(options.port === ${from} ? { ...options, port: ${to} } : options, ...rest)`
  return `data:text/javascript,${encodeURIComponent(code)}`
}

interface Stand {
  home: string
  /** For commands. */
  address: string
  cable: Cable
  node: Daemon
  /** Opens a round of the program without end, and waits until it runs. */
  begin: () => Promise<string>
  /** Waits until a program runs, and no compiler. */
  runs: () => Promise<void>
  /** Processes that the node's process has in jails. */
  jailed: () => Promise<number[]>
}

/** A coordinator process, and a node process behind a cable. */
async function stand(t: TestContext): Promise<Stand> {
  const home = await scratch(t)
  const where = ['--data', 'coordinator', '--listen', '/ip4/127.0.0.1/tcp/0', '--http', 'off']
  const coordinator = new Daemon(t, home, ['coordinator', ...where])
  const [, address = ''] = await coordinator.line(/node start --coordinator (\S+)/)
  const port = Number(/\/tcp\/(\d+)\//.exec(address)?.[1])
  const cable = await Cable.to(t, port)
  const through = address.replace(`/tcp/${port}/`, `/tcp/${cable.port}/`)
  const starting = ['node', 'start', '--coordinator', through, '--data', 'node', '--slots', '1']
  const node = new Daemon(t, home, ['--import', detour(port, cable.port), MAIN, ...starting], process.execPath)
  await node.line(/"event":"connected"/)
  const idle = new Set(await leftBehind(node.child.pid as number))
  const jailed = async () => (await leftBehind(node.child.pid as number)).filter((pid) => !idle.has(pid))
  const programs = async () => {
    const named = new Set(await namedProcesses(PROGRAM))
    return (await jailed()).filter((pid) => named.has(pid))
  }
  const runs = async () => {
    const from = performance.now()
    while ((await programs()).length === 0) {
      assert.ok(performance.now() - from < patience(BEGINS_MS), `nothing runs:\n${node.lines.slice(-5).join('\n')}`)
      await sleep(100)
    }
  }
  const file = join(home, 'cases.jsonl')
  await writeFile(file, `${ENDLESS}\n`)
  const terms = ['--replicas', '1', '--quorum', '1', '--rule', 'compat', '--passes', 'none', '--wall', '600', '--again', '--json']
  const begin = async () => {
    const sent = await kernelswarm(t, home, ['submit', file, '--coordinator', address, ...terms])
    assert.equal(sent.code, 0, sent.stderr)
    await runs()
    return (JSON.parse(sent.stdout) as { round: string }).round
  }
  return { home, address, cable, node, begin, runs, jailed }
}

/** Resolves when no program runs any more; how long that took, milliseconds. */
async function allGone(jailed: Stand['jailed'], withinMs: number): Promise<number> {
  const from = performance.now()
  while ((await jailed()).length > 0) {
    const took = performance.now() - from
    assert.ok(took < withinMs, `programs still run after ${Math.round(took)} ms`)
    await sleep(50)
  }
  return performance.now() - from
}

describe('work that is withdrawn from a node process', { timeout: patience(500_000) }, () => {
  it('is gone within a heartbeat, to the last process in its jail, also when the node was away', async (t) => {
    const { home, address, cable, node, begin, runs, jailed } = await stand(t)
    const command = async (...args: string[]) => {
      const done = await kernelswarm(t, home, ['round', ...args, '--coordinator', address])
      assert.equal(done.code, 0, done.stderr)
    }
    const gone = async (what: string) => {
      const took = await allGone(jailed, patience(NODE_HEARTBEAT_MS))
      t.diagnostic(`${what}: gone ${Math.round(took)} ms later`)
    }

    await command('cancel', await begin())
    await gone('cancelled')

    const round = await begin()
    await command('pause', round)
    await gone('paused')
    await command('resume', round)
    await runs()

    // It goes on as long as it has not heard.
    cable.cut()
    await node.line(/"event":"disconnected"/)
    await command('cancel', round)
    assert.ok((await jailed()).length > 0)
    const heard = node.lines.length
    cable.mend()
    while (!node.lines.slice(heard).some((text) => text.includes('"event":"connected"'))) await sleep(50)
    await gone('cancelled while it was away, and back again')
  })
})
