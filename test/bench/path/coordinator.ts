import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Said, Told } from './coordinator-process.ts'

const PROCESS = fileURLToPath(new URL('coordinator-process.ts', import.meta.url))

/** A coordinator in a process of its own, whose rounds are answered as soon as it is told so. */
export class AnsweringCoordinator implements AsyncDisposable {
  readonly address: string
  readonly #child: ChildProcess
  readonly #gone: Promise<unknown>

  private constructor(child: ChildProcess, gone: Promise<unknown>, address: string) {
    this.#child = child
    this.#gone = gone
    this.address = address
  }

  /** @param heapMib what its engine may take: tasks of rounds under way are taken in up to three quarters of that */
  static async start(data: string, heapMib: number): Promise<AnsweringCoordinator> {
    const child = fork(PROCESS, [data], { execArgv: ['--expose-gc', `--max-old-space-size=${heapMib}`] })
    const gone = once(child, 'exit')
    // Whatever ends the bench ends what it measures.
    process.once('exit', () => child.kill('SIGKILL'))
    const { address } = await heard(child, gone, 'ready')
    return new AnsweringCoordinator(child, gone, address)
  }

  /** @returns verdicts that were recorded */
  async answer(round: string): Promise<number> {
    return (await this.#ask({ t: 'answer', round }, 'answered')).verdicts
  }

  /** From now on its memory and its turns are watched. @returns bytes of heap in use */
  async watch(): Promise<number> {
    return (await this.#ask({ t: 'watch' }, 'watching')).heapBytes
  }

  /** What was seen since. */
  async seen(): Promise<Extract<Said, { t: 'seen' }>> {
    return await this.#ask({ t: 'seen' }, 'seen')
  }

  async #ask<T extends Said['t']>(told: Told, answer: T): Promise<Extract<Said, { t: T }>> {
    const said = heard(this.#child, this.#gone, answer)
    this.#child.send(told)
    return await said
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.connected) this.#child.disconnect()
    await this.#gone
  }
}

async function heard<T extends Said['t']>(child: ChildProcess, gone: Promise<unknown>, t: T): Promise<Extract<Said, { t: T }>> {
  const ended = gone.then(() => Promise.reject(new Error('the coordinator ended')))
  const [said] = (await Promise.race([once(child, 'message'), ended])) as [Said]
  if (said.t !== t) throw new Error(`${said.t} where ${t} was expected`)
  return said as Extract<Said, { t: T }>
}
