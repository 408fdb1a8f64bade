import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Seen } from './volunteers.ts'
import type { Said, Told } from './volunteers-process.ts'

const COMMAND = fileURLToPath(new URL('../../../bin/kernelswarm', import.meta.url))
const VOLUNTEERS = fileURLToPath(new URL('volunteers-process.ts', import.meta.url))

/** The coordinator as people start it, in a process of its own, with its log in a file. */
export class CoordinatorProcess implements AsyncDisposable {
  readonly pid: number
  readonly address: string
  /** Where its page is, or null. */
  readonly url: string | null
  readonly #child: ChildProcess
  readonly #gone: Promise<unknown>
  /** Rejects with the end of its log when it ends before it is told to. */
  readonly failed: Promise<never>
  #stopping = false

  private constructor(child: ChildProcess, gone: Promise<unknown>, { address, url }: Addresses, log: string) {
    this.#child = child
    this.#gone = gone
    this.pid = child.pid as number
    this.address = address
    this.url = url
    this.failed = gone.then(async () => {
      if (this.#stopping) return await new Promise<never>(() => {})
      throw new Error(`the coordinator ended:\n${(await readFile(log, 'utf8')).slice(-4_000)}`)
    })
    // Who waits for something else hears of it then.
    this.failed.catch(() => undefined)
  }

  /**
   * @param init.profile folder for a profile of its processor time, which it writes when it ends
   * @param init.http whether it serves its page
   */
  static async start(folder: string, init: { profile: string | null; http?: boolean }): Promise<CoordinatorProcess> {
    const profiling = init.profile === null ? [] : ['--cpu-prof', `--cpu-prof-dir=${init.profile}`]
    const file = join(folder, 'coordinator.log')
    const log = await open(file, 'a')
    const options = [
      '--data',
      join(folder, 'coordinator'),
      '--listen',
      '/ip4/127.0.0.1/tcp/0',
      '--http',
      init.http === true ? '127.0.0.1:0' : 'off',
      '--arrivals',
      '200',
    ]
    const child = spawn(COMMAND, ['coordinator', ...options], {
      stdio: ['ignore', 'pipe', log.fd],
      env: { ...process.env, NODE_OPTIONS: [process.env.NODE_OPTIONS ?? '', ...profiling].join(' ') },
    })
    await log.close()
    // Whatever ends the bench ends what it measures.
    process.once('exit', () => child.kill('SIGKILL'))
    const gone = once(child, 'exit')
    const addresses = await Promise.race([addressesIn(child), gone.then(() => null)])
    if (addresses === null) throw new Error(`the coordinator ended at once; ${await readFile(file, 'utf8')}`)
    return new CoordinatorProcess(child, gone, addresses, file)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping = true
    if (this.#child.exitCode === null) this.#child.kill('SIGTERM')
    await this.#gone
  }
}

interface Addresses {
  address: string
  url: string | null
}

/** The page's is said first, where there is one. */
async function addressesIn({ stdout }: ChildProcess): Promise<Addresses> {
  const { promise, resolve } = Promise.withResolvers<Addresses>()
  let url: string | null = null
  if (stdout === null) throw new Error('the coordinator has no standard output')
  createInterface({ input: stdout }).on('line', (line) => {
    url ??= /^page\s+(http:\S+)/.exec(line)?.[1] ?? null
    const address = /--coordinator (\S+\/p2p\/\w+)/.exec(line)?.[1]
    if (address !== undefined) resolve({ address, url })
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
