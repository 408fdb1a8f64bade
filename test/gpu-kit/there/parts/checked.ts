import { join } from 'node:path'
import type { Pass } from '../../../../protocol/index.ts'
import { nameOf, readCases } from '../cases.ts'
import { openKitGpu } from '../kit-gpu.ts'
import { kitFacts } from '../means.ts'
import { rowsOf } from '../more-programs.ts'
import { leftOut, type Part, pass } from '../stand.ts'
import { spread, sweep } from '../sweep.ts'

const WAYS = ['fast', 'own'] as const

/**
 * A pass under compute-sanitizer. Faults that it is there for must be found, and nothing in their neighbours; then what it finds in
 * the programs, as far as there is time: the report tells it, and known ones are in docs/fidelity.md.
 */
const checked = (name: Extract<Pass, 'sanitized' | 'races'>): Part => {
  return async (stand) => {
    await using gpu = await openKitGpu(stand)
    if (!gpu.passes.includes(name)) return leftOut(gpu.checker)
    const { faulty } = rowsOf(kitFacts(stand.places).only)
    await sweep(gpu, stand, faulty, { pass: name, ways: WAYS }, ({ id, finds }, [run]) => {
      const found = run?.findings[0]?.flag ?? null
      const right = run?.status === 'success' && found === finds[name]
      const detail = `${run?.status}: ${found ?? 'nothing'}, ${finds[name] ?? 'nothing'} is right. ${run?.detail ?? ''}`
      stand.row({ name: `known: ${id}`, outcome: right ? 'pass' : 'fail', detail })
    })
    const cases = readCases(join(stand.places.work, 'project', 'cases.jsonl'))
    const counts = { tests: 0, 'tests with a finding': 0, 'tests without an answer': 0 }
    const wall: number[] = []
    const rest = await sweep(gpu, stand, cases, { pass: name, ways: WAYS }, (one, runs) => {
      for (const [at, { status, findings, detail, wallMs }] of runs.entries()) {
        counts.tests++
        wall.push(wallMs)
        if (findings.length > 0) counts['tests with a finding']++
        if (status !== 'success') counts['tests without an answer']++
        if (findings.length === 0 && status === 'success') continue
        const found = findings.map(({ flag, file, line, what }) => `${flag} ${file}:${line} ${what}`).join('; ')
        const emulated = one.emulated[at]?.isolated.flags.join(', ') || 'none'
        const seen = status === 'success' ? found : `${status}: ${detail}`
        stand.row({
          name: nameOf(one, at),
          outcome: 'pass',
          detail: `${seen} (flags of the emulated isolated pass: ${emulated})`,
        })
      }
      stand.figures({ ...counts, 'wall time of a test, median, ms': spread(wall).median })
    })
    return rest.length === 0 ? pass() : pass(`no time for ${rest.length} of ${cases.length} programs`)
  }
}

export const sanitized: Part = checked('sanitized')
export const races: Part = checked('races')
