import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { patience } from '../support/patience.ts'
import type { FloodFigures } from './flood.ts'

const BENCH = fileURLToPath(new URL('flood.ts', import.meta.url))

describe('bench:flood', () => {
  it('serves honest nodes on while hostile peers do all that they can think of', { timeout: patience(300_000) }, async () => {
    const args = [BENCH, '--nodes', '8', '--rate', '40', '--hostile', '27', '--seconds', '2', '--pairs', '1', '--json']
    const { stdout } = await promisify(execFile)(process.execPath, args)
    const figures = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as FloodFigures
    assert.equal(figures.lost, 0)
    // How much of it is left is a figure of a machine that does nothing else (docs/benchmarks.md).
    for (const name of ['tries_per_s', 'flood_verdicts_per_s', 'ratio', 'flood_cpu'] as const) assert.ok(figures[name] > 0, name)
  })
})
