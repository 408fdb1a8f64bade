import type { Ledger } from '../ledger.ts'
import type { SharedCase } from '../rules/secrecy.ts'
import { casesByProgram, sharedCase } from '../sharing.ts'
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
  /** The cases, of rounds in memory and of this one, that use a program. */
  casesOf: (program: string) => Iterable<SharedCase>
  /** Batches of answers that its decisions may rest on. */
  batches: readonly BatchEntry[]
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
 */
export async function recalled(ledger: Ledger, round: RoundEntry, window: Window = ALL): Promise<Recalled> {
  const { state } = ledger
  const live = casesByProgram(state)
  const inMemory = [...state.trust.batches.values()]
  if (state.rounds.get(round.id) === round) return { round, source: state, casesOf: live, batches: inMemory }
  await ledger.shelved()
  const reading = new Reading(ledger.records)
  const cases: CaseEntry[] = []
  for await (const { item } of reading.cases(round, window.from, window.to)) cases[item.index] = item
  const read = await reading.tasks(new Set(Object.values(cases).flatMap(namesIn)))
  const known = new Map(read.map((entry) => [entry.key, entry]))
  // What others use, too, may have gone on since.
  const tasks = { get: (key: string) => state.tasks.get(key) ?? known.get(key) }
  const whole: RoundEntry = { ...round, cases }
  const own = byProgram(Object.values(cases))
  return {
    round: whole,
    source: { tasks, evidence: (of, item, test) => evidenceIn(tasks, of, item, test) },
    casesOf: function* (program) {
      yield* live(program)
      for (const item of own.get(program) ?? []) yield sharedCase({ tasks }, whole, item)
    },
    batches: [...inMemory, ...(await reading.batches(round.id))],
  }
}

function byProgram(cases: readonly CaseEntry[]): Map<string, CaseEntry[]> {
  const found = new Map<string, CaseEntry[]>()
  for (const item of cases) {
    for (const program of new Set([item.programs.cpp, item.programs.cuda])) {
      const sharing = found.get(program)
      if (sharing === undefined) found.set(program, [item])
      else sharing.push(item)
    }
  }
  return found
}
