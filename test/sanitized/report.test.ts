import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { Finding } from '../../protocol/index.ts'
import { flagged } from '../../sandbox/sanitized/outcome.ts'
import { firstOwn } from '../../sandbox/sanitized/places.ts'
import { parseReport } from '../../sandbox/sanitized/report.ts'
import { UNMEASURED } from '../../sandbox/types.ts'

const asan = (said: string, ...lines: string[]) => ['=====', `==7==ERROR: AddressSanitizer: ${said}`, ...lines].join('\n')

/** As different versions of GCC write it. */
const ROWS: { id: string; text: string; what: string; calls?: number; limit?: boolean }[] = [
  {
    id: 'heap, GCC 12',
    text: asan(
      'heap-buffer-overflow on address 0x602000000030 at pc 0x401 bp 0x7 sp 0x7',
      'READ of size 4 at 0x602000000030 thread T1',
      '    #0 0x401',
      '    #1 0x402',
      '',
      '0x602000000030 is located 0 bytes to the right of 32-byte region [0x602000000010,0x602000000030)',
      'allocated by thread T1 here:',
      '    #0 0x403',
    ),
    what: 'outside of a block of the heap: read of 4 bytes, 0 bytes past a block of 32 bytes',
    calls: 2,
  },
  {
    id: 'heap, GCC 13 and later',
    text: asan(
      'heap-buffer-overflow on address 0x6',
      'WRITE of size 1 at 0x6 thread T1',
      '    #0 0x401',
      '',
      '0x6 is located 3 bytes before 8-byte region [0x10,0x18)',
    ),
    what: 'outside of a block of the heap: write of 1 bytes, 3 bytes before a block of 8 bytes',
  },
  {
    id: 'global, GCC 13 and later',
    text: asan(
      'global-buffer-overflow on address 0x6',
      'READ of size 4 at 0x6 thread T1',
      '    #0 0x401',
      '',
      "0x6 is located 4 bytes after global variable 't' defined in 'code:1' (0x2) of size 28",
    ),
    what: 'outside of a global array: read of 4 bytes, 4 bytes past an array of 28 bytes',
  },
  {
    id: 'many bytes between two arrays',
    text: asan(
      'stack-buffer-overflow on address 0x6',
      'READ of size 80 at 0x6 thread T1',
      '    #0 0x401',
      '',
      "    [48, 88) 'a' (line 1)",
      "    [128, 168) 'b' (line 2) <== Memory access at offset 88 underflows this variable",
    ),
    what: 'outside of a local array: read of 80 bytes, 0 bytes past an array of 40 bytes',
  },
  {
    id: 'null by signal',
    text: asan(
      'SEGV on unknown address 0x000000000010 (pc 0x401 bp 0x7 sp 0x7 T1)',
      '==7==The signal is caused by a WRITE memory access.',
      '    #0 0x401',
    ),
    what: 'a null pointer, or near it: write',
  },
  {
    id: 'the stack is spent',
    text: asan('stack-overflow on address 0x7ff (pc 0x401 bp 0x7 sp 0x7 T1)', '    #0 0x401'),
    what: 'a limit of the sanitizer',
    limit: true,
  },
  {
    id: 'no memory',
    text: asan('requested allocation size 0x4000000000000 (0x4 after adjustments) exceeds maximum'),
    what: 'a limit of the sanitizer',
    limit: true,
    calls: 0,
  },
  { id: 'a kind not known', text: asan('odyssey-of-bytes on 0x12', '    #0 0x401'), what: 'odyssey of bytes: found' },
  {
    id: 'an undefined cast',
    text: "code:2:3: runtime error: 1e+20 is outside the range of representable values of type 'int'",
    what: 'conversion: 1e+20 does not fit int',
    calls: 0,
  },
  { id: 'a check not known', text: 'code:2:3: runtime error: the moon is full', what: 'undefined behaviour', calls: 0 },
]

suite('what sanitizers write', () => {
  for (const { id, text, what, calls = 1, limit = false } of ROWS) {
    test(id, () => {
      const report = parseReport(Buffer.from(`a program's own words\n${text}\n`))
      assert.equal(report?.what, what)
      assert.equal(report?.limit, limit)
      assert.equal(report?.calls.length, calls)
    })
  }
  test('a place that the compiler put in', () => {
    const report = parseReport(Buffer.from('test 3:12:7: runtime error: division by zero\n    #0 0x401\n'))
    assert.deepEqual(report?.place, { file: 'test 3', line: 12 })
  })
  test('nothing', () => {
    for (const text of ['', 'runtime error', '==x==ERROR: AddressSanitizer']) assert.equal(parseReport(Buffer.from(text)), null)
  })
})

suite('what a stranger could write instead', () => {
  const LONG = 'x'.repeat(100_000)
  const TEXTS = [
    asan(`${LONG} on`, `READ of size ${'9'.repeat(5000)} at`, `    #0 0x${'f'.repeat(5000)}`),
    asan('heap-buffer-overflow', 'READ of size 4 at', ...Array.from({ length: 100_000 }, () => '    #0 0x401')),
    `code:1:1: runtime error: index 3 out of bounds for type '${'\u0001\x1b[31m'.repeat(30)}'`,
    `${LONG}:${'9'.repeat(400)}:1: runtime error: signed integer overflow: ${'1'.repeat(4000)} + 1`,
    "/etc/passwd:1:1: runtime error: load of value 7, which is not a valid value for type 'bool'",
    `    [${'9'.repeat(12)}, 0) '' <== Memory access at offset 1 \n${asan('stack-buffer-overflow', 'READ of size 1 at')}`,
  ]
  for (const [index, text] of TEXTS.entries()) {
    test(`text ${index + 1} is a finding that may be sent, or none`, () => {
      const report = parseReport(Buffer.from(text))
      const run = {
        status: 'runtime_error' as const,
        output: Buffer.from('x'),
        findings: [],
        detail: '',
        wallMs: 1,
        measured: UNMEASURED,
      }
      const [found] = flagged(run, report, null).findings
      assert.equal(Finding.safeParse(found).success, true)
      assert.match(found?.what ?? '', /^[ -~]{1,300}$/)
      assert.ok((report?.calls.length ?? 0) <= 64)
    })
  }
})

suite('the first place that is the program’s own', () => {
  const ROWS: { id: string; text: string; place: { file: string; line: number } | null }[] = [
    {
      id: 'behind headers',
      text: '/include/emulator/launch.h:35\n/tmp/code:7 (discriminator 3)\n/tmp/test 1:2\n',
      place: { file: 'code', line: 7 },
    },
    { id: 'none', text: '??:0\n??:?\n/include/harness/wrapper.h:12\n', place: null },
    { id: 'no line', text: '/tmp/wrapper:0\n/tmp/wrapper:?\n', place: null },
    { id: 'names like it', text: '/tmp/code.h:3\ntest 1234:3\ntest:3\nmycode:3\n', place: null },
    { id: 'a line no text has', text: 'code:999999999\n', place: null },
  ]
  for (const { id, text, place } of ROWS) test(id, () => assert.deepEqual(firstOwn(text), place))
})
