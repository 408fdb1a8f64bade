import { join } from 'node:path'
import { compatEqual } from '../../../../protocol/index.ts'
import type { TestRun } from '../../../../sandbox/index.ts'
import { type KitCase, nameOf, readCases } from '../cases.ts'
import { againstEmulatedPlain, againstExpected } from '../cells.ts'
import { type Kept, keep, keptOf } from '../kept.ts'
import { openKitGpu } from '../kit-gpu.ts'
import { explanationOf } from '../known.ts'
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
  const why = explanationOf(one, at)
  const expected = one.expected?.[at]
  if (expected !== undefined) {
    const cell = againstExpected(run, expected.text)
    const host = one.host[at]
    const hostRight = host?.status === 'success' && compatEqual(Buffer.from(host.output, 'base64'), Buffer.from(expected.text))
    counts.judge(`${one.set}, as ${expected.from} printed it`, { 'CUDA side here': cell.compat, 'C++ side': hostRight })
    if (!cell.compat) {
      // A recorded output may itself rest on what no rule settles.
      const outcome = cell.numeric || why !== '' ? 'pass' : 'fail'
      row({ name: `${name} against ${expected.from}`, outcome, detail: cell.detail, why })
    }
  }
  const emulated = one.emulated[at]
  if (emulated === undefined) return
  const cell = againstEmulatedPlain(run, emulated)
  counts.agree(cell.compat, cell.numeric, why !== '')
  // Beside an independent answer a difference is told, and is no fault: either of the two may be the one that is wrong.
  const outcome = cell.numeric || why !== '' || expected !== undefined ? 'pass' : 'fail'
  if (!cell.compat) row({ name: `${name} against emulated`, outcome, detail: cell.detail, why })
}

/** How many cells agree with what, and what the tests took. */
class Counts {
  tests = 0
  readonly #wall: number[] = []
  readonly #kernel: number[] = []
  readonly #judged = new Map<string, { tests: number; cuda: number; cpp: number; both: number }>()
  readonly #emulated = { cells: 0, text: 0, numbers: 0, explained: 0 }

  take({ wallMs, measured }: TestRun): void {
    this.tests++
    this.#wall.push(wallMs)
    if (measured.kernelMs !== null) this.#kernel.push(measured.kernelMs)
  }

  /** As docs/fidelity.md counts: a test is right on one side, on the other, on both. */
  judge(name: string, { 'CUDA side here': cuda, 'C++ side': cpp }: { 'CUDA side here': boolean; 'C++ side': boolean }): void {
    const counts = this.#judged.get(name) ?? { tests: 0, cuda: 0, cpp: 0, both: 0 }
    counts.tests++
    if (cuda) counts.cuda++
    if (cpp) counts.cpp++
    if (cuda && cpp) counts.both++
    this.#judged.set(name, counts)
  }

  agree(text: boolean, numbers: boolean, explained: boolean): void {
    this.#emulated.cells++
    if (text) this.#emulated.text++
    if (numbers) this.#emulated.numbers++
    if (!text && explained) this.#emulated.explained++
  }

  figures(seconds: number): Record<string, number | string | null> {
    const [wall, kernel] = [spread(this.#wall), spread(this.#kernel)]
    const { cells, text, numbers, explained } = this.#emulated
    return {
      tests: this.tests,
      ...Object.fromEntries(
        [...this.#judged].map(([name, { tests, cuda, cpp, both }]) => [
          name,
          `of ${tests} tests ${cuda} on the CUDA side on this GPU, ${cpp} on the C++ side where the kit was made, ${both} on both`,
        ]),
      ),
      'as emulated': `of ${cells} cells ${text} by text, ${numbers} as numbers`,
      'cells that differ from emulated by text': cells - text,
      'of these explained beforehand': explained,
      'wall time of a test, median, ms': wall.median,
      'wall time of a test, 95 of 100, ms': wall.p95,
      'kernels of a test, median, ms': kernel.median,
      'kernels of a test, 95 of 100, ms': kernel.p95,
      'tests a second': this.tests / seconds,
    }
  }
}
