import type { CellVote } from '../../../coordinator/rules/ballot.ts'
import type { CaseRecord } from '../../../coordinator/state/events.ts'
import type { Flag, Pass, Side, Task } from '../../../protocol/index.ts'
import { fixed } from '../engine/random.ts'
import { taskMs } from './times.ts'

/** How a case's translation does, and what share of cases does so: roughly what is seen of machine translations. */
const FATES = [
  { fate: 'right', share: 0.6 },
  { fate: 'wrong', share: 0.22 },
  { fate: 'compile_error', share: 0.08 },
  { fate: 'runtime_error', share: 0.04 },
  { fate: 'flagged', share: 0.06 },
] as const
type Fate = (typeof FATES)[number]['fate']

/** Of a translation that is wrong, the share of tests that show it. */
const SHOWN_BY_TEST = 0.6
/** What a nondeterministic test may print. */
const VARIANTS = 3

export interface WorkloadInit {
  /** Equal names have equal truths. */
  name: string
  cases: number
  tests: number
  /** Share of tests of the translation that print something else each time. */
  nondeterministic: number
  /** Share of tests of the translation that print something else on each processor family. */
  archDependent: number
}

/**
 * Cases of a round whose truth the simulator knows and the coordinator does not. Everything about a case follows from its
 * name, so nothing is stored beside the names.
 */
export class Workload {
  readonly #init: WorkloadInit

  constructor(init: WorkloadInit) {
    this.#init = init
  }

  cases(): CaseRecord[] {
    const { name, cases, tests } = this.#init
    return Array.from({ length: cases }, (_, index) => ({
      id: index,
      problem: `${name}-${index}`,
      source: 'cpp',
      programs: { cpp: `${name}-${index}.cpp`, cuda: `${name}-${index}.cuda` },
      tests,
    }))
  }

  /** Whether a program is of this workload. */
  has({ program }: Pick<Task, 'program'>): boolean {
    return program.startsWith(`${this.#init.name}-`)
  }

  /** What honest runs of a test say on a processor family: one thing, or several where the test is nondeterministic. */
  possible({ program, pass }: Pick<Task, 'program' | 'pass'>, test: number, cpu: string): readonly CellVote[] {
    const { name, side } = parts(program)
    const fate = fateOf(name)
    if (side === 'cpp') return [cellOf('success', pass, `${name}/${test}`)]
    if (fate === 'compile_error') return [cellOf('compile_error', pass, '')]
    const shown = fixed(`${name}/${test}/shown`) < SHOWN_BY_TEST
    if (fate === 'runtime_error' && shown) return [cellOf('runtime_error', pass, '')]
    const output = `${name}/${test}${fate === 'wrong' && shown ? '/wrong' : ''}`
    if (pass === 'sanitized' || pass === 'races')
      return [cellOf('success', pass, '', fate === 'flagged' && shown ? FLAGS[pass] : undefined)]
    return this.#outputs(`${name}/${test}`, output, cpu).map((text) => cellOf('success', pass, text))
  }

  /** Whether honest runs on two processor families may say different things. */
  dependsOnCpu(task: Pick<Task, 'program' | 'pass'>, test: number): boolean {
    const [one, other] = ['one', 'other'].map((cpu) => JSON.stringify(this.possible(task, test, cpu)))
    return one !== other
  }

  #outputs(test: string, output: string, cpu: string): string[] {
    const odd = fixed(`${test}/odd`)
    const { nondeterministic, archDependent } = this.#init
    if (odd < nondeterministic) return Array.from({ length: VARIANTS }, (_, variant) => `${output}/${variant}`)
    return [odd < nondeterministic + archDependent ? `${output}/${cpu}` : output]
  }

  /** What a node that runs nothing would say: that the translation does what the original does. */
  likeliest({ program, pass }: Pick<Task, 'program' | 'pass'>, test: number): CellVote {
    return cellOf('success', pass, `${parts(program).name}/${test}`)
  }

  /** How long one run of a task takes on the machine whose times were recorded, milliseconds. */
  taskMs({ program, executor, pass }: Pick<Task, 'program' | 'pass' | 'executor'>): number {
    return taskMs(executor, pass, fixed(`${program}/${pass}/ms`))
  }
}

const FLAGS: Record<'sanitized' | 'races', Flag> = { sanitized: 'undefined-behaviour', races: 'race' }

function parts(program: string): { name: string; side: Side } {
  const dot = program.lastIndexOf('.')
  return { name: program.slice(0, dot), side: program.slice(dot + 1) as Side }
}

function fateOf(name: string): Fate {
  let left = fixed(`${name}/fate`)
  for (const { fate, share } of FATES) {
    left -= share
    if (left < 0) return fate
  }
  return 'right'
}

/** A cell as a node would vote it; passes that compare no output have none. Digests are the texts themselves. */
export function cellOf(status: CellVote['status'], pass: Pass, text: string, flag?: Flag): CellVote {
  const output = pass === 'sanitized' || pass === 'races' ? '' : text
  const findings = flag === undefined ? [] : [{ flag, file: 'code', line: 1, what: `${flag} simulated` }]
  return { status, output, compat: output, masked: output, findings }
}
