import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Said, Told } from './hostile-process.ts'

const PROCESS = fileURLToPath(new URL('hostile-process.ts', import.meta.url))

/** A process of hostile peers, each with an address of its own. */
export class Hostile implements AsyncDisposable {
  readonly #child: ChildProcess
  readonly #gone: Promise<unknown>

  constructor() {
    this.#child = fork(PROCESS, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    this.#gone = once(this.#child, 'exit')
  }

  /** Resolves to how often its peers have tried something so far. */
  async tell(told: Told): Promise<number> {
    const answered = once(this.#child, 'message') as Promise<[Said]>
    this.#child.send(told)
    const [{ tries }] = await Promise.race([
      answered,
      this.#gone.then(() => Promise.reject(new Error('the process of hostile peers ended'))),
    ])
    return tries
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.connected) this.#child.disconnect()
    await this.#gone
  }
}
