import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { cidOf, encodeCanonical, type UnsignedVerdict } from '../../protocol/index.ts'

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
const [program] = JSON.parse(await readFile(new URL('../vectors/programs.json', import.meta.url), 'utf8'))
const task = Buffer.from(encodeCanonical(program.task)).toString('base64')
const good = rows.find(({ expect }) => expect === 'ok') as Row

/** A browser's reading of what is in the vectors. */
async function steps({ envelope, signer = '', payloadCid = '' }: Row): Promise<Step[]> {
  const stated = { cid: payloadCid, envelope: Buffer.from(envelope, 'hex').toString('base64'), signer, task, use: null }
  return await all(checkVerdict(stated, async () => null))
}

async function all(found: AsyncIterable<Step>): Promise<Step[]> {
  const steps: Step[] = []
  for await (const step of found) steps.push(step)
  return steps
}

describe('the page checks verdicts by code of its own', () => {
  for (const row of rows) {
    it(`${row.id}: ${row.expect}`, async () => {
      const found = await steps({ ...good, ...row })
      const wrong = found.filter(({ state }) => state === 'wrong')
      assert.equal(wrong.length === 0, row.expect === 'ok', JSON.stringify(found, null, 1))
    })
  }

  it('what the case shows and the ballot lists is held against what was signed', async () => {
    const { envelope, signer, payloadCid: cid, value } = good as Row & { value: UnsignedVerdict }
    const listed = value.tests.map(({ status, output, findings }) => ({
      status,
      output,
      flags: findings.map(({ flag }) => flag),
    }))
    const rows = [
      { id: 'as it is', use: { program: program.program, listed }, wrong: [] },
      {
        id: 'other code',
        use: { program: { ...program.program, code: 'void f(int *a) { a[0] = 2; }' }, listed },
        wrong: ['It ran the code and the tests shown with the case'],
      },
      { id: 'other words', use: { program: program.program, listed: [] }, wrong: ['It says what the ballot lists'] },
    ]
    for (const { id, use, wrong } of rows) {
      const stated = { cid, envelope: Buffer.from(envelope, 'hex').toString('base64'), signer, task, use }
      const found = await all(checkVerdict(stated, async () => new Uint8Array()))
      assert.deepEqual(
        found.filter(({ title, state }) => state === 'wrong' && !title.startsWith('The outputs')).map(({ title }) => title),
        wrong,
        id,
      )
    }
  })

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
