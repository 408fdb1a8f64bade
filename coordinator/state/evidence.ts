import type { Side } from '../../protocol/index.ts'
import { hasSameFill, type SideEvidence, type TestEvidence } from '../rules/judge.ts'
import type { SameFill } from './events.ts'
import type { CaseEntry, RoundHead, TaskEntry } from './model.ts'
import { strictPasses } from './needed.ts'

/** What is decided about one test of a case, with its tasks at hand. */
export function evidenceIn(
  tasks: { get(key: string): Pick<TaskEntry, 'ballot'> | undefined },
  { spec }: RoundHead,
  item: CaseEntry,
  test: number,
): TestEvidence {
  const decided = (key: string | undefined) => (key === undefined ? null : (tasks.get(key)?.ballot.cells[test] ?? null))
  const side = (name: Side): SideEvidence => ({
    plain: decided(item.tasks?.[name]),
    strict: Object.fromEntries(strictPasses(spec, name).map((pass) => [pass, decided(item.strict[name][pass])])),
    sameFill: item.fill?.[name][test] ?? null,
  })
  return { cpp: side('cpp'), cuda: side('cuda'), equal: item.equal?.[test] ?? null }
}

/** By side and test, whether the plain and the isolated run printed the same bytes. */
export function fillOf(tests: readonly TestEvidence[]): SameFill {
  return { cpp: tests.map(({ cpp }) => hasSameFill(cpp)), cuda: tests.map(({ cuda }) => hasSameFill(cuda)) }
}

/** Whether the isolated runs of both sides report the same bytes; null where there is nothing to compare. */
export function sameIsolated({ cpp, cuda }: TestEvidence): true | 'unlike' | null {
  const [a, b] = [cpp.strict.isolated, cuda.strict.isolated]
  if (a?.status !== 'success' || b?.status !== 'success') return null
  return a.output === b.output ? true : 'unlike'
}
