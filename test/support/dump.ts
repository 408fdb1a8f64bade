import type { State } from '../../coordinator/state/state.ts'
import { encode } from '../../coordinator/views/records.ts'

/** Everything a state holds; sets in one order where theirs means nothing. */
export function dump(state: State): unknown {
  const {
    blocked,
    closedRounds,
    rounds,
    tasks,
    assignments,
    holding,
    wanting,
    comparing,
    named,
    byProgram,
    nodes,
    trust,
    totals,
  } = state
  const batches = [...trust.batches.values()].map(({ tasks: keys, ...batch }) => {
    return { ...batch, tasks: batch.state === 'gathering' || batch.state === 'checking' ? [...keys] : [] }
  })
  const operators = [...trust.operators.values()].map((one) => ({ ...one, live: [...one.live], batches: [...one.batches] }))
  const all = {
    ...{ totals, blocked, closedRounds, rounds, assignments, holding, wanting, comparing, named, nodes, batches },
    tasks: [...tasks.values()],
    byProgram: [...byProgram].map(([program, entries]) => [program, entries.map(({ key }) => key).sort()]),
    operators: operators.sort((a, b) => (a.operator < b.operator ? -1 : 1)),
    live: [...trust.live],
    due: trust.batches.due,
    gathering: trust.batches.gathering,
    known: [...trust.known.lists].sort(),
    owed: [...trust.owed.entries()],
    incidents: trust.incidents,
  }
  return JSON.parse(encode(all), (_, one) =>
    Array.isArray(one?.$set) ? one.$set.sort() : Array.isArray(one?.$map) ? one.$map.sort() : one,
  )
}
