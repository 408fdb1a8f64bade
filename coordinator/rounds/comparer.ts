import { decodeReport, differenceOf, differenceOfTexts, outputsApart, SIDES, type Side } from '../../protocol/index.ts'
import { ArchiveError } from '../archives/folder.ts'
import type { Clock } from '../clock.ts'
import type { Ledger } from '../ledger.ts'
import type { Journal } from '../operations/journal.ts'
import { hasSameFill, type SideEvidence, type TestEvidence } from '../rules/judge.ts'
import type { Measured, OutputPair } from '../state/distances.ts'
import type { CaseEntry, RoundEntry, TaskEntry } from '../state/model.ts'

export interface ComparerComponents {
  ledger: Ledger
  clock: Clock
  log: Journal
}

/** How long what could not be compared is left alone: what it needs is in an archive that cannot be read, and may be mended. */
const ASIDE_MS = 60_000

/**
 * Compares outputs whose bytes differ, one pair after the other, and records what came out: those of several nodes to one
 * program, before their votes are counted, and then what both sides of a case say. What is left to compare stands in the
 * state, so that a coordinator that was stopped goes on where it was.
 */
export class Comparer {
  readonly #c: ComparerComponents
  #work: Promise<void> | null = null
  #stopped = false
  /** By what is left alone for now, until when. */
  readonly #aside = new Map<string, number>()
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
    const { measuring, comparing } = this.#c.ledger.state
    if (this.#work !== null || this.#stopped || measuring.size + comparing.size === 0) return
    this.#work = this.#compareAll()
      .catch((error: Error) => this.#c.log.error({ event: 'comparison-failed', detail: error.message }))
      .finally(() => {
        this.#work = null
      })
  }

  async #compareAll(): Promise<void> {
    const { state } = this.#c.ledger
    while (!this.#stopped) {
      const task = this.#firstOf(state.measuring)
      const key = task === null ? this.#firstOf(state.comparing.keys()) : null
      const next = state.comparing.get(key ?? '')
      if (task !== null) await this.#measure(task).catch((error: Error) => this.#leave(task, error))
      else if (key !== null && next !== undefined) await this.#compare(next).catch((error: Error) => this.#leave(key, error))
      else return
    }
  }

  /** The first that is not left alone for now. */
  #firstOf(waiting: Iterable<string>): string | null {
    const now = performance.now()
    for (const key of waiting) {
      const until = this.#aside.get(key)
      if (until === undefined) return key
      if (until > now) continue
      this.#aside.delete(key)
      return key
    }
    return null
  }

  /** What is in an archive that cannot be read holds up nobody else's comparisons. */
  #leave(key: string, error: Error): void {
    if (!(error instanceof ArchiveError)) throw error
    this.#c.log.error({ event: 'comparison-failed', detail: error.message })
    const now = performance.now()
    for (const [other, until] of this.#aside) if (until <= now) this.#aside.delete(other)
    this.#aside.set(key, now + ASIDE_MS)
    setTimeout(() => this.#wake(), ASIDE_MS + 1).unref()
  }

  /** Compares the outputs of the oldest answer that waits with those that are counted. */
  async #measure(task: string): Promise<void> {
    const { ledger, clock } = this.#c
    const entry = ledger.state.tasks.get(task) as TaskEntry
    const pairs: Measured[] = []
    for (const pair of entry.distances.missing(entry.arrivals[0]?.vote.cells ?? [])) {
      pairs.push({ ...pair, tolerances: await this.#apart(entry, pair) })
    }
    ledger.record({ t: 'measured', at: clock.now(), task, pairs }).catch(() => undefined)
  }

  async #apart({ distances: { compare }, task }: TaskEntry, { a, b }: OutputPair): Promise<number | null> {
    return compare === null ? null : outputsApart(task.pass, await this.#bytes(a), await this.#bytes(b), compare)
  }

  async #compare(next: { round: string; index: number }): Promise<void> {
    const { ledger, clock } = this.#c
    const round = ledger.state.rounds.get(next.round) as RoundEntry
    const item = round.cases[next.index] as CaseEntry
    const equal: (boolean | null)[] = []
    const fill: Record<Side, (boolean | null)[]> = { cpp: [], cuda: [] }
    for (let test = 0; test < item.tests; test++) {
      const evidence = ledger.state.evidence(round, item, test)
      equal.push(await this.#equal(round, evidence))
      for (const side of SIDES) fill[side].push(await this.#sameFill(round, evidence[side]))
    }
    // It may have been cancelled meanwhile, or what was compared no longer be what is decided.
    if (ledger.state.comparing.get(`${next.round}/${next.index}`) !== next) return
    ledger.record({ t: 'compared', at: clock.now(), ...next, equal, fill }).catch(() => undefined)
  }

  async #equal({ spec }: RoundEntry, evidence: TestEvidence): Promise<boolean | null> {
    const outputOf = (side: Side) => {
      const cell = evidence[side].strict.isolated
      return cell?.status === 'success' ? cell.output : null
    }
    const [a, b] = SIDES.map(outputOf) as [string | null, string | null]
    if (a === null || b === null) return null
    return a === b || differenceOf(await this.#report(a), await this.#report(b), spec.compare) === null
  }

  /** Whether a side printed the same in the plain and in the isolated run: there, too, numbers have a tolerance, where answers have one. */
  async #sameFill({ votes, spec: { compare } }: RoundEntry, evidence: SideEvidence): Promise<boolean | null> {
    const same = hasSameFill(evidence)
    const { plain, strict } = evidence
    if (same !== false || votes === 'digest' || compare.kind === 'exact' || !plain || !strict.isolated) return same
    const { printed } = await this.#report(strict.isolated.output)
    return differenceOfTexts(await this.#bytes(plain.output), printed, compare.float) === null
  }

  async #report(cid: string) {
    return decodeReport(await this.#bytes(cid))
  }

  async #bytes(cid: string): Promise<Uint8Array> {
    const bytes = await this.#c.ledger.store.content(cid)
    if (bytes === undefined) throw new Error(`${cid} is named in the event log and missing in the store`)
    return bytes
  }
}
