import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** A process of a bench that is told what to do, and answers each order once it is done. */
export class ToldProcess<Told extends object, Said> implements AsyncDisposable {
  readonly pid: number
  readonly #child: ChildProcess
  readonly #gone: Promise<unknown>
  #last: Promise<unknown> = Promise.resolve()

  /** @param engine flags of the process' engine */
  constructor(file: URL, engine: readonly string[] = []) {
    this.#child = fork(fileURLToPath(file), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], execArgv: [...engine] })
    this.pid = this.#child.pid as number
    this.#gone = once(this.#child, 'exit')
  }

  /** One order after the other; resolves to the answer. @throws when the process has ended */
  tell(told: Told): Promise<Said> {
    const answer = this.#last.then(async () => {
      const answered = once(this.#child, 'message') as Promise<[Said]>
      this.#child.send(told)
      const ended = this.#gone.then(() => Promise.reject(new Error(`the process of ${this.#child.spawnargs[1]} ended`)))
      const [said] = await Promise.race([answered, ended])
      return said
    })
    this.#last = answer
    return answer
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.connected) this.#child.disconnect()
    await this.#gone
  }
}
