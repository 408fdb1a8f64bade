import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { patience } from '../support/patience.ts'
import type { SandboxFigures } from './sandbox-figures.ts'

const BENCH = fileURLToPath(new URL('sandbox.ts', import.meta.url))
const EXAMPLES = fileURLToPath(new URL('../../docs/examples/first-round.jsonl', import.meta.url))

/** Figures that every run has; the others are null where nvcc is not, with a reason. */
const ALWAYS = [
  'emulated_cases_per_cpu_s',
  'emulated_cases_per_cpu_s_gxx',
  'strict_cases_per_cpu_s',
  'jail_overhead_p95_ms',
] as const
const WITH_NVCC = ['case_cpu_ratio', 'case_cpu_ratio_fast', 'samples20_cpu_ratio', 'fast_path_share'] as const

describe('bench:sandbox', () => {
  it('measures cases both ways and says every figure on its last line', { timeout: patience(600_000) }, async () => {
    const args = [BENCH, '--cases', EXAMPLES, '--count', '1', '--samples', '1', '--share', '1', '--jail-runs', '5', '--json']
    const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 1024 ** 2 })
    const figures = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as SandboxFigures
    assert.equal(figures.cases, 1)
    assert.deepEqual(figures.faults, [])
    // The same work: both ways print the same.
    assert.equal(figures.outputs_compared, 5)
    assert.deepEqual(figures.outputs_differing_in, [])
    for (const name of ALWAYS) assert.ok((figures[name] ?? 0) > 0, name)
    for (const name of WITH_NVCC) {
      const value = figures[name]
      if (value === null) assert.match(figures.reasons[name] ?? '', /nvcc/, name)
      else assert.ok(value > 0 || name === 'fast_path_share', name)
    }
    if (figures.fast_path_share !== null) assert.equal(figures.share_cases, 2)
    for (const arm of ['reference_cpp', 'host', 'emulated_gxx', 'strict_host', 'strict_emulated'] as const) {
      assert.ok((figures.cpu_s[arm]?.median ?? 0) > 0, arm)
    }
  })
})
