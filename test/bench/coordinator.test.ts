import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { patience } from '../support/patience.ts'
import type { CoordinatorFigures } from './load/measure.ts'

const BENCH = fileURLToPath(new URL('coordinator.ts', import.meta.url))

describe('bench:coordinator', () => {
  it('serves all nodes over the wire and says every figure on its last line', { timeout: patience(300_000) }, async () => {
    const long = ['--verdicts', '160']
    const args = [BENCH, '--nodes', '12', '--sizes', '10,20', '--rate', '60', '--seconds', '1', ...long, '--json']
    const { stdout } = await promisify(execFile)(process.execPath, args)
    const figures = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as CoordinatorFigures
    assert.equal(figures.nodes, 12)
    assert.equal(figures.connections_lost, 0)
    assert.ok(figures.nodes_served > 1 && figures.nodes_served <= 12)
    for (const name of [
      'verdicts_per_s',
      'decided_tasks_per_s',
      'ack_p95_ms',
      'rss_growth_ratio',
      'own_growth_ratio',
      'rss_mib',
    ] as const) {
      assert.ok((figures[name] ?? 0) > 0, name)
    }
    assert.ok(figures.ack_p50_ms <= figures.ack_p95_ms)
    // Both need rounds of a size that a test has no time for.
    assert.equal(figures.cost_per_task_ratio_1e4_to_1e3, null)
    assert.equal(figures.cost_per_task_ratio_1e5_to_1e3, null)
    assert.deepEqual(
      figures.sizes.map(({ cases }) => cases),
      [10, 20],
    )
    for (const size of figures.sizes) assert.ok(size.coordinator_cpu_ms_per_task > 0 && size.verdicts_per_s > 0)
    assert.equal(figures.long?.verdicts, 160)
  })
})
