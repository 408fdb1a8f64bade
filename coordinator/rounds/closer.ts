import type { Clock } from '../clock.ts'
import type { Ledger } from '../ledger.ts'
import { mayClose } from '../state/closing.ts'

/** How often it is seen which rounds may leave memory. */
const INTERVAL_MS = 5_000
/** How long a round stays in memory after its end: its results are fetched then, and who watches it sees how it ended. */
export const CLOSED_AFTER_MS = 60_000

/** Lets rounds that have ended leave memory, some time after. */
export class Closer {
  readonly #c: { ledger: Ledger; clock: Clock }
  #timer: NodeJS.Timeout | null = null

  constructor(components: { ledger: Ledger; clock: Clock }) {
    this.#c = components
  }

  start(): void {
    this.#timer = setInterval(() => this.look(), INTERVAL_MS).unref()
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#timer = null
  }

  /** Closes what may be closed by now; while the disk fails nothing. */
  look(): void {
    const { ledger, clock } = this.#c
    if (ledger.condition.state === 'failing') return
    const at = clock.now()
    for (const round of [...ledger.state.rounds.values()]) {
      if (round.endedAt === null || at - round.endedAt < CLOSED_AFTER_MS || !mayClose(ledger.state, round)) continue
      ledger.record({ t: 'round-closed', at, round: round.id }).catch(() => undefined)
    }
  }
}
