import { ROUND_DEFAULTS } from '../../../../protocol/index.ts'
import { surprises } from '../../../isolated/run.ts'
import { openKitGpu } from '../kit-gpu.ts'
import { kitFacts } from '../means.ts'
import { rowsOf, wrongProgram } from '../more-programs.ts'
import { type Part, pass } from '../stand.ts'
import { sweep } from '../sweep.ts'

/** Programs that are wrong and print what right ones print (H6, W1 to W12): what the isolated pass finds on a GPU. */
export const wrong: Part = async (stand) => {
  await using gpu = await openKitGpu(stand)
  const items = rowsOf(kitFacts(stand.places).only).wrong.map((row) => ({ row, program: wrongProgram(row) }))
  const rest = await sweep(gpu, stand, items, { pass: 'isolated', ways: ['fast', 'own'] }, ({ row }, runs) => {
    const seen = surprises(row, runs)
    const found = runs.flatMap(({ findings }) => findings.map(({ flag, what }) => `${flag}: ${what}`)).join('; ')
    stand.row({ name: row.id, outcome: seen.length === 0 ? 'pass' : 'fail', detail: seen.length === 0 ? found : seen.join('; ') })
  })
  stand.figures({ 'wall time limit of a test, ms': ROUND_DEFAULTS.limits.wallMs, rows: items.length - rest.length })
  return rest.length === 0 ? pass() : pass(`no time for ${rest.length} of ${items.length} rows`)
}
