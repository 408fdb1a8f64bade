import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import type { z } from 'zod'
import {
  DOMAINS,
  decodeCanonical,
  encodeCanonical,
  FromNode,
  FromResearcher,
  nameProgram,
  open,
  Program,
  ProtocolError,
  Task,
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
  expect: string
  protocol: string
  message: unknown
}
const read = async (name: string) =>
  JSON.parse(await readFile(new URL(`../vectors/${name}.json`, import.meta.url), 'utf8')) as Row[]
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

describe('vectors: messages', async () => {
  const schemas: Record<string, z.ZodType> = { work: FromNode, rounds: FromResearcher }
  for (const { id, protocol, bytes, expect, message } of await read('messages')) {
    it(`${id}: ${expect}`, () => {
      const parse = () => {
        const parsed = schemas[protocol]?.safeParse(decodeCanonical(Buffer.from(bytes, 'hex')))
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
