import { Intake } from '../../coordinator/rounds/intake.ts'
import type { Case, Side } from '../../protocol/index.ts'
import { type Fixture, makeCase, type Said, volunteer } from '../http/fixture.ts'
import { long } from './archived.ts'

const nodes = await Promise.all([volunteer(1), volunteer(2)])

/** A case of long texts; of those with one name for a side the programs of that side are the same. */
export function longCase(cpp: string, cuda: string): Case {
  return makeCase({ id: `${cpp} ${cuda}`, cpp: `// ${long(cpp)}`, cuda: `// ${long(cuda)}`, tests: 1 })
}

/** What everybody says of a program. */
export function saidOf(name: string): Said[] {
  return [['success', `${long(name)} prints this`]]
}

export function intakeOf({ ledger }: Pick<Fixture, 'ledger'>): Intake {
  return new Intake({ ledger, clock: { now: () => Date.UTC(2026, 2, 1) } })
}

/** A round of one case for each pair of names, which the nodes have voted on, but for what `silent` names. */
export async function votedRound(
  fixture: Fixture,
  name: string,
  pairs: readonly (readonly [cpp: string, cuda: string])[],
  silent: readonly string[] = [],
): Promise<string> {
  const round = await fixture.openRound(name)
  await fixture.addCases(
    round,
    pairs.map(([cpp, cuda]) => longCase(cpp, cuda)),
  )
  await fixture.sealRound(round)
  for (const [index, [cpp, cuda]] of pairs.entries()) {
    for (const [side, program] of [['cpp', cpp] as const, ['cuda', cuda] as const]) {
      if (!silent.includes(program)) await vote(fixture, round, index + 1, side, program)
    }
  }
  return round
}

/** Both nodes say of a side what everybody does, unless it is decided. */
export async function vote(fixture: Fixture, round: string, line: number, side: Side, program: string): Promise<void> {
  const { tasks, rounds } = fixture.ledger.state
  const key = rounds.get(round)?.cases[line - 1]?.tasks?.[side] ?? ''
  if (tasks.get(key)?.ballot.state === 'open') await fixture.agree(round, line, side, nodes, saidOf(program))
}
