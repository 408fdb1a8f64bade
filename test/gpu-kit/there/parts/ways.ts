import { join } from 'node:path'
import { BOTH_WAYS, nameOf, readCases } from '../cases.ts'
import { keptOf, recall } from '../kept.ts'
import { openKitGpu } from '../kit-gpu.ts'
import { leftOut, type Part, pass } from '../stand.ts'
import { sweep } from '../sweep.ts'

/** The programs built by nvcc's own host pass, against the same programs built the way that is used. */
export const ways: Part = async (stand) => {
  const before = recall(stand.places, 'plain')
  const all = readCases(join(stand.places.work, 'project', 'cases.jsonl'))
  await using gpu = await openKitGpu(stand)
  const comparable = all.filter((one) => BOTH_WAYS.includes(one.set) && before[nameOf(one)] !== undefined)
  const fast = new Set<string>()
  for (const one of comparable) if (await gpu.isFast(one.program)) fast.add(nameOf(one))
  const cases = comparable.filter((one) => fast.has(nameOf(one)))
  const counts = {
    'programs by the fast way': cases.length,
    'of programs': comparable.length,
    'tests compared': 0,
    'tests that are the same': 0,
  }
  const rest = await sweep(gpu, stand, cases, { pass: 'plain', ways: ['own'] }, (one, runs) => {
    for (const [at, { status, output }] of keptOf(runs).entries()) {
      const other = before[nameOf(one)]?.[at]
      counts['tests compared']++
      if (other?.status === status && other.output === output) counts['tests that are the same']++
      else {
        const text = (base64: string) => JSON.stringify(Buffer.from(base64, 'base64').toString('latin1').slice(0, 600))
        const detail = `own ${status} ${text(output)}, fast ${other?.status} ${text(other?.output ?? '')}`
        stand.row({ name: nameOf(one, at), outcome: 'fail', detail })
      }
    }
    stand.figures(counts)
  })
  if (cases.length === 0) return leftOut('no program was built by the fast way')
  return rest.length === 0 ? pass() : pass(`no time for ${rest.length} of ${cases.length} programs`)
}
