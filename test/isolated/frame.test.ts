import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { readReport } from '../../sandbox/isolated/frame.ts'

const NONCE = 'ab'.repeat(32)
const WHOLE = `${NONCE} report\nchange 1 2 3 1 0\nlaunches 2\nreached 1\nwaits 1\nerror cudaErrorAssert\ncalled 4\nvalues 5\ncall\n${NONCE} end\n`
const ON_GPU = WHOLE.replace('called 4', 'gpu 12 4096 0 1 8\ncalled 4')

/** What comes by the report's descriptor, and what is made of it. */
const ROWS: readonly { id: string; bytes: string; kind: ReturnType<typeof readReport>['kind'] }[] = [
  { id: 'a whole report', bytes: WHOLE, kind: 'frame' },
  { id: 'after words of the program’s', bytes: `success\n${WHOLE}`, kind: 'frame' },
  { id: 'nothing', bytes: '', kind: 'nothing' },
  { id: 'a report without the nonce', bytes: WHOLE.replaceAll(NONCE, 'cd'.repeat(32)), kind: 'nothing' },
  { id: 'a report that is cut', bytes: WHOLE.slice(0, -1), kind: 'nothing' },
  { id: 'a report with more after it', bytes: `${WHOLE}more`, kind: 'nothing' },
  { id: 'two reports', bytes: WHOLE + WHOLE, kind: 'nothing' },
  { id: 'values that are longer than they say', bytes: WHOLE.replace('values 5', 'values 4'), kind: 'nothing' },
  { id: 'a length that is none', bytes: WHOLE.replace('values 5', 'values x'), kind: 'nothing' },
  { id: 'a word that is not known', bytes: WHOLE.replace('reached', 'rushed'), kind: 'nothing' },
  { id: 'a yes or no that is neither', bytes: WHOLE.replace('waits 1', 'waits 2'), kind: 'nothing' },
  { id: 'a number that is none', bytes: WHOLE.replace('launches 2', 'launches -2'), kind: 'nothing' },
  { id: 'a report from a GPU', bytes: ON_GPU, kind: 'frame' },
  { id: 'one that is short of a number', bytes: ON_GPU.replace(' 8\n', '\n'), kind: 'nothing' },
  { id: 'one with what is no number', bytes: ON_GPU.replace('4096', '4k'), kind: 'nothing' },
  { id: 'a unit that could not be linked', bytes: `${NONCE} unlinked undefined symbol: f\n`, kind: 'unlinked' },
  { id: 'what cannot be run', bytes: 'unsupported textures\n', kind: 'unsupported' },
]

suite('the report of a loader', () => {
  for (const { id, bytes, kind } of ROWS) {
    test(`${id}: ${kind}`, () => assert.equal(readReport(Buffer.from(bytes), NONCE).kind, kind))
  }

  test('is read to the last field', () => {
    const said = readReport(Buffer.from(WHOLE), NONCE)
    assert.ok(said.kind === 'frame')
    assert.deepEqual(said.frame, {
      values: Buffer.from('call\n'),
      called: [4],
      changes: [{ call: 1, argument: 2, changed: 3, unexplained: 1, indices: [0] }],
      launches: 2,
      reached: true,
      waits: true,
      error: 'cudaErrorAssert',
      gpu: null,
    })
    const gpu = readReport(Buffer.from(ON_GPU), NONCE)
    assert.ok(gpu.kind === 'frame')
    assert.deepEqual(gpu.frame.gpu, { kernelUs: 12, peakBytes: 4096, leftBytes: 0, lost: true, outsideBytes: 8 })
  })
})
