import { createHash } from 'node:crypto'
import { basename, dirname, resolve } from 'node:path'
import { readYaml, waysTo } from '../../protocol/index.ts'
import { isThere } from './command.ts'
import { WorkFolder } from './folder.ts'
import { Plan } from './plan.ts'
import { type Terms, termsOf } from './terms.ts'

/** A plan that was read and checked, with what follows from it. */
export interface CheckedPlan {
  plan: Plan
  terms: Terms
  /** Commands run here, and relative names are as seen from here. */
  folder: string
  work: WorkFolder
  text: string
  /** SHA-256 of the text, hex. */
  digest: string
}

/**
 * Reads a plan and checks all of it that can be checked before anything runs.
 * @throws UsageError naming file, line, field and what was expected
 */
export async function readPlan(file: string): Promise<CheckedPlan> {
  const { value: plan, text, complain } = await readYaml(file, Plan)
  const folder = dirname(resolve(file))
  const terms = termsOf(plan, complain)
  const { coordinator, key } = plan.verify
  if (coordinator === undefined && key !== undefined)
    throw complain(['verify', 'key'], 'is for a coordinator elsewhere; none is named')
  try {
    if (coordinator !== undefined) waysTo(coordinator)
  } catch (error) {
    throw complain(['verify', 'coordinator'], (error as Error).message)
  }
  for (const step of ['generate', 'train'] as const) {
    const { run } = plan[step]
    if (!(await isThere(run, folder))) throw complain([step, 'run'], `${run[0]}: no such program`)
  }
  const work = new WorkFolder(resolve(folder, plan.work ?? `${basename(file).replace(/\.ya?ml$/, '')}.evolve`))
  return { plan, terms, folder, work, text, digest: createHash('sha256').update(text).digest('hex') }
}
