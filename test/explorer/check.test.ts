import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { cidOf, encodeCanonical } from '../../protocol/index.ts'

// The explorer is plain JavaScript for browsers; these parts of it know nothing of a page.
const load = async (name: string) => await import(new URL(`../../coordinator/explorer/check/${name}.js`, import.meta.url).href)
const { encode, decode } = await load('cbor')
const { nameOf } = await load('envelope')
const { checkVerdict } = await load('verdict')

interface Step {
  title: string
  state: 'ok' | 'wrong' | 'open'
  lines: string[]
}
interface Row {
  id: string
  envelope: string
  expect: string
  signer?: string
  payloadCid?: string
}

const rows = JSON.parse(await readFile(new URL('../vectors/envelopes.json', import.meta.url), 'utf8')) as Row[]
const good = rows.find(({ expect }) => expect === 'ok') as Row

/** A browser's reading of what is in the vectors. */
async function steps({ envelope, signer = '', payloadCid = '' }: Row): Promise<Step[]> {
  const stated = { cid: payloadCid, envelope: Buffer.from(envelope, 'hex').toString('base64'), signer, use: null }
  const found: Step[] = []
  for await (const step of checkVerdict(stated, async () => null) as AsyncIterable<Step>) found.push(step)
  return found
}

describe('the page checks verdicts by code of its own', () => {
  for (const row of rows) {
    it(`${row.id}: ${row.expect}`, async () => {
      const found = await steps({ ...good, ...row })
      const wrong = found.filter(({ state }) => state === 'wrong')
      assert.equal(wrong.length === 0, row.expect === 'ok', JSON.stringify(found, null, 1))
    })
  }

  it('every byte of an envelope matters', async () => {
    const bytes = Buffer.from(good.envelope, 'hex')
    for (let at = 0; at < bytes.length; at++) {
      const changed = Buffer.from(bytes)
      changed[at] = (changed[at] as number) ^ 1
      const found = await steps({ ...good, envelope: changed.toString('hex') })
      assert.ok(
        found.some(({ state }) => state === 'wrong'),
        `byte ${at} is not looked at`,
      )
    }
  })

  it('writes and names values as the protocol does', async () => {
    const values = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.maxSafeInteger(),
        fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (Object.is(value, -0) ? 0 : value)),
        fc.string({ unit: 'binary' }),
        fc.boolean(),
        fc.constant(null),
        fc.uint8Array(),
        fc.array(tie('value')),
        fc.dictionary(fc.string({ unit: 'binary' }), tie('value')),
      ),
    })).value
    await fc.assert(
      fc.asyncProperty(values, async (value) => {
        const bytes = encodeCanonical(value)
        assert.equal(Buffer.from(encode(value)).toString('hex'), Buffer.from(bytes).toString('hex'))
        assert.deepEqual(encode(decode(bytes)), encode(value))
        assert.equal(await nameOf(bytes, 'dag-cbor'), await cidOf(bytes, 'dag-cbor'))
      }),
      { numRuns: 200 },
    )
  })
})
