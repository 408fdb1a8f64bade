import type { Ledger } from '../ledger.ts'
import type { Event } from '../state/events.ts'
import type { Journal, JournalLine } from './journal.ts'

/** Writes a line for what somebody did to a round or a program, and when a round has ended. */
export class Chronicle {
  readonly #ledger: Ledger
  readonly #journal: Journal
  /** Rounds that have not ended. */
  readonly #live: Set<string>
  #looking = false
  readonly #onChange = (event: Event) => this.#note(event)

  constructor(ledger: Ledger, journal: Journal) {
    this.#ledger = ledger
    this.#journal = journal
    const live = [...ledger.state.rounds.values()].filter(({ endedAt }) => endedAt === null)
    this.#live = new Set(live.map(({ id }) => id))
    ledger.changes.on('change', this.#onChange)
  }

  stop(): void {
    this.#ledger.changes.off('change', this.#onChange)
  }

  #note(event: Event): void {
    if (event.t === 'round-opened') this.#live.add(event.round)
    const line = lineOf(event)
    if (line !== null) this.#journal.info(line)
    this.#look()
  }

  /** Looks who has ended, once for all that happens in this turn. */
  #look(): void {
    if (this.#looking) return
    this.#looking = true
    setImmediate(() => {
      this.#looking = false
      for (const round of this.#live) this.#noteEnd(round)
    })
  }

  #noteEnd(id: string): void {
    const round = this.#ledger.state.rounds.get(id)
    if (round !== undefined && round.endedAt === null) return
    this.#live.delete(id)
    if (round === undefined) return
    const { state, judged, openedAt, endedAt } = round
    this.#journal.info({ event: `round-${state}`, round: id, judged, tookMs: (endedAt ?? openedAt) - openedAt })
  }
}

/** What is said of an event, or null: no text of a researcher's is in it. */
function lineOf(event: Event): JournalLine | null {
  switch (event.t) {
    case 'round-opened':
      return { event: event.t, round: event.round, owner: event.owner, executor: event.spec.executor }
    case 'round-sealed':
    case 'round-extended':
    case 'round-resumed':
    case 'round-closed':
      return { event: event.t, round: event.round }
    case 'round-paused':
      return { event: event.t, round: event.round, code: event.reason }
    case 'program-blocked':
    case 'program-unblocked':
      return { event: event.t, program: event.program }
    default:
      return null
  }
}
