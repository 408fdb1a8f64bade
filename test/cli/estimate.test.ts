import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { DistinctCount, estimate, ProgramCount } from '../../bin/flow/estimate.ts'
import { parseCaseLine, ROUND_DEFAULTS, type RoundSpec, type SwarmFigures } from '../../protocol/index.ts'
import { line } from '../support/cases.ts'
import { seeded } from '../support/seeded.ts'

const SPEC: RoundSpec = { ...ROUND_DEFAULTS, v: 1, name: 'r' }

const FIGURES: SwarmFigures = {
  rounds: 1,
  cases: 10,
  kinds: [
    { executor: 'host', pass: 'plain', tasks: 10, verdicts: 20, cpuMs: 20_000, gpuMs: 0 },
    { executor: 'host', pass: 'isolated', tasks: 5, verdicts: 10, cpuMs: 40_000, gpuMs: 0 },
    { executor: 'gpu', pass: 'plain', tasks: 20, verdicts: 40, cpuMs: 80_000, gpuMs: 40_000 },
  ],
  samePolicy: { tasks: 34, verdicts: 85 },
  nodes: 2,
  slots: 4,
}

describe('an estimate', () => {
  it('counts different names exactly while they are few, and within some per cent when they are many', () => {
    const random = seeded(1)
    const hash = () => Math.floor(random() * 2 ** 24) * 2 ** 24 + Math.floor(random() * 2 ** 24)
    const few = new DistinctCount(1_000)
    const names = Array.from({ length: 1_000 }, hash)
    for (const name of [...names, ...names]) few.add(name)
    assert.equal(few.count, 1_000)
    const many = new DistinctCount(1_000)
    for (let index = 0; index < 100_000; index++) many.add(hash())
    assert.ok(Math.abs(many.count - 100_000) < 15_000, `${many.count}`)
  })

  it('counts the programs of cases, each side once', async () => {
    const count = new ProgramCount()
    const cases = [line(1), line(1, { wrong: true }), line(2), line(1), line(3, { tests: 0 })]
    for (const text of cases) await count.note(parseCaseLine(text, { file: 'f', line: 1 }, () => 'p'))
    assert.deepEqual(count.programs, { cpp: 2, cuda: 3 })
  })

  it('takes strict passes in the share of programs that had them, and replicas as with the policy', () => {
    const spec: RoundSpec = { ...SPEC, executor: 'gpu', passes: ['isolated'] }
    const made = estimate(spec, 100, { cpp: 10, cuda: 100 }, FIGURES)
    assert.deepEqual(made.tasks, { plain: 110, strict: 5, atMost: 220 })
    assert.equal(made.replicas, 2.5)
    assert.equal(made.verdicts, Math.round(115 * 2.5))
    // 10 x 1 s, 5 x 4 s and 100 x 2 s of processors, 100 x 1 s of GPUs, 2.5 times each.
    assert.equal(Math.round((made.cpuHours ?? 0) * 3600), 575)
    assert.equal(Math.round((made.gpuHours ?? 0) * 3600), 250)
    assert.equal(Math.round((made.wallHours ?? 0) * 3600), Math.round(825 / 4))
  })

  it('says nothing of cost where nothing like it was run', () => {
    const made = estimate(SPEC, 100, { cpp: 10, cuda: 100 }, FIGURES)
    assert.deepEqual([made.cpuHours, made.replicas, made.wallHours, made.tasks.strict], [null, null, null, null])
    assert.equal(estimate({ ...SPEC, executor: 'gpu' }, 1, { cpp: 1, cuda: 1 }, { ...FIGURES, slots: 0 }).wallHours, null)
  })
})
