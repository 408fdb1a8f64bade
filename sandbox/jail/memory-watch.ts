import { setInterval } from 'node:timers/promises'
import type { RunGroup } from './cgroups.ts'

/** Runs shorter than this, nearly all, are never looked at. */
const LOOK_EVERY_MS = 250

/**
 * Aborts when the kernel has killed a process of a run for memory. Version 1 of cgroups kills one process and lets the
 * others wait for it, which would be until the wall time is over; version 2 kills all at once.
 */
export class MemoryWatch implements AsyncDisposable {
  readonly #over = new AbortController()
  readonly #closed = new AbortController()
  readonly #looking: Promise<void>
  constructor(group: RunGroup) {
    this.#looking = this.#look(group).catch(() => {
      // Closed; or the counter cannot be read, and then its reader at the end of the run says so.
    })
  }

  get signal(): AbortSignal {
    return this.#over.signal
  }

  async #look(group: RunGroup): Promise<void> {
    for await (const _ of setInterval(LOOK_EVERY_MS, undefined, { signal: this.#closed.signal })) {
      if ((await group.usage()).oomKills > 0) return this.#over.abort()
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort()
    await this.#looking
  }
}
