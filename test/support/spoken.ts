import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/** What is looked for in a line: a regular expression, or what answers like one. */
interface Pattern<T> {
  exec(line: string): T | null
}

/** A process that goes on, all of whose lines are read, and can be waited for: one that nobody reads would stand still, or end. */
export class Spoken {
  readonly child: ChildProcess
  readonly lines: string[] = []
  readonly ended: Promise<number | null>
  isOver = false
  readonly #kept: number
  readonly #waiting = new Set<(line: string) => void>()

  /** @param each is given every line as it comes @param kept of what it said, lines that are remembered */
  constructor(child: ChildProcess, each: (line: string) => void = () => undefined, kept = Number.POSITIVE_INFINITY) {
    this.child = child
    this.#kept = kept
    this.ended = once(child, 'close').then(([code]) => {
      this.isOver = true
      return code as number | null
    })
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) continue
      createInterface({ input: stream }).on('line', (line) => {
        each(line)
        this.#hear(line)
      })
    }
  }

  /** What it said last. */
  get words(): string {
    return this.lines.slice(-30).join('\n')
  }

  /** The first line, past or to come, that matches. @throws when the process ends before */
  async line<T>(pattern: Pattern<T>): Promise<T> {
    for (const line of this.lines) {
      const match = pattern.exec(line)
      if (match !== null) return match
    }
    const { promise, resolve } = Promise.withResolvers<T>()
    const look = (line: string) => {
      const match = pattern.exec(line)
      if (match !== null) resolve(match)
    }
    this.#waiting.add(look)
    const ended = this.ended.then((code) => {
      throw new Error(`ended with ${code} before a line like ${pattern}:\n${this.lines.join('\n')}`)
    })
    return await Promise.race([promise, ended]).finally(() => this.#waiting.delete(look))
  }

  /** Ends it, and waits for that. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    if (!this.isOver) this.child.kill(signal)
    await this.ended
  }

  #hear(line: string): void {
    this.lines.push(line)
    if (this.lines.length > this.#kept) this.lines.shift()
    for (const look of this.#waiting) look(line)
  }
}
