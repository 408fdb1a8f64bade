import type { Program } from '../../protocol/index.ts'
import { onlyHostPassTells } from './host-pass.ts'
import { type HeavyNames, whyAllHeaders } from './lean.ts'

/** The headers before the program's text, as they are named below `INCLUDE_DIR`: with all that is usual, and with few. */
const PRELUDES = { all: 'nvcc.h', few: 'nvcc_lean.h' } as const

/** A program, or some of its tests, as nvcc reads it: the texts untouched. */
export interface NvccUnit {
  text: string
  /**
   * The same after few headers, to whoever accepts it; what is refused so must be asked about as a whole. Null where the
   * program needs more of them.
   */
  lean: string | null
  /** Whether nvcc may refuse it for what only the host's half of its work shows. */
  hostPass: boolean
}

/**
 * The file the reference would compile, for the tests of these numbers. One test alone is the body of main, as there; of
 * several each is a function that main may call, so that all that they need of templates is looked at.
 */
export function nvccUnit(program: Program, indices: readonly number[], includeAt: string, heavy: HeavyNames | null): NvccUnit {
  const { code, wrapper } = program
  const tests = indices.map((index) => program.tests[index] ?? '')
  const bodies = tests.map((test, at) => section(`test ${(indices[at] ?? 0) + 1}`, test))
  const after = (prelude: string) =>
    [`#include "${includeAt}/${prelude}"`, section('code', code), section('wrapper', wrapper), ...mains(bodies)].join('\n')
  const few = heavy !== null && whyAllHeaders([code, wrapper, ...tests], heavy) === null
  return {
    text: after(PRELUDES.all),
    lean: few ? after(PRELUDES.few) : null,
    hostPass: onlyHostPassTells({ code, wrapper, tests }),
  }
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
