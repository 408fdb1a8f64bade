import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'

/** A command that goes on, all of whose words are read: one that nobody reads would stand still, or end. */
export class Child {
  readonly ended: Promise<number | null>
  isOver = false
  readonly #child: ChildProcess
  #text = ''

  constructor(...[file, args, options]: [string, string[], SpawnOptions]) {
    this.#child = spawn(file, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [this.#child.stdout, this.#child.stderr]) stream?.on('data', (piece) => (this.#text += String(piece)))
    this.ended = once(this.#child, 'close').then(([code]) => {
      this.isOver = true
      return code as number | null
    })
  }

  /** What it said last. */
  get words(): string {
    return this.#text.slice(-2_000)
  }

  async heard(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.#text)
      if (found !== null) return found
      if (this.isOver) throw new Error(`it ended: ${this.words}`)
      await sleep(100)
    }
  }

  async end(): Promise<void> {
    this.#child.kill()
    await this.ended
  }
}
