import { SIDES } from '../../protocol/index.ts'
import type { Breath } from '../breath.ts'
import type { Event } from '../state/events.ts'
import type { RoundEntry, TaskEntry } from '../state/model.ts'
import type { State } from '../state/state.ts'

/** Bits of the filter: a million contents in use keep one of a hundred thousand others, five million one of three hundred. */
const BITS = 2 ** 26
/** Bits set for a content; each is picked by six letters of its hash. */
const PICKS = 4
const LETTERS = 6

type Live = Pick<State, 'rounds' | 'tasks' | 'byProgram'>

/**
 * The contents that something in memory names, while others are pruned: a Bloom filter, 8 MiB whatever there is. What is in use
 * is always known as such; now and then something else is taken for used, and stays.
 *
 * It is filled in steps, in which rounds go on: what they come to name meanwhile is told by `note`.
 */
export class Used {
  readonly #bits = new Uint8Array(BITS / 8)
  readonly #marked = new Set<string>()

  has(cid: string): boolean {
    for (let pick = 0; pick < PICKS; pick++) {
      const bit = bitOf(cid, pick)
      if (((this.#bits[bit >>> 3] as number) & (1 << (bit & 7))) === 0) return false
    }
    return true
  }

  /** Whether all that a round named when the marking began is marked. */
  covers(round: string): boolean {
    return this.#marked.has(round)
  }

  /**
   * Marks all that is in memory. Rounds that have ended are first, as they may leave it before this is through.
   * @param goesOn asked at every round, whether it still is of use
   */
  async mark(live: Live, breath: Breath, goesOn: () => boolean): Promise<void> {
    const ended = ({ endedAt }: RoundEntry) => endedAt !== null
    const rounds = [...live.rounds.values()]
    for (const round of [...rounds.filter(ended), ...rounds.filter((one) => !ended(one))]) {
      if (!goesOn()) return
      await this.#markRound(live, round, breath)
    }
    for (const entry of live.tasks.values()) {
      if (entry.rounds.length === 0) this.#markTask(entry)
      await breath.take()
    }
  }

  /** To be told every event that was applied from the beginning of `mark` on. */
  note(event: Event, live: Live): void {
    if (event.t === 'verdict') for (const { output } of event.cells) this.add(output)
    if (event.t === 'round-opened') this.#marked.add(event.round)
    if (event.t !== 'cases-added') return
    for (const { programs, reference } of event.cases) {
      if (reference !== undefined) this.add(reference)
      for (const side of SIDES) {
        this.add(programs[side])
        // Decisions that were made before came back with them.
        for (const entry of live.byProgram.get(programs[side]) ?? []) this.#markTask(entry)
      }
    }
  }

  add(cid: string): void {
    for (let pick = 0; pick < PICKS; pick++) {
      const bit = bitOf(cid, pick)
      this.#bits[bit >>> 3] = (this.#bits[bit >>> 3] as number) | (1 << (bit & 7))
    }
  }

  async #markRound(live: Live, round: RoundEntry, breath: Breath): Promise<void> {
    for (const { programs, reference } of round.cases) {
      for (const side of SIDES) this.add(programs[side])
      if (reference !== undefined) this.add(reference)
      await breath.take()
    }
    for (const key of round.tasks) {
      const entry = live.tasks.get(key)
      if (entry !== undefined) this.#markTask(entry)
      await breath.take()
    }
    // Not while it is half done: it may have left memory in between.
    if (live.rounds.has(round.id)) this.#marked.add(round.id)
  }

  #markTask({ task, votes, arrivals }: TaskEntry): void {
    this.add(task.program)
    for (const { vote } of arrivals) this.#markCells(vote)
    for (const vote of votes) {
      this.#markCells(vote)
      for (const answer of vote.trust?.again ?? []) this.#markCells(answer)
    }
  }

  #markCells({ cells }: { cells: readonly { output: string }[] }): void {
    for (const { output } of cells) this.add(output)
  }
}

/** The letters of a name before its last one are of its hash, five bits each. */
function bitOf(cid: string, pick: number): number {
  let bits = 0
  for (let at = cid.length - 1 - LETTERS * (pick + 1), end = at + LETTERS; at < end; at++)
    bits = bits * 32 + letterOf(cid.charCodeAt(at))
  return bits % BITS
}

/** In the alphabet of base32: a to z, 2 to 7. */
function letterOf(code: number): number {
  return code >= 97 ? code - 97 : code - 24
}
