import { join } from 'node:path'
import type { TestRun } from '../../../../sandbox/index.ts'
import { type KitCase, nameOf, readCases } from '../cases.ts'
import { againstEmulatedPlain, againstExpected, type Cell } from '../cells.ts'
import { type Kept, keep, keptOf } from '../kept.ts'
import { openKitGpu } from '../kit-gpu.ts'
import { leftOut, type Part, pass, type Stand } from '../stand.ts'
import { spread, sweep } from '../sweep.ts'

/** Every program test by test, against what must be printed and against what the emulated executor printed. */
export const plain: Part = async (stand) => {
  const cases = readCases(join(stand.places.work, 'project', 'cases.jsonl'))
  await using gpu = await openKitGpu(stand)
  const counts = new Counts()
  const kept: Kept = {}
  const startedAt = performance.now()
  const rest = await sweep(gpu, stand, cases, { pass: 'plain', ways: ['fast', 'own'] }, (one, runs) => {
    kept[nameOf(one)] = keptOf(runs)
    for (const [at, run] of runs.entries()) compareOne(stand, counts, one, at, run)
    stand.figures(counts.figures((performance.now() - startedAt) / 1000))
  })
  keep(stand.places, 'plain', kept)
  if (counts.tests === 0) return leftOut('no program was run')
  return rest.length === 0 ? pass() : pass(`no time for ${rest.length} of ${cases.length} programs`)
}

function compareOne({ row }: Stand, counts: Counts, one: KitCase, at: number, run: TestRun): void {
  counts.take(run)
  const name = nameOf(one, at)
  const expected = one.expected?.[at]
  if (expected !== undefined) {
    const cell = againstExpected(run, expected.text)
    counts.agree(`expected (${expected.from}, ${one.set})`, cell)
    // A recorded output may itself rest on memory that nobody wrote: what is known of such cases is in docs/fidelity.md.
    if (!cell.compat)
      row({ name: `${name} against ${expected.from}`, outcome: cell.numeric ? 'pass' : 'fail', detail: cell.detail })
  }
  const emulated = one.emulated[at]
  if (emulated === undefined) return
  const cell = againstEmulatedPlain(run, emulated)
  counts.agree('emulated', cell)
  // Beside an independent answer a difference is told, and is no fault: either of the two may be the one that is wrong.
  const outcome = cell.numeric || expected !== undefined ? 'pass' : 'fail'
  if (!cell.compat) row({ name: `${name} against emulated`, outcome, detail: cell.detail })
}

/** How many cells agree with what, and what the tests took. */
class Counts {
  tests = 0
  readonly #wall: number[] = []
  readonly #kernel: number[] = []
  readonly #agreed = new Map<string, { cells: number; compat: number; numeric: number }>()

  take({ wallMs, measured }: TestRun): void {
    this.tests++
    this.#wall.push(wallMs)
    if (measured.kernelMs !== null) this.#kernel.push(measured.kernelMs)
  }

  agree(name: string, { compat, numeric }: Cell): void {
    const counts = this.#agreed.get(name) ?? { cells: 0, compat: 0, numeric: 0 }
    counts.cells++
    if (compat) counts.compat++
    if (numeric) counts.numeric++
    this.#agreed.set(name, counts)
  }

  figures(seconds: number): Record<string, number | string | null> {
    const [wall, kernel] = [spread(this.#wall), spread(this.#kernel)]
    return {
      tests: this.tests,
      ...Object.fromEntries(
        [...this.#agreed].map(([name, { cells, compat, numeric }]) => [
          `as ${name}`,
          `${compat} of ${cells} by text, ${numeric} as numbers`,
        ]),
      ),
      'wall time of a test, median, ms': wall.median,
      'wall time of a test, 95 of 100, ms': wall.p95,
      'kernels of a test, median, ms': kernel.median,
      'kernels of a test, 95 of 100, ms': kernel.p95,
      'tests a second': this.tests / seconds,
    }
  }
}
