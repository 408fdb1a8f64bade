import { existsSync, readFileSync } from 'node:fs'
import type { Program } from '../../../protocol/index.ts'
import { readKinds, readRecord } from '../../corpus/compile/kinds.ts'
import { functionOf, readPrograms, testsCalling } from '../../corpus/read.ts'

export interface NamedProgram {
  id: string
  program: Program
  /** Whether nvcc refuses it, where that is on record. */
  refused?: boolean
}

const DEV = new URL('../../../../shared/data/babeltower/eval-dev.jsonl', import.meta.url)
const EXAMPLES = new URL('../../../docs/examples/first-round.jsonl', import.meta.url)

/** The CUDA sides of the corpus. */
export function corpusPrograms(): NamedProgram[] {
  return readPrograms().map((one) => ({
    id: `corpus ${one.id}`,
    program: cuda(one.kernel, one.wrapper, testsCalling(one, `${functionOf(one)}_cuda`)),
  }))
}

/** Those of the examples, each program once. */
export function examplePrograms(): NamedProgram[] {
  const all = linesOf(EXAMPLES, 'example')
  return all.filter(({ program }, at) => all.findIndex((one) => JSON.stringify(one.program) === JSON.stringify(program)) === at)
}

/** Real ones, where the folder beside this project has them. */
export function devPrograms(): NamedProgram[] {
  return existsSync(DEV) ? linesOf(DEV, 'dev') : []
}

/** The kinds of compile errors and near misses: neither way may build what nvcc refuses. */
export function kindPrograms(): NamedProgram[] {
  const refused = new Set(readRecord().flatMap(({ id, nvcc }) => (nvcc === 'refuses' ? [id] : [])))
  return readKinds().map(({ id, code, wrapper, test }) => ({
    id: `kind ${id}`,
    program: cuda(code, wrapper, [test]),
    refused: refused.has(id),
  }))
}

function linesOf(file: URL, from: string): NamedProgram[] {
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean)
  return lines.map((line, at) => {
    const { id = at + 1, cuda_code, cuda_wrapper, consistent_cuda_inputs } = JSON.parse(line)
    return { id: `${from} ${id}`, program: cuda(cuda_code, cuda_wrapper, consistent_cuda_inputs) }
  })
}

function cuda(code: string, wrapper: string, tests: string[]): Program {
  return { v: 1, side: 'cuda', code, wrapper, tests }
}
