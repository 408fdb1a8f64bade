import { fileURLToPath } from 'node:url'
import type { SourceComposer } from '../../sandbox/toolchain/composer.ts'

const FLAGS = ['-std=c++17', '-w']
const INDEX = 'static int test_index(char **argv) { return std::atoi(argv[1]); }\n'

/**
 * The plainest composer there can be: tests are statements, chosen by number in main. It knows no harness, so that tests
 * of the jail say what runs, byte for byte. The reason of `unsupported CODE` is the code's first line.
 */
export const plainComposer: SourceComposer = {
  sharesFile: () => true,
  nvccUnit: null,
  compose: (program) =>
    program.code.startsWith('//unsupported')
      ? { kind: 'unsupported', reason: program.code }
      : { kind: 'unit', text: unit(program.code, [...program.tests.entries()]) },
  composeSingle: (program, _executor, _pass, index) => ({
    kind: 'unit',
    text: unit(program.code, [[index, program.tests[index] ?? '']]),
  }),
  explainFailure: (_program, _executor, output) => ({ status: 'compile_error', detail: output.slice(0, 2000) }),
  includeDir: fileURLToPath(new URL('include', import.meta.url)),
  builds: {
    host: { plain: { prelude: 'plain.h', flags: FLAGS } },
    emulated: { plain: { prelude: 'plain.h', flags: [...FLAGS, '-DEMULATED'] } },
  },
}

function unit(code: string, tests: [number, string][]): string {
  const cases = tests.map(([index, test]) => `  case ${index}: {\n${test}\n  } break;\n`).join('')
  return `#include "plain.h"\n${INDEX}${code}\nint main(int, char **argv) {\n  switch (test_index(argv)) {\n${cases}  }\n}\n`
}
