import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { join } from 'node:path'
import type { Jail, JailResult, JailStep } from '../../../../sandbox/jail/jail.ts'
import { HOST_RESERVE_BYTES, RUN_TASKS, RUN_TEMPORARY_BYTES } from '../../../../sandbox/jail/limits.ts'
import { RUN_ENVIRONMENT } from '../../../../sandbox/jail/policy.ts'
import { leftBehind } from '../../../hostile/processes.ts'
import { equipmentOf, openKitJail } from '../jail.ts'
import { failed, type Part, pass } from '../stand.ts'

const MEMORY_BYTES = 64 * 1024 ** 2
const OUTPUT_BYTES = 64 * 1024

/** What the probe tries, and how its run may end; `probe.cpp` has the code. */
const ATTEMPTS: readonly { name: string; says: string; ends: readonly string[]; wallMs?: number }[] = [
  { name: 'files', says: 'reads files of the machine', ends: ['ended 0'] },
  { name: 'places', says: 'writes outside its folder', ends: ['ended 0'] },
  { name: 'network', says: 'reaches a listening port of the machine', ends: ['ended 0'] },
  { name: 'rights', says: 'takes rights, namespaces, mounts', ends: ['ended 0'] },
  { name: 'killer', says: 'ends other processes', ends: ['ended 0', 'ended 137', 'ended 143'] },
  { name: 'daemon', says: 'leaves a daemon', ends: ['ended 0'] },
  { name: 'processes', says: 'two hundred processes', ends: ['ended 0', 'memory'] },
  { name: 'memory', says: 'four times the memory it may have', ends: ['memory', 'ended 1', 'ended 137'] },
  { name: 'flood', says: 'output without end', ends: ['output'] },
  { name: 'endless', says: 'never ends', ends: ['wall'], wallMs: 700 },
]

/** Which jail can be made here, what holds its limits, and whether a program gets out of it. */
export const jail: Part = async ({ places, row, figures, signal }) => {
  const { jail, bubblewrap } = await openKitJail(places)
  const probe = readFileSync(join(equipmentOf(places), 'probe'))
  const stands = await runProbe(jail, probe, ['nothing'], {}, signal)
  if (stands.stdout.toString() !== 'done\n') return failed(`a program in a jail said ${JSON.stringify(stands.stdout.toString())}`)
  figures({ bubblewrap, 'limits held by': jail.limits.join(', '), 'empty jail, ms': await typicalMs(jail, probe, signal) })
  await using bait = await Bait.lay()
  for (const { name, says, ends, wallMs } of ATTEMPTS) {
    const argument = name === 'network' ? String(bait.port) : String(bait.pid)
    const result = await runProbe(jail, probe, [name, argument], wallMs === undefined ? {} : { wallMs }, signal)
    const end = result.stop === 'ended' ? `ended ${result.exitCode}` : result.stop
    const told = result.stdout.toString('latin1').match(/^ESCAPED.*$/gm) ?? []
    const seen = [
      ...told,
      ...bait.harm(),
      ...(await leftBehind(process.pid)).filter((pid) => pid !== bait.pid).map((pid) => `process ${pid} is left`),
    ]
    const ok = ends.includes(end) && seen.length === 0
    row({ name: says, outcome: ok ? 'pass' : 'fail', detail: [end, ...seen].join('; ') })
  }
  return pass()
}

async function runProbe(
  jail: Jail,
  probe: Uint8Array,
  args: string[],
  { wallMs = 10_000 },
  signal: AbortSignal,
): Promise<JailResult> {
  const step: JailStep = {
    argv: ['/probe', ...args],
    environment: RUN_ENVIRONMENT,
    mounts: [],
    data: { at: '/probe', bytes: probe },
    stdin: null,
    filter: 'run',
    limits: {
      ...{ wallMs, memoryBytes: MEMORY_BYTES, reserveBytes: HOST_RESERVE_BYTES, tasks: RUN_TASKS },
      ...{ temporaryBytes: RUN_TEMPORARY_BYTES, sharedBytes: 0, stdoutBytes: OUTPUT_BYTES },
      stderr: { maxBytes: OUTPUT_BYTES, whenFull: 'stop' },
    },
  }
  return await jail.run(step, { signal })
}

/** The middle one of a few. */
async function typicalMs(jail: Jail, probe: Uint8Array, signal: AbortSignal): Promise<number> {
  const times: number[] = []
  for (let run = 0; run < 9; run++) {
    const startedAt = performance.now()
    await runProbe(jail, probe, ['nothing'], {}, signal)
    times.push(performance.now() - startedAt)
  }
  return times.sort((a, b) => a - b)[4] ?? 0
}

/** A process and a port that nobody in a jail may reach. */
class Bait implements AsyncDisposable {
  readonly #server: Server
  readonly #victim: ChildProcess
  #reached = 0
  private constructor(server: Server, victim: ChildProcess) {
    this.#server = server
    this.#victim = victim
    server.on('connection', (socket) => {
      this.#reached++
      socket.destroy()
    })
  }

  static async lay(): Promise<Bait> {
    const victim = spawn('/bin/sh', ['-c', 'read line'], { stdio: ['pipe', 'ignore', 'ignore'] })
    const server = createServer()
    await once(server.listen(0, '127.0.0.1'), 'listening')
    return new Bait(server, victim)
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get pid(): number {
    return this.#victim.pid ?? 0
  }

  harm(): string[] {
    const ended = this.#victim.exitCode !== null || this.#victim.signalCode !== null
    return [...(this.#reached > 0 ? ['the port was reached'] : []), ...(ended ? ['a process outside was ended'] : [])]
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#victim.kill('SIGKILL')
    this.#server.close()
    await once(this.#server, 'close')
  }
}
