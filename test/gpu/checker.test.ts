import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { Finding } from '../../protocol/index.ts'
import { parseChecker } from '../../sandbox/gpu/checker/report.ts'
import { checkedOutcome, FOUND_EXIT } from '../../sandbox/gpu/checker/runner.ts'
import type { JailResult } from '../../sandbox/jail/jail.ts'

const said = (...lines: string[]) => ['COMPUTE-SANITIZER', ...lines].map((line) => `========= ${line}`).join('\n')

const ROWS: { id: string; text: string; flag: string | null; place?: [string, number]; what?: RegExp }[] = [
  {
    id: 'memcheck: out of bounds',
    text: said(
      'Invalid __global__ write of size 4 bytes',
      '    at k(int *, int)+0x70 in code:3',
      '    by thread (32,0,0) in block (0,0,0)',
      '    Address 0x7f is out of bounds',
    ),
    flag: 'undefined-behaviour',
    place: ['code', 3],
    what: /write of 4 bytes .*__global__/,
  },
  {
    id: 'memcheck: as older ones write it',
    text: said(
      'Invalid __shared__ read of size 8 bytes',
      '    at 0x70 in /tmp/code:12:k(int *)',
      '    by thread (1,0,0) in block (0,0,0)',
    ),
    flag: 'undefined-behaviour',
    place: ['code', 12],
  },
  {
    id: 'memcheck: without lines',
    text: said('Invalid __global__ read of size 1 bytes', '    at k(int *)+0x20', '    by thread (0,0,0) in block (0,0,0)'),
    flag: 'undefined-behaviour',
  },
  {
    id: 'a kernel in the wrapper, inlined from elsewhere',
    text: said(
      'Invalid __global__ read of size 4 bytes',
      '    at helper+0x20 in /usr/include/x.h:7',
      '    Device Frame: k(int*)+0x10 in wrapper:9',
    ),
    flag: 'undefined-behaviour',
    place: ['wrapper', 9],
  },
  {
    id: 'initcheck',
    text: said(
      'Uninitialized __global__ memory read of size 4 bytes',
      '    at k(int *)+0x70 in test 2:5',
      '    by thread (0,0,0) in block (0,0,0)',
    ),
    flag: 'undefined-behaviour',
    place: ['test 2', 5],
    what: /nobody has written/,
  },
  {
    id: 'racecheck',
    text: said(
      'Error: Race reported between Write access at k(int *)+0x90 in code:24',
      '    and Read access at k(int *)+0xc0 in code:31 [508 hazards]',
    ),
    flag: 'race',
    place: ['code', 24],
    what: /races/,
  },
  {
    id: 'an error of a call is none',
    text: said('Program hit cudaErrorInvalidValue (error 1) due to "invalid argument" on CUDA API call to cudaMalloc.'),
    flag: null,
  },
  { id: 'nothing', text: said('ERROR SUMMARY: 0 errors'), flag: null },
  { id: 'what the program says is not the checker’s', text: 'Invalid __global__ write of size 4 bytes\n', flag: null },
]

suite('what compute-sanitizer prints', () => {
  for (const { id, text, flag, place, what } of ROWS) {
    test(id, () => {
      const found = parseChecker(Buffer.from(text))
      assert.equal(found?.flag ?? null, flag)
      if (place !== undefined) assert.deepEqual([found?.place?.file, found?.place?.line], place)
      else assert.equal(found?.place ?? null, null)
      if (what !== undefined) assert.match(found?.what ?? '', what)
    })
  }

  test('is a finding that may be sent, whatever it says', () => {
    const text = said(`Invalid __${'x'.repeat(5000)}__ write of size ${'9'.repeat(400)} bytes`, `    in code:${'9'.repeat(30)}`)
    const run = checkedOutcome(resultOf({ exitCode: FOUND_EXIT, stdout: text }), 'n')
    for (const finding of run.findings) assert.equal(Finding.safeParse(finding).success, true)
  })
})

function resultOf({ exitCode, stdout = '', report = '' }: { exitCode: number; stdout?: string; report?: string }): JailResult {
  return {
    ...{ stop: 'ended', exitCode, stdout: Buffer.from(stdout), stderr: Buffer.alloc(0), report: Buffer.from(report) },
    ...{ wallMs: 1, peakBytes: 0 },
  }
}

suite('how a checked run ends', () => {
  const WELL = 'ready\nn report\nlaunches 0\nreached 0\nvalues 0\nn end\n'
  test('well: nothing found', () => {
    const run = checkedOutcome(resultOf({ exitCode: 0, report: WELL }), 'n')
    assert.deepEqual([run.status, run.findings], ['success', []])
  })
  test('by its own exit before the test did: nothing is known', () => {
    assert.equal(checkedOutcome(resultOf({ exitCode: 0 }), 'n').status, 'runtime_error')
  })
  test('with a code of its own', () => assert.equal(checkedOutcome(resultOf({ exitCode: 3 }), 'n').status, 'runtime_error'))
  test('with the checker’s code and words that are not known here: no finding is made up', () => {
    const run = checkedOutcome(resultOf({ exitCode: FOUND_EXIT, stdout: said('Something new'), report: WELL }), 'n')
    assert.deepEqual([run.status, run.findings], ['runtime_error', []])
  })
})
