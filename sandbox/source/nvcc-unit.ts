import type { Program } from '../../protocol/index.ts'
import { onlyHostPassTells } from './host-pass.ts'

/** The header before the program's text, as it is named below `INCLUDE_DIR`. */
const PRELUDE = 'nvcc.h'

/** A program, or some of its tests, as nvcc reads it: the texts untouched. */
export interface NvccUnit {
  text: string
  /** Whether nvcc may refuse it for what only the host's half of its work shows. */
  hostPass: boolean
}

/**
 * The file the reference would compile, for the tests of these numbers. One test alone is the body of main, as there; of
 * several each is a function that main may call, so that all that they need of templates is looked at.
 */
export function nvccUnit(program: Program, indices: readonly number[], includeAt: string): NvccUnit {
  const { code, wrapper } = program
  const tests = indices.map((index) => program.tests[index] ?? '')
  const bodies = tests.map((test, at) => section(`test ${(indices[at] ?? 0) + 1}`, test))
  const text = [`#include "${includeAt}/${PRELUDE}"`, section('code', code), section('wrapper', wrapper), ...mains(bodies)].join(
    '\n',
  )
  return { text, hostPass: onlyHostPassTells({ code, wrapper, tests }) }
}

function section(name: string, text: string): string {
  return `#line 1 "${name}"\n${text}\n\n`
}

function mains(bodies: readonly string[]): string[] {
  if (bodies.length <= 1) return [`int main() {\n${bodies[0] ?? ''}}`, '']
  const functions = bodies.map((body, at) => `static int __ks_test_${at}() {\n${body}return 0; }`)
  const names = bodies.map((_, at) => `__ks_test_${at}`).join(', ')
  return [...functions, `int main(int argc, char **) { int (*tests[])() = {${names}}; return tests[argc - 1](); }`, '']
}
