import { join } from 'node:path'
import { nameOf, readCases } from '../cases.ts'
import { againstEmulatedIsolated } from '../cells.ts'
import { openKitGpu } from '../kit-gpu.ts'
import { explanationOf } from '../known.ts'
import { leftOut, type Part, pass } from '../stand.ts'
import { spread, sweep } from '../sweep.ts'

/** The isolated pass of every program: values at full precision and flags, against what the emulated executor found. */
export const isolated: Part = async (stand) => {
  const cases = readCases(join(stand.places.work, 'project', 'cases.jsonl'))
  await using gpu = await openKitGpu(stand)
  const counts = {
    ...{ tests: 0, 'values to the bit as emulated': 0, 'values within tolerances': 0, 'flags as emulated': 0 },
    ...{ 'cells that differ': 0, 'of these explained beforehand': 0 },
  }
  const wall: number[] = []
  const rest = await sweep(gpu, stand, cases, { pass: 'isolated', ways: ['fast', 'own'] }, (one, runs) => {
    for (const [at, run] of runs.entries()) {
      const emulated = one.emulated[at]
      if (emulated === undefined) continue
      const cell = againstEmulatedIsolated(run, emulated)
      counts.tests++
      wall.push(run.wallMs)
      if (cell.compat) counts['values to the bit as emulated']++
      if (cell.numeric) counts['values within tolerances']++
      if (cell.flags) counts['flags as emulated']++
      if (cell.compat && cell.flags) continue
      const found = run.findings.map(({ flag, file, line, what }) => `${flag} ${file}:${line} ${what}`).join('; ')
      const detail = [cell.detail, found].filter((text) => text !== '').join(' | ')
      const why = explanationOf(one, at)
      counts['cells that differ']++
      if (why !== '') counts['of these explained beforehand']++
      stand.row({ name: nameOf(one, at), outcome: (cell.numeric && cell.flags) || why !== '' ? 'pass' : 'fail', detail, why })
    }
    stand.figures({ ...counts, 'wall time of a run, median, ms': spread(wall).median })
  })
  if (counts.tests === 0) return leftOut('no program was run')
  return rest.length === 0 ? pass() : pass(`no time for ${rest.length} of ${cases.length} programs`)
}
