import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { RunLimits } from '../../protocol/index.ts'
import { createSandbox } from '../../sandbox/index.ts'
import { CACHE } from '../support/cache.ts'
import { LIMITS, programOf, runSanitized } from './fixture.ts'

/** The pass gives more time and memory; both still end, with and without cgroups. Rows as in docs/sandbox.md. */
const ROWS: { id: string; code: string; ends: RegExp; limits?: Partial<RunLimits> }[] = [
  {
    id: 'R1 processes',
    code: 'typedef int (*Start)();\nint attack(int) {\n  int made = 0;\n  for (int i = 0; i < 200; i++) {\n    pthread_t t;\n    if (pthread_create(&t, nullptr, [](void *) -> void * { for (;;) pause(); }, nullptr) == 0) made++;\n  }\n  return made > 64;\n}',
    // The sanitizer itself gives up where no more threads are to be had.
    ends: /^(?:success|runtime_error|timeout)/,
    limits: { wallMs: 1000 },
  },
  {
    id: 'R3 memory',
    code: 'int attack(int) {\n  for (;;) {\n    char *block = (char *)malloc(1 << 24);\n    if (block == nullptr) abort();\n    memset(block, 1, 1 << 24);\n  }\n}',
    ends: /^memory_limit/,
    limits: { memoryBytes: 64 * 1024 ** 2 },
  },
  { id: 'R4 output', code: 'int attack(int) { for (;;) puts("flood"); }', ends: /^output_limit/ },
  { id: 'R9 never ends', code: 'int attack(int) { for (;;) pause(); }', ends: /^timeout/, limits: { wallMs: 500 } },
]
const HEADERS = '#include <pthread.h>\n#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n#include <unistd.h>\n'

for (const cgroups of ['where-possible', 'never'] as const) {
  suite(`hostile programs stay contained with sanitizers (cgroups: ${cgroups})`, async () => {
    const sandbox = await createSandbox({ cacheDir: CACHE, cgroups })
    for (const { id, code, ends, limits } of ROWS) {
      test(id, { timeout: 120_000 }, async () => {
        const program = programOf('cpp', { code: `${HEADERS}${code}`, tests: ['wrapper(attack, 1);'] })
        const [run] = await runSanitized(sandbox, program, { ...LIMITS, ...limits })
        assert.match(run?.status ?? '', ends, run?.detail)
        assert.deepEqual(run?.findings, [])
      })
    }
  })
}
