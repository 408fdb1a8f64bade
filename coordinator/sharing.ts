import type { CasesOf, SharedCase } from './rules/secrecy.ts'
import { type CaseEntry, type RoundEntry, type TaskEntry, taskKeys } from './state/model.ts'
import type { State } from './state/state.ts'

/** What of the state tells who shares a program. */
export type Shared = Pick<State, 'tasks' | 'rounds' | 'byProgram'>

/** A case as the secrecy rule sees it. */
export function sharedCase({ tasks }: { tasks: Pick<Shared['tasks'], 'get'> }, round: RoundEntry, item: CaseEntry): SharedCase {
  const programs = [item.programs.cpp, item.programs.cuda]
  const running = taskKeys(item).some((key) => (tasks.get(key)?.open.size ?? 0) > 0)
  if (running) return { programs, standing: 'open' }
  if (item.judgement !== null) return { programs, standing: 'judged' }
  return { programs, standing: round.state === 'cancelled' ? 'abandoned' : 'open' }
}

interface User {
  round: RoundEntry
  item: CaseEntry
}

/** The cases, of all rounds, that use a program, each once. */
function* usersOf({ byProgram, rounds }: Shared, program: string): Generator<User> {
  const seen = new Set<CaseEntry>()
  for (const { users } of byProgram.get(program) ?? []) {
    for (const user of users) {
      const round = rounds.get(user.round)
      const item = round?.cases[user.index]
      if (round === undefined || item === undefined || seen.has(item)) continue
      seen.add(item)
      yield { round, item }
    }
  }
}

/** The same as the secrecy rule wants it. */
export function casesByProgram(state: Shared): CasesOf {
  return function* (program) {
    for (const { round, item } of usersOf(state, program)) yield sharedCase(state, round, item)
  }
}

/** The same for a task that may have left memory: its rounds were judged then, or given up. */
export function casesWith(
  state: Shared & Pick<State, 'closedRounds'>,
  { task, rounds }: Pick<TaskEntry, 'task' | 'rounds'>,
): CasesOf {
  const live = casesByProgram(state)
  const judged = rounds.some((round) => state.closedRounds.get(round)?.state === 'aggregated')
  return function* (program) {
    yield* live(program)
    if (judged && program === task.program) yield { programs: [program], standing: 'judged' }
  }
}

/**
 * How many cases keep a finished round's results back: cases of other researchers' rounds that were opened before it, are not
 * judged, and share a program with it, followed to the end of the sharing. Whoever sends the same programs again cannot learn
 * from his own round what they print before the others have voted. Nobody waits for a round opened later, so that no
 * researcher can keep another from his results.
 */
export function countHolding(state: Shared, round: RoundEntry): number {
  const earlier = new Set<RoundEntry>()
  // What has left memory was kept back for nobody then, and is not by what came later.
  if (!state.rounds.has(round.id)) return 0
  for (const other of state.rounds.values()) {
    if (other === round) break
    if (other.owner !== round.owner && (other.state === 'open' || other.state === 'verifying')) earlier.add(other)
  }
  if (earlier.size === 0) return 0
  const reached = new Set(round.cases.flatMap(({ programs }) => [programs.cpp, programs.cuda]))
  const holding = new Set<CaseEntry>()
  for (const program of reached) {
    for (const { round: owner, item } of usersOf(state, program)) {
      if (earlier.has(owner) && item.judgement === null) holding.add(item)
      reached.add(item.programs.cpp).add(item.programs.cuda)
    }
  }
  return holding.size
}
