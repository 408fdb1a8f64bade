/**
 * Builds the corpus from its readable sources: programs/*.cu -> corpus.jsonl, one case a line with the outputs of its
 * sequential function. `node test/corpus/build.ts` writes the file, `--check` compares it with what it would write.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { type CorpusProgram, functionOf, readPrograms, testsCalling } from './read.ts'
import { runSequential } from './sequential.ts'

export const linesFile = new URL('corpus.jsonl', import.meta.url)

/** A line of the file: a case as researchers bring them, with its known outputs, and what the corpus says of it. */
export interface CorpusLine {
  id: string
  features: string[]
  fails: string | null
  cpp_code: string
  cuda_code: string
  cuda_wrapper: string
  consistent_cpp_inputs: string[]
  consistent_cuda_inputs: string[]
  consistent_outputs: string[]
}

/** @throws Error when the sequential side does not compile or run */
export function buildCorpus(programs: readonly CorpusProgram[]): string {
  const outputs = runSequential(programs)
  return programs.map((program) => `${JSON.stringify(lineOf(program, outputs.get(program.id) ?? []))}\n`).join('')
}

/** The recorded corpus. */
export function readCorpus(): CorpusLine[] {
  const lines = readFileSync(linesFile, 'utf8').trimEnd().split('\n')
  return lines.map((line) => JSON.parse(line) as CorpusLine)
}

function lineOf(program: CorpusProgram, outputs: string[]): CorpusLine {
  const name = functionOf(program)
  return {
    id: program.id,
    features: program.features,
    fails: program.fails ?? null,
    cpp_code: program.sequential,
    cuda_code: program.kernel,
    cuda_wrapper: program.wrapper,
    consistent_cpp_inputs: testsCalling(program, name),
    consistent_cuda_inputs: testsCalling(program, `${name}_cuda`),
    consistent_outputs: outputs,
  }
}

if (import.meta.main) {
  const programs = readPrograms()
  const built = buildCorpus(programs)
  const tests = programs.reduce((sum, program) => sum + program.tests.length, 0)
  const check = process.argv.includes('--check')
  const same = check && readFileSync(linesFile, 'utf8') === built
  if (!check) writeFileSync(linesFile, built)
  console.log(`${programs.length} programs, ${tests} tests${check ? (same ? ': as recorded' : ': not as recorded') : ''}`)
  if (check && !same) process.exitCode = 1
}
