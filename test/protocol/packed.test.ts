import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { gzipSync } from 'node:zlib'
import { type CaseSource, checkCaseFile, MAX_GZIP_RATIO, readCases } from '../../protocol/index.ts'
import { line } from '../support/cases.ts'
import { scratch } from '../support/scratch.ts'

const TEXT = `${line(1)}\n\n${line(2)}\n`

/** Bytes in pieces of a size, as a pipe may give them. */
function inPieces(bytes: Uint8Array, size: number): CaseSource {
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size)
  }
  return { name: 'pieces', chunks }
}

async function fileOf(t: TestContext, bytes: Uint8Array): Promise<string> {
  const file = join(await scratch(t), 'cases.jsonl')
  await writeFile(file, bytes)
  return file
}

describe('cases that are gzipped', () => {
  it('are told by their first bytes, and are the same cases as those that are not', async (t) => {
    const plain = await checkCaseFile(await fileOf(t, Buffer.from(TEXT)))
    assert.equal(plain.cases, 2)
    const rows = [
      { id: 'a file', source: await fileOf(t, gzipSync(TEXT)) },
      { id: 'a byte at a time', source: inPieces(gzipSync(TEXT), 1) },
      {
        id: 'two members, as `cat a.gz b.gz` makes',
        source: inPieces(Buffer.concat([gzipSync(line(1)), gzipSync(`\n\n${line(2)}\n`)]), 100),
      },
      { id: 'plain text, a byte at a time', source: inPieces(Buffer.from(TEXT), 1) },
    ]
    for (const { id, source } of rows) assert.deepEqual(await checkCaseFile(source), plain, id)
    const ids = []
    for await (const item of readCases(await fileOf(t, gzipSync(TEXT)), { skip: 1 })) ids.push(item.id)
    assert.deepEqual(ids, [2])
  })

  const packed = gzipSync(TEXT)
  const changed = Buffer.from(packed)
  changed[packed.length - 6] = (changed[packed.length - 6] as number) ^ 1
  const bad = [
    { id: 'cut in the middle', bytes: packed.subarray(0, packed.length / 2), says: /: gzip data that ends in the middle/ },
    { id: 'the head alone', bytes: packed.subarray(0, 2), says: /: gzip data that ends in the middle/ },
    { id: 'changed on the way', bytes: changed, says: /: damaged gzip data/ },
    { id: 'empty', bytes: gzipSync(''), says: /no cases in it/ },
    { id: 'one long line', bytes: gzipSync(Buffer.alloc(30_000_000, 'x')), says: /line 1: longer than 4194304 bytes/ },
  ]
  for (const { id, bytes, says } of bad) {
    it(`${id}: refused in words`, async (t) => {
      await assert.rejects(checkCaseFile(await fileOf(t, bytes)), { name: 'KernelswarmError', message: says })
    })
  }

  it('that unfold without end are refused long before the end', async () => {
    // A gigabyte of line ends from a megabyte; no line is long, and none is a case.
    const member = gzipSync(Buffer.alloc(64 * 1024 * 1024, '\n'))
    let taken = 0
    async function* members(): AsyncGenerator<Uint8Array> {
      for (; taken < 1_000; taken++) yield member
    }
    await assert.rejects(checkCaseFile({ name: 'bomb', chunks: members }), {
      code: 'file',
      message: new RegExp(`^bomb: unfolds to more than ${MAX_GZIP_RATIO} times its size`),
    })
    assert.ok(taken < 8, `${taken} members were taken`)
  })
})
