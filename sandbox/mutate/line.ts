import type { Mutant } from './mutate.ts'

/** The names of a case file's fields. */
const FIELD_OF = { cpp: 'cpp_code', cuda: 'cuda_code', wrapper: 'cuda_wrapper' } as const

/**
 * A mutant as a line of a case file, with its line end. `mutant` says what was changed; of it a
 * round keeps origin and kind, for scores. Outputs known for the origin are left out: they are not the mutant's.
 */
export function formatMutant({ case: one, origin, kind, part, line, column, from, to }: Mutant): string {
  const fields = {
    id: one.id,
    problem: one.problem,
    source: one.source === 'cpp' ? 'CPP' : 'CUDA',
    cpp_code: one.cpp,
    cuda_code: one.cuda,
    cuda_wrapper: one.wrapper,
    consistent_cpp_inputs: one.cppTests,
    consistent_cuda_inputs: one.cudaTests,
    mutant: { origin, kind, field: FIELD_OF[part], line, column, from, to },
  }
  return `${JSON.stringify(fields)}\n`
}
