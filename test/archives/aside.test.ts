import assert from 'node:assert/strict'
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Block } from '../../coordinator/archives/aside.ts'
import { ArchiveFolder } from '../../coordinator/archives/folder.ts'
import { scratch } from '../support/scratch.ts'

test('blocks are put aside and come back in their order, as often as they are asked for', async (t) => {
  const folder = join(await scratch(t), 'archives')
  const blocks = [0, 1, 70_000, 3].map((bytes, at) => ({ cid: `block ${at}`, bytes: new Uint8Array(bytes).fill(at) }))
  await using aside = await new ArchiveFolder(folder).aside('round')
  assert.deepEqual(await all(aside.blocks()), [])
  for (const block of blocks) await aside.put(block)
  for (const _ of [1, 2]) assert.deepEqual(await all(aside.blocks()), blocks)
  assert.deepEqual(await readdir(folder), [], 'nothing is left where the coordinator is killed')
})

test('what is put aside by two at once does not mix', async (t) => {
  const folder = new ArchiveFolder(await scratch(t))
  await using one = await folder.aside('one')
  await using other = await folder.aside('other')
  await one.put({ cid: 'one', bytes: Uint8Array.of(1) })
  await other.put({ cid: 'other', bytes: Uint8Array.of(2, 2) })
  assert.deepEqual(await all(one.blocks()), [{ cid: 'one', bytes: Uint8Array.of(1) }])
  assert.deepEqual(await all(other.blocks()), [{ cid: 'other', bytes: Uint8Array.of(2, 2) }])
})

test("one that was killed before its file lost its name is in nobody's way", async (t) => {
  const folder = await scratch(t)
  await writeFile(join(folder, 'round.lists.part'), 'of before')
  await using aside = await new ArchiveFolder(folder).aside('round')
  await aside.put({ cid: 'one', bytes: Uint8Array.of(1) })
  assert.deepEqual(await all(aside.blocks()), [{ cid: 'one', bytes: Uint8Array.of(1) }])
  assert.deepEqual(await readdir(folder), [])
})

test('a folder that cannot be made is said', async (t) => {
  const folder = await scratch(t)
  await writeFile(join(folder, 'archives'), 'a file')
  await assert.rejects(new ArchiveFolder(join(folder, 'archives')).aside('round'), /archives/)
})

async function all(blocks: AsyncIterable<Block>): Promise<Block[]> {
  const found: Block[] = []
  for await (const block of blocks) found.push(block)
  return found
}
