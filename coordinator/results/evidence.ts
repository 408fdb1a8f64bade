import { researcher, type Sight, seeingToo } from '../sight.ts'
import type { IncidentRow } from '../trust/incident.ts'
import { incidentRow } from '../trust/incident.ts'
import type { BatchEntry, OperatorEntry } from '../trust/model.ts'
import type { Trust } from '../trust/trust.ts'
import type { OperatorNames } from './operator-names.ts'
import type { Snapshot } from './snapshot.ts'

/** A batch that is through. Tasks that are not in the archive are counted and not named. */
interface BatchRecord {
  name: string
  operator: string
  /** The round it was gathered in; null where that is another one. */
  round: string | null
  state: BatchEntry['state']
  answers: number
  drawnAt: number | null
  passed: number
  voided: number
  drawn: { task: string; result: 'passed' | 'void' | 'none' }[]
}

/** How an operator that voted in the round stood. */
interface OperatorRecord {
  name: string
  standing: OperatorEntry['standing']
  establishedAt: number | null
  /** The answers by which it came in; `task` is null where that is not in the archive. */
  shown: { task: string | null; verdict: string }[]
  passed: number
  judged: number
  strikes: number
  suspensions: number
}

/**
 * What decisions under a confidence policy rest on beside votes: copied at one moment, since it goes on changing.
 * A batch whose checks are under way is left out, so that nobody learns what is being checked.
 */
export interface Evidence {
  batches: readonly BatchRecord[]
  operators: readonly OperatorRecord[]
  incidents: readonly (IncidentRow & { operator: string })[]
}

const NONE: Evidence = { batches: [], operators: [], incidents: [] }

/** What the round's owner may know of: his own rounds, the tasks of this one, and what anybody may. */
export function ownersSight({ round, tasks }: Snapshot, state: Parameters<typeof researcher>[0]): Sight {
  return seeingToo(researcher(state, round.owner), new Set([...tasks.values()].map(({ entry }) => entry.id)))
}

/** @param sight what the round's owner may know of; asked for where there is something to hide */
export function evidenceOf(
  trust: Pick<Trust, 'operators' | 'incidents'>,
  batches: readonly BatchEntry[],
  snapshot: Snapshot,
  names: OperatorNames,
  sight: () => Sight,
): Evidence {
  if (snapshot.round.spec.policy.kind === 'majority') return NONE
  const views = [...snapshot.tasks.values()]
  const votes = views.flatMap((view) => view.votes)
  const voters = new Set(votes.map(({ operator }) => operator))
  const used = new Set(votes.flatMap(({ trust }) => trust?.counted?.batch ?? []))
  const tasks = new Map(views.map(({ entry }) => [entry.key, entry.id]))
  const through = batches.filter(
    ({ id, round, state }) =>
      state !== 'gathering' &&
      state !== 'checking' &&
      (used.has(id) || (round === snapshot.round.id && snapshot.state === 'aggregated')),
  )
  const known = new Set(tasks.values())
  const seen = sight()
  return {
    batches: through.map((batch) => batchRecord(batch, snapshot.round.id, tasks, names)),
    operators: [...voters].map((operator) => operatorRecord(trust.operators.peek(operator), known, names)),
    incidents: trust.incidents
      .filter(({ operator }) => voters.has(operator))
      .map((incident) => ({ ...incidentRow(incident, seen), operator: names.of(incident.operator) })),
  }
}

function batchRecord(batch: BatchEntry, round: string, tasks: ReadonlyMap<string, string>, names: OperatorNames): BatchRecord {
  const { id, operator, state, drawnAt, passed, voided } = batch
  const result = (key: string) => (passed.has(key) ? 'passed' : voided.has(key) ? 'void' : 'none')
  const drawn = [...batch.drawn].flatMap((key) => {
    const task = tasks.get(key)
    return task === undefined ? [] : [{ task, result: result(key) } as const]
  })
  return {
    ...{ name: names.of(id), operator: names.of(operator), round: batch.round === round ? round : null, state, drawnAt },
    ...{ answers: batch.answers, passed: passed.size, voided: voided.size, drawn },
  }
}

function operatorRecord(entry: OperatorEntry, known: ReadonlySet<string>, names: OperatorNames): OperatorRecord {
  const { operator, standing, establishedAt, shown, passed, judged, strikes, suspensions } = entry
  return {
    ...{ name: names.of(operator), standing, establishedAt, passed, judged, strikes, suspensions },
    shown: shown.map(({ task, verdict }) => ({ task: known.has(task) ? task : null, verdict })),
  }
}
