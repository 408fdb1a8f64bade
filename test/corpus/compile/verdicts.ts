import type { TestStatus } from '../../../protocol/index.ts'
import type { Sandbox } from '../../../sandbox/index.ts'
import { runEmulated } from '../run.ts'
import type { Kind, Recorded } from './kinds.ts'
import { askNvcc } from './nvcc.ts'

/** What the installed nvcc says of kinds, in their order. */
export async function recordOf(kinds: readonly Kind[]): Promise<Recorded[]> {
  const answers = await askNvcc(kinds.map(({ code, wrapper, test }) => ({ code, wrapper, tests: [test] })))
  return kinds.map(({ id }, index) => {
    const { accepts = false, says = 'no answer' } = answers[index] ?? {}
    return { id, nvcc: accepts ? 'accepts' : 'refuses', says }
  })
}

/** How an executor's word on a kind stands to nvcc's. */
export type Standing =
  /** Both accept, or both refuse. */
  | 'agrees'
  /** The executor runs what nvcc refuses: a wrong translation would be believed. */
  | 'false-success'
  /** The executor refuses what nvcc accepts. */
  | 'false-refusal'
  /** The executor does not know: its verdict decides nothing. */
  | 'undecided'

export interface Compared {
  id: string
  standing: Standing
  status: TestStatus
  detail: string
}

/** Runs kinds on the emulated executor and compares what it makes of them with nvcc's record, in their order. */
export async function compareEmulated(
  sandbox: Sandbox,
  kinds: readonly Kind[],
  record: readonly Recorded[],
): Promise<Compared[]> {
  const found = new Map<string, Compared>()
  const said = new Map(record.map(({ id, nvcc }) => [id, nvcc]))
  const cases = kinds.map(({ id, code, wrapper, test }) => {
    return { id, cuda_code: code, cuda_wrapper: wrapper, consistent_cuda_inputs: [test] }
  })
  await runEmulated(sandbox, cases, ({ id }, tests) => {
    const { status = 'unsupported', detail = 'no test ran' } = tests[0] ?? {}
    found.set(id, { id, standing: standingOf(status, said.get(id) === 'accepts'), status, detail })
  })
  return kinds.flatMap(({ id }) => found.get(id) ?? [])
}

function standingOf(status: TestStatus, accepted: boolean): Standing {
  if (status === 'unsupported') return 'undecided'
  if ((status !== 'compile_error') === accepted) return 'agrees'
  return accepted ? 'false-refusal' : 'false-success'
}
