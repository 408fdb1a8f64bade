import { type MayShow, type SharedCase, type Standing, secrecy } from './rules/secrecy.ts'
import type { Connections } from './state/connections.ts'
import { type CaseEntry, type RoundEntry, type TaskEntry, taskKeys } from './state/model.ts'
import type { State } from './state/state.ts'

/** What of the state tells who shares a program. */
export type Shared = Pick<State, 'rounds' | 'byProgram' | 'connections'>

/** What of it answers for all that hangs together in memory. */
export interface Connected {
  connections: Pick<Connections, 'standingOf' | 'partOf'>
}

/** Cases that are not in memory, by the programs they use. */
export type Beside = ReadonlyMap<string, readonly SharedCase[]>

/** How a case stands as the secrecy rule sees it. */
export function standingIn(tasks: Pick<ReadonlyMap<string, TaskEntry>, 'get'>, round: RoundEntry, item: CaseEntry): Standing {
  if (taskKeys(item).some((key) => (tasks.get(key)?.open.size ?? 0) > 0)) return 'open'
  if (item.judgement !== null) return 'judged'
  return round.state === 'cancelled' ? 'abandoned' : 'open'
}

/** Cases by the programs they use. */
export function byPrograms(cases: Iterable<SharedCase>): Beside {
  const found = new Map<string, SharedCase[]>()
  for (const item of cases) {
    for (const program of new Set(item.programs)) {
      const sharing = found.get(program)
      if (sharing === undefined) found.set(program, [item])
      else sharing.push(item)
    }
  }
  return found
}

/**
 * The secrecy rule over all cases in memory, and some beside them. What memory holds of a program is taken for one case, which
 * stands as all that hangs together there, so that no look at it costs a walk over those who share it.
 */
export function mayShowIn({ connections }: Connected, beside: Beside = NONE): MayShow {
  if (beside.size === 0) return (program) => connections.standingOf(program) === 'judged'
  const together = Map.groupBy(beside.keys(), (program) => connections.partOf(program))
  return secrecy(function* (program) {
    yield* beside.get(program) ?? []
    const standing = connections.standingOf(program)
    if (standing === undefined) return
    // The first of those that hang together in memory leads to all others, and each of these to it.
    const [first = program, ...others] = together.get(connections.partOf(program)) ?? []
    yield { programs: program === first ? others : [first], standing }
  })
}

const NONE: Beside = new Map()

/** The same for a task that may have left memory: its rounds were judged then, or given up. */
export function mayShowOf(
  state: Shared & Pick<State, 'closedRounds'>,
  { task: { program }, rounds }: Pick<TaskEntry, 'task' | 'rounds'>,
): boolean {
  const judged = rounds.some((round) => state.closedRounds.get(round)?.state === 'aggregated')
  const beside = judged ? byPrograms([{ programs: [program], standing: 'judged' }]) : NONE
  return mayShowIn(state, beside)(program)
}

/**
 * How many cases keep a finished round's results back: cases of other researchers' rounds that were opened before it, are not
 * judged, and share a program with it, followed to the end of the sharing. Whoever sends the same programs again cannot learn
 * from his own round what they print before the others have voted. Nobody waits for a round opened later, so that no
 * researcher can keep another from his results.
 */
export function countHolding({ rounds, byProgram, connections }: Shared, round: RoundEntry): number {
  const earlier = new Set<RoundEntry>()
  // What has left memory was kept back for nobody then, and is not by what came later.
  if (!rounds.has(round.id)) return 0
  for (const other of rounds.values()) {
    if (other === round) break
    if (other.owner !== round.owner && (other.state === 'open' || other.state === 'verifying')) earlier.add(other)
  }
  if (earlier.size === 0) return 0
  const waiting = round.cases.filter(({ programs }) => connections.standingOf(programs.cpp) === 'open')
  const reached = new Set(waiting.flatMap(({ programs }) => [programs.cpp, programs.cuda]))
  const holding = new Set<CaseEntry>()
  for (const program of reached) {
    for (const { users } of byProgram.get(program) ?? []) {
      for (const user of users) {
        const owner = rounds.get(user.round)
        const item = owner?.cases[user.index]
        if (owner === undefined || item === undefined) continue
        if (earlier.has(owner) && item.judgement === null) holding.add(item)
        reached.add(item.programs.cpp).add(item.programs.cuda)
      }
    }
  }
  return holding.size
}
