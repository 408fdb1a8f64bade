import type { Program, RunLimits } from '../../protocol/index.ts'
import type { Sandbox, TestRun } from '../../sandbox/index.ts'
import type { Row } from './rows.ts'

const LIMITS: RunLimits = { wallMs: 10_000, memoryBytes: 256 * 1024 ** 2, outputBytes: 256 * 1024 }

/** A row's program in the isolated pass. */
export async function runIsolated(
  sandbox: Sandbox,
  { side, code, wrapper = '', tests, limits }: Pick<Row, 'side' | 'code' | 'wrapper' | 'tests' | 'limits'>,
): Promise<TestRun[]> {
  const program: Program = { v: 1, side, code, wrapper, tests: [...tests] }
  const { signal } = new AbortController()
  const executor = side === 'cpp' ? 'host' : 'emulated'
  return (await sandbox.execute(program, executor, { ...LIMITS, ...limits }, { signal, pass: 'isolated' })).tests
}

/** What is not as the row says, in words. */
export function surprises({ ends, flags, says = [], tests }: Row, runs: readonly TestRun[]): string[] {
  const wrong = runs.flatMap((run, at) => {
    const wanted = [ends[at] ?? 'success'].flat()
    const found = run.findings.map(({ flag }) => flag)
    return [
      ...(wanted.includes(run.status) ? [] : [`test ${at + 1} ended as ${run.status}: ${run.detail.slice(0, 300)}`]),
      ...(found.join() === (flags?.[at] ?? []).join() ? [] : [`test ${at + 1}: ${saidBy(run).join('; ') || 'nothing found'}`]),
    ]
  })
  const said = runs.flatMap((run) => [...saidBy(run), run.detail])
  const unsaid = says.filter((words) => !said.some((text) => words.test(text)))
  if (runs.length !== tests.length) wrong.push(`${runs.length} of ${tests.length} tests`)
  return [...wrong, ...unsaid.map((words) => `nobody said ${words} but ${said.join('; ')}`)]
}

const saidBy = ({ findings }: TestRun) => findings.map(({ file, line, what }) => `${file}:${line} ${what}`)
