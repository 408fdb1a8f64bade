import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { patience } from '../support/patience.ts'
import type { ViewersFigures } from './load/viewers.ts'

const BENCH = fileURLToPath(new URL('explorer.ts', import.meta.url))

describe('bench:explorer', () => {
  it('shows every viewer what goes on, loses none, and says both halves on its last line', {
    timeout: patience(300_000),
  }, async () => {
    const args = [BENCH, '--viewers', '60', '--nodes', '6', '--cases', '30', '--pairs', '2', '--json']
    const { stdout } = await promisify(execFile)(process.execPath, args)
    const figures = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as ViewersFigures
    assert.deepEqual([figures.viewers, figures.viewers_lost, figures.pairs.length], [60, 0, 2])
    assert.ok(figures.changes_per_viewer >= 2, `${figures.changes_per_viewer} changes`)
    assert.ok(figures.throughput_ratio > 0 && figures.verdicts_per_cpu_ratio > 0)
    for (const { with: watched, without } of figures.pairs) assert.ok(watched.verdicts_per_s > 0 && without.verdicts_per_s > 0)
  })
})
