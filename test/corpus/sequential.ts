import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type CorpusProgram, functionOf, testsCalling } from './read.ts'

const printHeader = fileURLToPath(new URL('print.h', import.meta.url))

/** No product is fused with a sum unless the code says fma, whatever the processor could do. */
const FLAGS = ['-std=c++17', '-O0', '-ffp-contract=off', '-w', `-I${dirname(printHeader)}`]

/** Sets outputs apart. */
const MARK = '\x1e'

/**
 * What the sequential functions print, test by test: all compiled by plain g++ in one text, each in a namespace of its own.
 * @returns outputs by the programs' ids
 * @throws Error with what the compiler, or the program, said
 */
export function runSequential(programs: readonly CorpusProgram[]): Map<string, string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'kernelswarm-corpus-'))
  try {
    const source = join(folder, 'all.cpp')
    const program = join(folder, 'all')
    writeFileSync(source, textOfAll(programs))
    execute('g++', [...FLAGS, source, '-o', program])
    return split(execute(program, []), programs)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function textOfAll(programs: readonly CorpusProgram[]): string {
  const parts = programs.map((program) => {
    const tests = testsCalling(program, functionOf(program))
    const functions = tests.map((test, index) => `void test_${index}() {\n${test}}\n`)
    return `namespace in_${functionOf(program)} {\n${program.sequential}\n${functions.join('')}}\n`
  })
  const calls = programs.flatMap((program) =>
    program.tests.map((_, index) => `begin("${program.id}", ${index});\nin_${functionOf(program)}::test_${index}();\n`),
  )
  return `#include "print.h"\n${parts.join('')}int main() {\n${calls.join('')}}\n`
}

function split(output: string, programs: readonly CorpusProgram[]): Map<string, string[]> {
  const outputs = new Map(programs.map(({ id }): [string, string[]] => [id, []]))
  for (const piece of output.split(MARK).slice(1)) {
    const [, id = '', text = ''] = /^(\S+) \d+\n([\s\S]*)$/.exec(piece) ?? []
    outputs.get(id)?.push(text)
  }
  return outputs
}

function execute(command: string, args: string[]): string {
  const done = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 64 * 1024 ** 2, env: { ...process.env, LC_ALL: 'C' } })
  if (done.status === 0) return done.stdout
  throw new Error(`${command} ended with ${done.status ?? done.signal}: ${done.stderr.slice(0, 4000)}`)
}
