import type { Ledger } from '../ledger.ts'
import { type Beside, byPrograms, standingIn } from '../sharing.ts'
import { evidenceIn } from '../state/evidence.ts'
import type { CaseEntry, RoundEntry, TaskEntry } from '../state/model.ts'
import { namesIn } from '../state/needed.ts'
import type { State } from '../state/state.ts'
import type { BatchEntry } from '../trust/model.ts'
import { Reading } from './views.ts'

/** A round with what its results and pages are made from, in memory or read from the records. */
export interface Recalled {
  round: RoundEntry
  /** The tasks of the round; while it is in memory, all there are. */
  source: Pick<State, 'evidence'> & { tasks: Pick<ReadonlyMap<string, TaskEntry>, 'get'> }
  /** Its cases that are not in memory, for the secrecy rule. */
  beside: Beside
  /** Batches of answers that its decisions may rest on. */
  batches: readonly BatchEntry[]
  /** The tasks that were read from the records. */
  read: readonly TaskEntry[]
}

/** Cases of a closed round that are read: from one index up to, and without, another. */
export interface Window {
  from: number
  to: number
}

const ALL: Window = { from: 0, to: Number.POSITIVE_INFINITY }

/**
 * A round as it stands, or, where it has left memory, as it stood then; of that only the cases asked for are there, each at
 * its index. Links between programs through other closed rounds are not followed: what these share was shown to anybody.
 * @param before another part of the round, whose tasks need not be read again
 */
export async function recalled(
  ledger: Ledger,
  round: RoundEntry,
  window: Window = ALL,
  before?: Pick<Recalled, 'read'>,
): Promise<Recalled> {
  const { state } = ledger
  const inMemory = [...state.trust.batches.values()]
  if (state.rounds.get(round.id) === round) return { round, source: state, beside: new Map(), batches: inMemory, read: [] }
  await ledger.shelved()
  const reading = new Reading(ledger.records)
  const cases: CaseEntry[] = []
  for await (const { item } of reading.cases(round, window.from, window.to)) cases[item.index] = item
  const names = new Set(Object.values(cases).flatMap(namesIn))
  const again = (before?.read ?? []).filter(({ id }) => names.has(id))
  for (const { id } of again) names.delete(id)
  const read = [...again, ...(await reading.tasks(names))]
  const batches = [...inMemory, ...(await reading.batches(round.id))]
  const known = new Map(read.map((entry) => [entry.key, entry]))
  // What others use, too, may have gone on since.
  const tasks = { get: (key: string) => state.tasks.get(key) ?? known.get(key) }
  const whole: RoundEntry = { ...round, cases }
  const shared = Object.values(cases).map((item) => ({
    programs: [item.programs.cpp, item.programs.cuda],
    standing: standingIn(tasks, whole, item),
  }))
  return {
    round: whole,
    source: { tasks, evidence: (of, item, test) => evidenceIn(tasks, of, item, test) },
    beside: byPrograms(shared),
    batches,
    read,
  }
}
