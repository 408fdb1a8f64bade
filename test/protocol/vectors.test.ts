import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import type { z } from 'zod'
import {
  Announcement,
  type CertificateError,
  checkCertificate,
  cidOf,
  DOMAINS,
  decodeCanonical,
  encodeCanonical,
  FromNode,
  FromResearcher,
  nameProgram,
  open,
  Program,
  ProtocolError,
  Receipt,
  Task,
  ToNode,
  ToResearcher,
  taskId,
  UnsignedVerdict,
} from '../../protocol/index.ts'

interface Row {
  id: string
  bytes: string
  cid: string
  taskId: string
  program: unknown
  task: unknown
  envelope: string
  statement: 'receipt' | 'announcement'
  signer: string
  value: unknown
  expect: string
  protocol: string
  /** Who says it; left out where it is the node or the researcher. */
  by?: 'coordinator'
  message: unknown
  node: string
  now: number
  owner: string | undefined
  expiresAt: number
}
const read = async (name: string) =>
  JSON.parse(await readFile(new URL(`../vectors/${name}.json`, import.meta.url), 'utf8'), fromDagJson) as Row[]
/** Bytes stand in JSON as dag-json writes them. */
const fromDagJson = (_key: string, value: unknown) => {
  const bytes = (value as { '/'?: { bytes?: string } } | null)?.['/']?.bytes
  return bytes === undefined ? value : Uint8Array.from(Buffer.from(bytes, 'base64'))
}
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

describe('vectors: programs and tasks are named by their canonical bytes', async () => {
  for (const { id, program, bytes, cid, task, taskId: name } of await read('programs')) {
    it(id, async () => {
      const named = await nameProgram(Program.parse(program))
      assert.equal(hex(named.bytes), bytes)
      assert.equal(named.cid, cid)
      assert.deepEqual(decodeCanonical(Buffer.from(bytes, 'hex')), program)
      assert.equal(await taskId(Task.parse(task)), name)
    })
  }
})

describe('vectors: envelopes', async () => {
  for (const { id, envelope, expect, ...answer } of await read('envelopes')) {
    it(`${id}: ${expect}`, async () => {
      const opened = await open(Buffer.from(envelope, 'hex'), DOMAINS.verdict, UnsignedVerdict).catch(
        (error: ProtocolError) => error.code,
      )
      assert.deepEqual(opened, expect === 'ok' ? answer : expect)
    })
  }
})

describe('vectors: statements of a coordinator', async () => {
  const schemas = { receipt: Receipt, announcement: Announcement } as const
  for (const { id, statement, envelope, expect, signer, value } of await read('statements')) {
    it(`${id}: ${expect}`, async () => {
      const opened = await open<unknown>(Buffer.from(envelope, 'hex'), DOMAINS[statement], schemas[statement]).catch(
        (error: ProtocolError) => error.code,
      )
      if (expect !== 'ok') assert.equal(opened, expect)
      else assert.deepEqual(opened, { signer, value, payloadCid: await cidOf(encodeCanonical(value), 'dag-cbor') })
    })
  }
})

describe("vectors: owners' certificates", async () => {
  for (const { id, envelope, node, now, expect, owner, expiresAt } of await read('owners')) {
    it(`${id}: ${expect}`, async () => {
      const bytes = Buffer.from(envelope, 'hex')
      const checked = await checkCertificate(bytes, { node, now }).catch(({ code }: CertificateError) => code)
      if (expect !== 'ok') assert.equal(checked, expect)
      else if (owner === undefined) assert.notEqual(typeof checked, 'string')
      else assert.deepEqual(checked, { owner, expiresAt })
    })
  }
})

describe('vectors: messages', async () => {
  const schemas: Record<string, z.ZodType> = {
    work: FromNode,
    rounds: FromResearcher,
    'work coordinator': ToNode,
    'rounds coordinator': ToResearcher,
  }
  for (const { id, protocol, by, bytes, expect, message } of await read('messages')) {
    it(`${id}: ${expect}`, () => {
      const parse = () => {
        const parsed = schemas[by === undefined ? protocol : `${protocol} ${by}`]?.safeParse(
          decodeCanonical(Buffer.from(bytes, 'hex')),
        )
        if (!parsed?.success) throw new ProtocolError('schema', 'not a message')
        return parsed.data
      }
      if (expect !== 'ok') {
        assert.throws(parse, (error: ProtocolError) => error.code === expect)
        return
      }
      assert.deepEqual(parse(), message)
      assert.equal(hex(encodeCanonical(message)), bytes)
    })
  }
})

describe('vectors: canonical CBOR', async () => {
  for (const { id, bytes, expect } of await read('cbor')) {
    it(`${id}: ${expect}`, () => {
      const decode = () => decodeCanonical(Buffer.from(bytes, 'hex'))
      if (expect === 'ok') assert.equal(hex(encodeCanonical(decode())), bytes)
      else assert.throws(decode, { code: expect })
    })
  }
})
