import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createSandbox } from '../../../sandbox/index.ts'
import { CACHE } from '../../support/cache.ts'
import { sample } from '../../support/sample.ts'
import { readKinds, readRecord } from './kinds.ts'
import { findNvcc } from './nvcc.ts'
import { compareEmulated, recordOf, type Standing } from './verdicts.ts'

const kinds = readKinds()
const record = readRecord()
const refused = record.filter(({ nvcc }) => nvcc === 'refuses')

/** nvcc takes seconds a kind; `record.ts --check` asks about all. */
const STRIDE = 16
/** The same where the executor asks nvcc about each program. */
const STRIDE_DECIDED = 6

/** Where nvcc decides, what it accepts and the emulator cannot run. */
const NOT_EMULATED = ['launch-one-argument', 'case-over-initialisation', 'inline-ptx']
/**
 * What g++ and a look at the tokens are known to do where there is no nvcc, so that it does not become worse unseen. An
 * executor may always say that it does not know; what it calls right and nvcc refuses is what would be believed.
 */
const ALONE = { agreement: 0.6, falseSuccesses: 41 }

describe('kinds of compile errors', () => {
  test('are recorded, each with what nvcc says', () => {
    assert.deepEqual(
      record.map(({ id }) => id),
      kinds.map(({ id }) => id),
      'run: node test/corpus/compile/record.ts',
    )
    assert.equal(new Set(kinds.map(({ id }) => id)).size, kinds.length)
    for (const { id, says } of refused) assert.notEqual(says, '', id)
  })

  test('are at least 80, and about a quarter of all is accepted', () => {
    assert.ok(refused.length >= 80)
    const accepted = (record.length - refused.length) / record.length
    assert.ok(accepted >= 0.2 && accepted <= 0.45, String(accepted))
  })

  test('are what the installed nvcc says today', async (t) => {
    if ((await findNvcc()) === null) return t.skip('nvcc is not installed')
    const said = new Map(record.map(({ id, nvcc }) => [id, nvcc]))
    for (const { id, nvcc, says } of await recordOf(sample(kinds, STRIDE))) assert.equal(nvcc, said.get(id), `${id}: ${says}`)
  })

  test('are judged by the emulated executor as by nvcc', async (t) => {
    const sandbox = await createSandbox({ cacheDir: CACHE })
    const decided = sandbox.environment('emulated').nvcc !== null
    const compared = await compareEmulated(sandbox, decided ? sample(kinds, STRIDE_DECIDED) : kinds, record)
    const of = (standing: Standing) => compared.filter((one) => one.standing === standing).map(({ id }) => id)
    const agreement = of('agrees').length / compared.length
    t.diagnostic(`${decided ? 'nvcc' : 'g++'} decides: ${of('agrees').length} of ${compared.length} agree`)
    for (const standing of ['false-success', 'false-refusal', 'undecided'] as const) {
      t.diagnostic(`${of(standing).length} ${standing}: ${of(standing).join(', ')}`)
    }
    if (decided) {
      const known = NOT_EMULATED.filter((id) => compared.some((one) => one.id === id))
      assert.deepEqual([of('false-success'), of('false-refusal'), of('undecided').sort()], [[], [], known.sort()])
    } else {
      assert.ok(of('false-success').length <= ALONE.falseSuccesses)
      assert.ok(agreement >= ALONE.agreement, String(agreement))
    }
  })
})
