import type { RoundProgress } from '../../protocol/index.ts'

/** How much of a round had ended when. */
interface Mark {
  at: number
  ended: number
}

/** Between two marks of a round; and marks kept, which is ten minutes. */
const BETWEEN_MS = 10_000
const MARKS = 60
/** A pace is told when it rests on so much time. */
const LEAST_MS = 5_000
/** Rounds of which marks are kept: those that go on and are looked at. */
const MAX_ROUNDS = 200

/** How fast rounds go, as seen by whoever looks at them: nothing is kept of what nobody looks at, or of what has ended. */
export class Paces {
  readonly #marks = new Map<string, Mark[]>()

  /**
   * How long a round takes at the pace of the last minutes, milliseconds.
   * @param now by a clock that is never set
   */
  toGo(round: string, { state, paused, tasks }: Pick<RoundProgress, 'state' | 'paused' | 'tasks'>, now: number): number | null {
    if (paused !== null || (state !== 'open' && state !== 'verifying')) {
      this.#marks.delete(round)
      return null
    }
    const ended = tasks.decided + tasks.undecided
    const marks = this.#marks.get(round) ?? []
    const last = marks.at(-1)
    if (last === undefined || now - last.at >= BETWEEN_MS) {
      marks.push({ at: now, ended })
      if (marks.length > MARKS) marks.shift()
    }
    this.#marks.delete(round)
    this.#marks.set(round, marks)
    const [oldest = ''] = this.#marks.keys()
    if (this.#marks.size > MAX_ROUNDS) this.#marks.delete(oldest)
    const first = marks[0] as Mark
    const done = ended - first.ended
    if (now - first.at < LEAST_MS || done <= 0) return null
    return Math.round(((tasks.total - ended) * (now - first.at)) / done)
  }
}
