import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Seen } from './volunteers.ts'
import type { Said, Told } from './volunteers-process.ts'

const MAIN = fileURLToPath(new URL('../../../bin/main.ts', import.meta.url))
const VOLUNTEERS = fileURLToPath(new URL('volunteers-process.ts', import.meta.url))

/** The coordinator as people start it, in a process of its own, with its log in a file. */
export class CoordinatorProcess implements AsyncDisposable {
  readonly pid: number
  readonly address: string
  readonly #child: ChildProcess
  readonly #gone: Promise<unknown>
  /** Rejects with the end of its log when it ends before it is told to. */
  readonly failed: Promise<never>
  #stopping = false

  private constructor(child: ChildProcess, gone: Promise<unknown>, address: string, log: string) {
    this.#child = child
    this.#gone = gone
    this.pid = child.pid as number
    this.address = address
    this.failed = gone.then(async () => {
      if (this.#stopping) return await new Promise<never>(() => {})
      throw new Error(`the coordinator ended:\n${(await readFile(log, 'utf8')).slice(-4_000)}`)
    })
    // Who waits for something else hears of it then.
    this.failed.catch(() => undefined)
  }

  /** @param init.profile folder for a profile of its processor time, which it writes when it ends */
  static async start(folder: string, init: { profile: string | null }): Promise<CoordinatorProcess> {
    const profiling = init.profile === null ? [] : ['--cpu-prof', `--cpu-prof-dir=${init.profile}`]
    const file = join(folder, 'coordinator.log')
    const log = await open(file, 'a')
    const options = [
      '--data',
      join(folder, 'coordinator'),
      '--listen',
      '/ip4/127.0.0.1/tcp/0',
      '--http',
      'off',
      '--arrivals',
      '200',
    ]
    const child = spawn(process.execPath, [...profiling, MAIN, 'coordinator', ...options], { stdio: ['ignore', 'pipe', log.fd] })
    await log.close()
    // Whatever ends the bench ends what it measures.
    process.once('exit', () => child.kill('SIGKILL'))
    const gone = once(child, 'exit')
    const address = await Promise.race([addressIn(child), gone.then(() => null)])
    if (address === null) throw new Error(`the coordinator ended at once; ${await readFile(file, 'utf8')}`)
    return new CoordinatorProcess(child, gone, address, file)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping = true
    if (this.#child.exitCode === null) this.#child.kill('SIGTERM')
    await this.#gone
  }
}

async function addressIn({ stdout }: ChildProcess): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>()
  if (stdout === null) throw new Error('the coordinator has no standard output')
  createInterface({ input: stdout }).on('line', (line) => {
    const found = /--coordinator (\S+\/p2p\/\w+)/.exec(line)?.[1]
    if (found !== undefined) resolve(found)
  })
  return await promise
}

/** A process of nodes. */
export class VolunteersProcess implements AsyncDisposable {
  readonly pid: number
  readonly #child: ChildProcess
  readonly #gone: Promise<unknown>
  #seen: Promise<Seen> = Promise.resolve({ welcomed: 0, lost: 0, refused: 0, acknowledged: 0, served: 0, ackMs: [] })

  constructor() {
    this.#child = fork(VOLUNTEERS, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    this.pid = this.#child.pid as number
    this.#gone = once(this.#child, 'exit')
  }

  /** One order after the other; resolves to what its nodes have seen when it is done. */
  tell(told: Told): Promise<Seen> {
    this.#seen = this.#seen.then(async () => {
      const answered = once(this.#child, 'message') as Promise<[Said]>
      this.#child.send(told)
      const [said] = await Promise.race([answered, this.#gone.then(() => Promise.reject(new Error('a process of nodes ended')))])
      return said.seen
    })
    return this.#seen
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.connected) this.#child.disconnect()
    await this.#gone
  }
}
