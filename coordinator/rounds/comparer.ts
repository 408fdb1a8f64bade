import { decodeReport, differenceOf, SIDES, type Side } from '../../protocol/index.ts'
import type { Clock } from '../clock.ts'
import type { Ledger } from '../ledger.ts'
import type { Journal } from '../operations/journal.ts'
import type { CaseEntry, RoundEntry } from '../state/model.ts'

export interface ComparerComponents {
  ledger: Ledger
  clock: Clock
  log: Journal
}

/**
 * Compares the isolated runs of cases where their bytes differ, one test after the other, and records what came out. What
 * is left to compare stands in the state, so that a coordinator that was stopped goes on where it was.
 */
export class Comparer {
  readonly #c: ComparerComponents
  #work: Promise<void> | null = null
  #stopped = false
  readonly #onChange = () => this.#wake()

  constructor(components: ComparerComponents) {
    this.#c = components
  }

  start(): void {
    this.#c.ledger.changes.on('change', this.#onChange)
    this.#wake()
  }

  /** Resolves when nothing is being compared any more. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#c.ledger.changes.off('change', this.#onChange)
    await this.#work
  }

  #wake(): void {
    if (this.#work !== null || this.#stopped || this.#c.ledger.state.comparing.size === 0) return
    this.#work = this.#compareAll()
      .catch((error: Error) => this.#c.log.error({ event: 'comparison-failed', detail: error.message }))
      .finally(() => {
        this.#work = null
      })
  }

  async #compareAll(): Promise<void> {
    const { ledger, clock } = this.#c
    while (!this.#stopped) {
      const [next] = ledger.state.comparing.values()
      if (next === undefined) return
      const equal = await this.#compare(next.round, next.index)
      // It may have been cancelled meanwhile, or what was compared no longer be what is decided.
      if (ledger.state.comparing.get(`${next.round}/${next.index}`) !== next) continue
      ledger.record({ t: 'compared', at: clock.now(), ...next, equal }).catch(() => undefined)
    }
  }

  async #compare(id: string, index: number): Promise<(boolean | null)[]> {
    const round = this.#c.ledger.state.rounds.get(id) as RoundEntry
    const item = round.cases[index] as CaseEntry
    const equal: (boolean | null)[] = []
    for (let test = 0; test < item.tests; test++) equal.push(await this.#equal(round, item, test))
    return equal
  }

  async #equal(round: RoundEntry, item: CaseEntry, test: number): Promise<boolean | null> {
    const evidence = this.#c.ledger.state.evidence(round, item, test)
    const outputOf = (side: Side) => {
      const cell = evidence[side].strict.isolated
      return cell?.status === 'success' ? cell.output : null
    }
    const [a, b] = SIDES.map(outputOf) as [string | null, string | null]
    if (a === null || b === null) return null
    return a === b || differenceOf(await this.#report(a), await this.#report(b), round.spec.compare) === null
  }

  async #report(cid: string) {
    const bytes = await this.#c.ledger.store.blob(cid)
    if (bytes === undefined) throw new Error(`${cid} is named in the event log and missing in the store`)
    return decodeReport(bytes)
  }
}
