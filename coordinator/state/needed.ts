import {
  type ExecutorName,
  type LaterPass,
  type Pass,
  type RoundSpec,
  SIDES,
  type Side,
  STRICT_PASSES,
  type StrictPass,
  type Task,
  taskId,
} from '../../protocol/index.ts'
import type { CaseRecord } from './events.ts'
import type { CaseEntry } from './model.ts'

/** Which tasks a case may come to need under its round's terms, and their names. */

/** Names of tasks by what they are, since hashing is asynchronous and a fold is not. */
export type TaskNames = Map<string, string>

function executorOf({ executor }: RoundSpec, side: Side): ExecutorName {
  return side === 'cpp' ? 'host' : executor
}

/** The strict passes a round wants of one side. */
export function strictPasses(spec: RoundSpec, side: Side): StrictPass[] {
  return STRICT_PASSES[executorOf(spec, side)].filter((pass) => spec.passes.includes(pass))
}

/**
 * All passes that a round wants of one side of a case after its plain run: the strict ones, and of an original of the C++ side its
 * coverage, which no judgement asks for.
 */
export function laterPasses(spec: RoundSpec, side: Side, source: Side): LaterPass[] {
  return [...strictPasses(spec, side), ...(measuresCoverage(spec, side) && side === source ? ['coverage' as const] : [])]
}

/** Whether a round has the coverage of originals of that side measured. */
export function measuresCoverage(spec: RoundSpec, side: Side): boolean {
  return spec.coverage === true && executorOf(spec, side) === 'host'
}

/** The task of one side of a case in one pass, under a round's terms. */
export function taskOf(spec: RoundSpec, record: CaseRecord, side: Side, pass: Pass): Task {
  return { program: record.programs[side], executor: executorOf(spec, side), pass, limits: spec.limits }
}

function nameKey({ program, executor, pass }: Task): string {
  return `${executor}:${pass}:${program}`
}

function tasksOf(spec: RoundSpec, record: CaseRecord): { side: Side; task: Task }[] {
  return SIDES.flatMap((side) =>
    (['plain', ...laterPasses(spec, side, record.source)] as const).map((pass) => ({
      side,
      task: taskOf(spec, record, side, pass),
    })),
  )
}

/** Works out the names that `apply` of a `cases-added` event needs. */
export async function nameTasks(spec: RoundSpec, cases: readonly CaseRecord[]): Promise<TaskNames> {
  const tasks = cases.flatMap((record) => tasksOf(spec, record).map(({ task }) => task))
  return new Map(await Promise.all(tasks.map(async (task) => [nameKey(task), await taskId(task)] as const)))
}

/** The names of all tasks a case may need, by side and pass. */
export function namesOf(spec: RoundSpec, record: CaseRecord, names: TaskNames): CaseEntry['names'] {
  const found: CaseEntry['names'] = { cpp: {}, cuda: {} }
  for (const { side, task } of tasksOf(spec, record)) {
    const name = names.get(nameKey(task))
    if (name !== undefined) found[side][task.pass] = name
  }
  return found
}

/** Names of all tasks that a case may need. */
export function namesIn({ names }: Pick<CaseEntry, 'names'>): string[] {
  return SIDES.flatMap((side) => Object.values(names[side]))
}
