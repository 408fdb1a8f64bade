import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { CarWriter } from '@ipld/car/writer'
import { CID } from 'multiformats/cid'
import { BlockIndex, CarFile, cidOf, encodeCanonical } from '../../protocol/index.ts'
import { scratch } from '../support/scratch.ts'
import { seeded } from '../support/seeded.ts'

interface Named {
  cid: string
  bytes: Uint8Array
}

async function raw(bytes: Uint8Array): Promise<Named> {
  return { cid: await cidOf(bytes, 'raw'), bytes }
}

/** A CAR as the library of its format writes it. */
async function written(blocks: readonly Named[], roots = blocks.slice(0, 1)): Promise<Buffer> {
  const { writer, out } = CarWriter.create(roots.map(({ cid }) => CID.parse(cid)))
  const parts: Uint8Array[] = []
  const reading = (async () => {
    for await (const part of out) parts.push(part)
  })()
  for (const { cid, bytes } of blocks) await writer.put({ cid: CID.parse(cid), bytes })
  await writer.close()
  await reading
  return Buffer.concat(parts)
}

async function opened(t: TestContext, bytes: Uint8Array): Promise<CarFile> {
  const file = join(await scratch(t), 'a.car')
  await writeFile(file, bytes)
  const car = await CarFile.open(file)
  t.after(() => car.close())
  return car
}

/** Blocks of all sorts of lengths: none, one byte, around a varint's width, around the window. */
async function blocks(): Promise<Named[]> {
  const first = encodeCanonical({ hello: 'world' })
  const sizes = [0, 1, 91, 92, 16_347, 16_348, 1_048_540, 1_048_576, 3_000_000]
  const others = await Promise.all(sizes.map(async (size) => await raw(new Uint8Array(size).fill(size % 251))))
  return [{ cid: await cidOf(first, 'dag-cbor'), bytes: first }, await raw(first), ...others]
}

describe('an archive file', () => {
  it('gives every block by its name, in any order, as the CAR library wrote it', async (t) => {
    const all = await blocks()
    const car = await opened(t, await written(all))
    assert.deepEqual([car.root, car.blocks], [all[0]?.cid, all.length])
    for (const { cid, bytes } of [...all].reverse())
      assert.ok(Buffer.compare((await car.get(cid)) as Uint8Array, bytes) === 0, cid)
    assert.equal(await car.get(await cidOf(Buffer.from('elsewhere'), 'raw')), undefined)
    const together = await Promise.all(all.map(({ cid }) => car.get(cid)))
    assert.ok(together.every((bytes, at) => Buffer.compare(bytes as Uint8Array, (all[at] as Named).bytes) === 0))
  })

  it('does not give out what is not what its name says', async (t) => {
    const [first, second] = (await blocks()) as [Named, Named]
    const file = await written([first, second])
    file[file.length - 1] = (file.at(-1) as number) ^ 1
    const car = await opened(t, file)
    await assert.rejects(car.get(second.cid), { code: 'car', message: /not what its name says/ })
  })

  const refused: { id: string; make: (file: Buffer, all: Named[]) => Buffer | Promise<Buffer>; says: RegExp }[] = [
    { id: 'nothing', make: () => Buffer.alloc(0), says: /does not begin/ },
    { id: 'another kind of file', make: () => Buffer.from('{"line":1}\n'), says: /header|begin/ },
    { id: 'half a header', make: (file) => file.subarray(0, 30), says: /within its header/ },
    { id: 'no root', make: (_, all) => written(all, []), says: /header/ },
    { id: 'two roots', make: (_, all) => written(all, all.slice(0, 2)), says: /header/ },
    { id: 'another version', make: (file) => Buffer.from(file).fill(2, 58, 59), says: /header/ },
    { id: 'half a length', make: (file) => Buffer.concat([file, Buffer.of(0x80)]), says: /within the length/ },
    { id: 'a long length', make: (file) => Buffer.concat([file, Buffer.of(0xa4, 0x00), file.subarray(60, 96)]), says: /short/ },
    { id: 'a huge length', make: (file) => Buffer.concat([file, Buffer.alloc(9, 0xff)]), says: /larger than any/ },
    { id: 'a block that is cut off', make: (file) => file.subarray(0, -1), says: /cut off/ },
    { id: 'bytes after the end', make: (file) => Buffer.concat([file, Buffer.of(0)]), says: /shorter than its name/ },
    { id: 'a block twice', make: (_, all) => written([...all, all[0] as Named]), says: /twice/ },
  ]
  for (const { id, make, says } of refused) {
    it(`refuses ${id}`, async (t) => {
      const all = (await blocks()).slice(0, 4)
      await assert.rejects(opened(t, await make(await written(all), all)), { code: 'car', message: says })
    })
  }

  it('says which file it cannot read', async (t) => {
    const folder = await scratch(t)
    await assert.rejects(CarFile.open(join(folder, 'none.car')), { code: 'file', message: /no such file/ })
    await assert.rejects(CarFile.open(folder), { code: 'file', message: /not a file/ })
  })
})

describe('the index of an archive', () => {
  it('finds what was added, and nothing else, while it grows', async () => {
    const index = new BlockIndex()
    const random = seeded(1)
    const names: string[] = []
    for (let n = 0; n < 5_000; n++) names.push(await cidOf(Buffer.from(String(random())), n % 2 === 0 ? 'raw' : 'dag-cbor'))
    for (const [n, cid] of names.entries()) assert.ok(index.add(cid, { offset: 2 ** 40 + n, length: n }))
    assert.equal(index.add(names[7] as string, { offset: 0, length: 0 }), false)
    for (const [n, cid] of names.entries()) assert.deepEqual(index.find(cid), { number: n, offset: 2 ** 40 + n, length: n })
    assert.equal(index.find(await cidOf(Buffer.from('not there'), 'raw')), undefined)
    assert.equal(index.size, 5_000)
  })
})
