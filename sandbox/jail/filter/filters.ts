import { SandboxFault } from '../../types.ts'
import { assembleFilter } from './assemble.ts'
import { PROCESSORS } from './calls.ts'
import type { FilterName } from './policy.ts'

const FILTERS: readonly FilterName[] = ['run', 'compile', 'gpu', 'gpu-more', 'gpu-checked']
/** Of these there is one more, under which a refused call is a signal, so that a probe of ours can name it. */
const NAMED = ['gpu', 'gpu-more'] as const
export type FilterChoice = FilterName | `${(typeof NAMED)[number]}-named`

/** The file of a filter, beside the launcher. */
export function filterFile(name: FilterChoice): string {
  return `${name}.bpf`
}

/** All filters for this machine's processor. @throws SandboxFault `jail` where we do not know its calls */
export function filterFiles(architecture: string = process.arch): { path: string; bytes: Uint8Array }[] {
  const processor = PROCESSORS.find((name) => name === architecture)
  if (processor === undefined) throw new SandboxFault('jail', `the system calls of ${architecture} processors are not known here`)
  return [
    ...FILTERS.map((name) => ({ path: filterFile(name), bytes: assembleFilter(name, processor) })),
    ...NAMED.map((name) => ({ path: filterFile(`${name}-named`), bytes: assembleFilter(name, processor, 'signal') })),
  ]
}
