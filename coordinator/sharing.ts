import type { CasesOf, SharedCase } from './rules/secrecy.ts'
import { type CaseEntry, type RoundEntry, taskKeys } from './state/model.ts'
import type { State } from './state/state.ts'

/** What of the state tells who shares a program. */
export type Shared = Pick<State, 'tasks' | 'rounds'>

/** A case as the secrecy rule sees it. */
export function sharedCase({ tasks }: Shared, round: RoundEntry, item: CaseEntry): SharedCase {
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

/** The cases, of all rounds, by the programs they use: one pass over all tasks. */
function usersByProgram({ tasks, rounds }: Shared): Map<string, Map<CaseEntry, User>> {
  const byProgram = new Map<string, Map<CaseEntry, User>>()
  for (const { task, users } of tasks.values()) {
    const known = byProgram.get(task.program) ?? new Map<CaseEntry, User>()
    byProgram.set(task.program, known)
    for (const user of users) {
      const round = rounds.get(user.round)
      const item = round?.cases[user.index]
      if (round !== undefined && item !== undefined) known.set(item, { round, item })
    }
  }
  return byProgram
}

/** The same as the secrecy rule wants it; good for as long as nothing changes. */
export function casesByProgram(state: Shared): CasesOf {
  const users = usersByProgram(state)
  return (program) => [...(users.get(program)?.values() ?? [])].map(({ round, item }) => sharedCase(state, round, item))
}

/**
 * How many cases keep a finished round's results back: cases of other researchers' rounds that were opened before it, are not
 * judged, and share a program with it, followed to the end of the sharing. Whoever sends the same programs again cannot learn
 * from his own round what they print before the others have voted. Nobody waits for a round opened later, so that no
 * researcher can keep another from his results.
 */
export function countHolding(state: Shared, round: RoundEntry): number {
  const earlier = new Set<RoundEntry>()
  for (const other of state.rounds.values()) {
    if (other === round) break
    if (other.owner !== round.owner && (other.state === 'open' || other.state === 'verifying')) earlier.add(other)
  }
  if (earlier.size === 0) return 0
  const users = usersByProgram(state)
  const reached = new Set(round.cases.flatMap(({ programs }) => [programs.cpp, programs.cuda]))
  const holding = new Set<CaseEntry>()
  for (const program of reached) {
    for (const { round: owner, item } of users.get(program)?.values() ?? []) {
      if (earlier.has(owner) && item.judgement === null) holding.add(item)
      reached.add(item.programs.cpp).add(item.programs.cuda)
    }
  }
  return holding.size
}
