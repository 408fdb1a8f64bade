import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { compileOutcome, runOutcome } from '../../sandbox/executor/outcome.ts'
import type { JailResult } from '../../sandbox/jail/jail.ts'
import { parseLibraries } from '../../sandbox/toolchain/libraries.ts'

function result(
  change: Partial<Record<'stdout' | 'stderr' | 'report', string>> & Partial<Pick<JailResult, 'stop' | 'exitCode'>>,
): JailResult {
  const { stdout = '', stderr = '', report = '', stop = 'ended', exitCode = stop === 'ended' ? 0 : null } = change
  const [out, err, said] = [stdout, stderr, report].map((text) => Buffer.from(text)) as [Buffer, Buffer, Buffer]
  return { stop, exitCode, stdout: out, stderr: err, report: said, wallMs: 5, peakBytes: 0 }
}

suite('exit facts of a test', () => {
  const ROWS: { id: string; facts: Parameters<typeof result>[0]; status: string; output: string }[] = [
    { id: 'ends well', facts: { stdout: 'x' }, status: 'success', output: 'x' },
    { id: 'ends badly', facts: { stdout: 'x', exitCode: 1 }, status: 'runtime_error', output: 'x' },
    { id: 'reports', facts: { stdout: 'x', report: 'unsupported textures\n', exitCode: 1 }, status: 'unsupported', output: '' },
    { id: 'reports something else', facts: { stdout: 'x', report: 'hello\n' }, status: 'success', output: 'x' },
    { id: 'no time left', facts: { stdout: 'x', stop: 'wall' }, status: 'timeout', output: '' },
    { id: 'no memory left', facts: { stdout: 'x', stop: 'memory' }, status: 'memory_limit', output: '' },
    { id: 'no room left', facts: { stdout: 'x', stop: 'output' }, status: 'output_limit', output: 'x' },
  ]
  for (const { id, facts, status, output } of ROWS) {
    test(`${id}: ${status}`, () => {
      const run = runOutcome(result(facts))
      assert.deepEqual([run.status, Buffer.from(run.output).toString()], [status, output])
    })
  }
})

suite('exit facts of the compiler', () => {
  const ROWS: { id: string; facts: Parameters<typeof result>[0]; means: string }[] = [
    { id: 'a product', facts: { stdout: 'ELF' }, means: 'product' },
    { id: 'a mistake', facts: { exitCode: 1, stderr: 'code:1:2: error: what?' }, means: 'rejected' },
    {
      id: 'a mistake that speaks of memory',
      facts: { exitCode: 1, stderr: 'code:1:2: error: #error out of memory' },
      means: 'rejected',
    },
    { id: 'its excerpt', facts: { exitCode: 1, stderr: '    1 | #error no space left on device' }, means: 'rejected' },
    { id: 'no memory', facts: { exitCode: 1, stderr: 'cc1plus: out of memory allocating 65536 bytes' }, means: 'memory_limit' },
    {
      id: 'no room',
      facts: { exitCode: 1, stderr: "/tmp/a.s: Fatal error: can't write: 'No space left on device'" },
      means: 'output_limit',
    },
    { id: 'no time', facts: { stop: 'wall' }, means: 'timeout' },
    { id: 'killed for memory', facts: { stop: 'memory' }, means: 'memory_limit' },
    { id: 'a product too large', facts: { stop: 'output' }, means: 'output_limit' },
  ]
  for (const { id, facts, means } of ROWS) {
    test(`${id}: ${means}`, () => {
      const outcome = compileOutcome(result(facts))
      assert.equal(outcome.kind === 'limit' ? outcome.status : outcome.kind, means)
    })
  }
})

test('what the loader says it will load', () => {
  const said = [
    '\tlinux-vdso.so.1 (0x00007ffd)',
    '\tlibm.so.6 => /lib/x86_64-linux-gnu/libm.so.6 (0x00007f01)',
    '\tlibgone.so => not found',
    '\t/lib64/ld-linux-x86-64.so.2 (0x00007f02)',
  ]
  assert.deepEqual(parseLibraries(said.join('\n')), ['/lib/x86_64-linux-gnu/libm.so.6', '/lib64/ld-linux-x86-64.so.2'])
})
