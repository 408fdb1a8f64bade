import { CHEAP_CASES, KEPT_MS_A_CASE, MAX_KEPT } from './limits.ts'

interface Answer<T> {
  version: number
  madeAt: number
  made: Promise<T>
  done: boolean
}

/**
 * Answers that cost a pass over many cases: who asks for what is being made, or was made of the same log, is given that; so is,
 * for some time, who asks about a large round that has gone on since. A bounded number of them.
 */
export class Kept<T> {
  readonly #answers = new Map<string, Answer<T>>()
  readonly #now: () => number

  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  /**
   * @param version of what it is made from
   * @param cases how many are looked at
   */
  async get(key: string, version: number, cases: number, make: () => Promise<T>): Promise<T> {
    const known = this.#answers.get(key)
    if (known !== undefined && (!known.done || known.version === version || this.#isFresh(known, cases))) return await known.made
    const answer: Answer<T> = { version, madeAt: this.#now(), made: make(), done: false }
    this.#answers.delete(key)
    this.#answers.set(key, answer)
    const [oldest = ''] = this.#answers.keys()
    if (this.#answers.size > MAX_KEPT) this.#answers.delete(oldest)
    try {
      return await answer.made
    } catch (error) {
      if (this.#answers.get(key) === answer) this.#answers.delete(key)
      throw error
    } finally {
      answer.done = true
      answer.madeAt = this.#now()
    }
  }

  #isFresh({ madeAt }: Answer<T>, cases: number): boolean {
    return cases > CHEAP_CASES && this.#now() - madeAt < cases * KEPT_MS_A_CASE
  }
}
