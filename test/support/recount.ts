import assert from 'node:assert/strict'
import { type SharedCase, secrecy } from '../../coordinator/rules/secrecy.ts'
import { byPrograms, mayShowIn, standingIn } from '../../coordinator/sharing.ts'
import { isSplit, noTasks, type RoundEntry, type TaskEntry, taskState } from '../../coordinator/state/model.ts'
import type { State } from '../../coordinator/state/state.ts'

/** What the fold keeps beside tasks and cases must be what a pass over all of them says. */
export function assertCounted(state: State): void {
  for (const round of state.rounds.values()) assertRoundCounted(state, round)
  const byProgram = Map.groupBy(state.tasks.values(), ({ task }) => task.program)
  assert.deepEqual([...state.byProgram.keys()].sort(), [...byProgram.keys()].sort())
  for (const [program, entries] of byProgram) assert.deepEqual(new Set(state.byProgram.get(program)), new Set(entries))
  assertSecret(state)
}

/** What may be shown is what the secrecy rule says of all cases, followed from one to the next. */
function assertSecret(state: State): void {
  const cases = [...state.rounds.values()].flatMap((round) =>
    round.cases.flatMap((item): SharedCase[] => {
      if (item.tasks === null) return []
      return [{ programs: [item.programs.cpp, item.programs.cuda], standing: standingIn(state.tasks, round, item) }]
    }),
  )
  const shared = byPrograms(cases)
  const mayShow = secrecy((program) => shared.get(program) ?? [])
  const kept = mayShowIn(state)
  for (const program of state.byProgram.keys()) assert.equal(kept(program), mayShow(program), `program ${program}`)
}

function assertRoundCounted({ tasks }: State, round: RoundEntry): void {
  const entries = [...round.tasks].map((key) => tasks.get(key) as TaskEntry)
  const counts = noTasks()
  for (const entry of entries) {
    counts[taskState(entry)]++
    counts.verdicts += entry.votes.length
    counts.disagreements += Number(isSplit(entry))
    counts.blocked += Number(entry.givenUp === 'blocked')
    counts.limited += Number(entry.givenUp === 'limit')
    const rounds = [...new Set(entry.users.map((user) => user.round))]
    assert.deepEqual(entry.rounds.toSorted(), rounds.sort(), 'the rounds of a task')
  }
  assert.deepEqual(round.counts, counts, 'how the tasks of a round stand')
  const judgements = { equivalent: 0, different: 0, invalid: 0, undecided: 0 }
  for (const { judgement } of round.cases) if (judgement !== null) judgements[judgement[round.spec.rule]]++
  assert.deepEqual(round.judgements, judgements)
  const open = entries.filter(({ ballot }) => ballot.state === 'open')
  const provisional = entries.filter(({ ballot }) => ballot.state === 'provisional' && ballot.wanted > 0)
  assert.deepEqual([...round.unsettled].sort(), [...open, ...provisional].map(({ key }) => key).sort(), 'unsettled')
  const troubled = open.filter(({ declines }) => declines.size > 0)
  assert.deepEqual([...round.troubled].sort(), troubled.map(({ key }) => key).sort(), 'given back')
}
