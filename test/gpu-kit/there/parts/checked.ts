import { join } from 'node:path'
import type { Pass } from '../../../../protocol/index.ts'
import { nameOf, readCases } from '../cases.ts'
import { openKitGpu } from '../kit-gpu.ts'
import { leftOut, type Part, pass } from '../stand.ts'
import { spread, sweep } from '../sweep.ts'

/** A pass under compute-sanitizer: what it finds, program by program. The report tells them; known ones are in docs/fidelity.md. */
const checked = (name: Pass): Part => {
  return async (stand) => {
    await using gpu = await openKitGpu(stand)
    if (!gpu.passes.includes(name)) return leftOut(gpu.lacks)
    const cases = readCases(join(stand.places.work, 'project', 'cases.jsonl'))
    const counts = { tests: 0, 'tests with a finding': 0, 'tests without an answer': 0 }
    const wall: number[] = []
    const rest = await sweep(gpu, stand, cases, { pass: name, ways: ['fast', 'own'] }, (one, runs) => {
      for (const [at, { status, findings, detail, wallMs }] of runs.entries()) {
        counts.tests++
        wall.push(wallMs)
        if (findings.length > 0) counts['tests with a finding']++
        if (status !== 'success') counts['tests without an answer']++
        if (findings.length === 0 && status === 'success') continue
        const found = findings.map(({ flag, file, line, what }) => `${flag} ${file}:${line} ${what}`).join('; ')
        stand.row({ name: nameOf(one, at), outcome: 'pass', detail: status === 'success' ? found : `${status}: ${detail}` })
      }
      stand.figures({ ...counts, 'wall time of a test, median, ms': spread(wall).median })
    })
    if (counts.tests === 0) return leftOut('no program was run')
    return rest.length === 0 ? pass() : pass(`no time for ${rest.length} of ${cases.length} programs`)
  }
}

export const sanitized: Part = checked('sanitized')
export const races: Part = checked('races')
