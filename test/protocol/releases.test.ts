import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { describe, it } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { z } from 'zod'
import { recordsOf, writeStore } from '../../coordinator/backup/records.ts'
import { Ledger } from '../../coordinator/ledger.ts'
import { resultFiles } from '../../coordinator/results/index.ts'
import type { RoundEntry } from '../../coordinator/state/model.ts'
import { Store } from '../../coordinator/store/store.ts'
import {
  ANNOUNCEMENTS_TOPIC,
  Announcement,
  DOMAINS,
  decodeCanonical,
  FromNode,
  FromResearcher,
  open,
  Receipt,
  ROUNDS_PROTOCOL,
  ToNode,
  ToResearcher,
  UnsignedVerdict,
  WORK_PROTOCOL,
} from '../../protocol/index.ts'
import { grammar } from '../specification/grammar.ts'
import { scratch } from '../support/scratch.ts'
import { RELEASES, type RecordedForms, VECTOR_FILES } from '../vectors/releases.ts'
import type { Outcome } from '../vectors/round.ts'

interface Row {
  id: string
  protocol: string
  by?: string
  bytes: string
  envelope: string
  statement: 'receipt' | 'announcement'
  signer: string
  expect: string
}

const SCHEMAS: Record<string, z.ZodType> = {
  'work ': FromNode,
  'work coordinator': ToNode,
  'rounds ': FromResearcher,
  'rounds coordinator': ToResearcher,
}

for (const version of await readdir(RELEASES)) {
  const read = async (file: string) => await readFile(new URL(`${version}/${file}`, RELEASES))
  const rows = async (file: string) => JSON.parse((await read(file)).toString()) as Row[]

  describe(`what ${version} said and stored`, () => {
    it('is all kept', async () => {
      const files = await readdir(new URL(`${version}/`, RELEASES))
      assert.deepEqual(files.sort(), [...VECTOR_FILES, 'forms.json', 'outcome.json', 'store.gz'].sort())
    })

    it('had the forms of today, where the version is that of today: a change is a version of its own', async () => {
      const { protocols, blocks } = JSON.parse((await read('forms.json')).toString()) as RecordedForms
      const today = [WORK_PROTOCOL, ROUNDS_PROTOCOL, ANNOUNCEMENTS_TOPIC]
      if (protocols.join() !== today.join()) return
      for (const [block, text] of Object.entries(blocks)) assert.equal(grammar(block), text, block)
    })

    it('is understood: every message that it could say', async () => {
      const messages = (await rows('messages.json')).filter(({ expect }) => expect === 'ok')
      assert.ok(messages.length > 30)
      for (const { id, protocol, by = '', bytes } of messages) {
        const parsed = SCHEMAS[`${protocol} ${by}`]?.safeParse(decodeCanonical(Buffer.from(bytes, 'hex')))
        assert.ok(parsed?.success, `${protocol} ${by}: ${id}: ${parsed?.error?.message}`)
      }
    })

    it('is believed: every verdict that was signed', async () => {
      const envelopes = (await rows('envelopes.json')).filter(({ expect }) => expect === 'ok')
      assert.ok(envelopes.length > 0)
      for (const { id, envelope, signer } of envelopes) {
        assert.equal((await open(Buffer.from(envelope, 'hex'), DOMAINS.verdict, UnsignedVerdict)).signer, signer, id)
      }
    })

    it('is believed: every receipt and announcement', async () => {
      for (const { id, statement, envelope, signer } of (await rows('statements.json')).filter(({ expect }) => expect === 'ok')) {
        const schema: z.ZodType = { receipt: Receipt, announcement: Announcement }[statement]
        assert.equal((await open(Buffer.from(envelope, 'hex'), DOMAINS[statement], schema)).signer, signer, id)
      }
    })

    it('is read, brought up to date where it has to be, and comes to the same', async (t) => {
      const folder = await scratch(t)
      await mkdir(join(folder, 'data'))
      const records = recordsOf(Readable.from([gunzipSync(await read('store.gz'))]))
      await writeStore(join(folder, 'data', 'log'), records, () => {})
      const store = await Store.open(join(folder, 'data', 'log'), { reserveBytes: 0 })
      t.after(async () => await store.close())
      const ledger = await Ledger.open(store)
      const outcome = JSON.parse((await read('outcome.json')).toString()) as Outcome
      const round = await ledger.roundNamed(outcome.round)
      assert.ok(round !== undefined)
      assert.equal(round.judged, outcome.judged)
      assert.equal(ledger.state.verdicts, outcome.verdicts)
      assert.equal(await outcomesIn(ledger, round), outcome.outcomes)
    })
  })
}

async function outcomesIn(ledger: Ledger, round: RoundEntry): Promise<string> {
  const hash = createHash('sha256')
  const key = await generateKeyPair('Ed25519')
  const options = { partial: false, singleOperator: true, only: ['outcomes.jsonl' as const] }
  for await (const { bytes } of resultFiles({ ledger, key, coordinator: 'c' }, round, options)) hash.update(bytes)
  return hash.digest('hex')
}
