import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { capReached, costOf, type Held, partOf } from '../../coordinator/rules/spending.ts'

/** Given at 1 s, to be returned by 11 s. */
const held = (endedAt: number, said: Held['said'], executor: Held['executor'] = 'host'): Held => {
  return { executor, givenAt: 1_000, deadlineAt: 11_000, endedAt, said }
}

describe('what an assignment cost', () => {
  const rows: { id: string; held: Held; cpuMs: number; gpuMs: number }[] = [
    { id: 'what its verdict says', held: held(6_000, { compileMs: 900, runMs: 100 }), cpuMs: 1_000, gpuMs: 0 },
    { id: 'no more than it was out', held: held(3_000, { compileMs: 1e12, runMs: 1e12 }), cpuMs: 2_000, gpuMs: 0 },
    { id: 'no more than its deadline', held: held(90_000, { compileMs: 0, runMs: 1e12 }), cpuMs: 10_000, gpuMs: 0 },
    { id: 'all the time it was out, where there is no verdict', held: held(6_000, null), cpuMs: 5_000, gpuMs: 0 },
    { id: 'that, up to its deadline', held: held(90_000, null), cpuMs: 10_000, gpuMs: 0 },
    { id: 'nothing, where the clock was set back', held: held(500, null), cpuMs: 0, gpuMs: 0 },
    { id: 'on a GPU, compiling apart', held: held(6_000, { compileMs: 900, runMs: 100 }, 'gpu'), cpuMs: 900, gpuMs: 100 },
    {
      id: 'on a GPU, no more than it was out',
      held: held(3_000, { compileMs: 1e9, runMs: 1_500 }, 'gpu'),
      cpuMs: 500,
      gpuMs: 1_500,
    },
    { id: 'on a GPU, without a verdict', held: held(6_000, null, 'gpu'), cpuMs: 0, gpuMs: 5_000 },
    { id: 'emulated, as on a processor', held: held(6_000, { compileMs: 1, runMs: 2 }, 'emulated'), cpuMs: 3, gpuMs: 0 },
  ]
  for (const { id, held, cpuMs, gpuMs } of rows) {
    it(id, () => assert.deepEqual(costOf(held), { cpuMs, gpuMs }, id))
  }

  it('is shared in equal parts, and never free', () => {
    assert.deepEqual(partOf({ cpuMs: 9, gpuMs: 1 }, 3), { cpuMs: 3, gpuMs: 1 })
    assert.deepEqual(partOf({ cpuMs: 10, gpuMs: 0 }, 3), { cpuMs: 4, gpuMs: 0 })
  })
})

describe('a limit', () => {
  const spent = { cpuMs: 5_000, gpuMs: 2_000 }
  const rows = [
    { id: 'none', caps: {}, operators: {}, says: null },
    { id: 'not reached', caps: { cpuSeconds: 6, gpuSeconds: 3 }, operators: { cpuSeconds: 100 }, says: null },
    { id: 'of processors', caps: { cpuSeconds: 5 }, operators: {}, says: '5 CPU seconds are used, of 5' },
    { id: 'of GPUs', caps: { cpuSeconds: 9, gpuSeconds: 1 }, operators: {}, says: '2 GPU seconds are used, of 1' },
    {
      id: "the operator's",
      caps: { cpuSeconds: 9 },
      operators: { cpuSeconds: 4 },
      says: '5 CPU seconds are used, of 4 that this coordinator allows a round',
    },
  ]
  for (const { id, caps, operators, says } of rows) it(id, () => assert.equal(capReached(spent, caps, operators), says, id))
})
