import { once } from 'node:events'

/** Work that several ask for at the same time is done once, and its result given to all who ask before it ends. */
export class Underway<T> {
  readonly #works = new Map<string, Promise<T>>()

  /**
   * Does the work, or waits for who does it already. Who waits takes over where that one fails, is aborted, or comes to what
   * is not for others (`forAll`).
   * @throws the signal's reason when aborted while waiting
   */
  async once(key: string, work: () => Promise<T>, options: { signal: AbortSignal; forAll: (result: T) => boolean }): Promise<T> {
    const { signal, forAll } = options
    for (let other = this.#works.get(key); other !== undefined; other = this.#works.get(key)) {
      const ended = await endOf(other, signal)
      if (ended !== null && forAll(ended.result)) return ended.result
    }
    const own = work().finally(() => this.#works.delete(key))
    this.#works.set(key, own)
    return await own
  }
}

/** Null where it failed: why is its own caller's matter. */
async function endOf<T>(work: Promise<T>, signal: AbortSignal): Promise<{ result: T } | null> {
  signal.throwIfAborted()
  const waiting = new AbortController()
  const aborted = once(signal, 'abort', { signal: waiting.signal }).catch(() => null)
  try {
    const ended = await Promise.race([work.then((result) => ({ result })).catch(() => null), aborted])
    signal.throwIfAborted()
    return ended as { result: T } | null
  } finally {
    waiting.abort()
  }
}
