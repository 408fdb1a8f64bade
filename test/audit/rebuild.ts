import { CarReader } from '@ipld/car/reader'
import type { PrivateKey } from '@libp2p/interface'
import { CID } from 'multiformats/cid'
import { cidOf, DOMAINS, decodeCanonical, encodeCanonical, headerFor, seal } from '../../protocol/index.ts'

const LISTS = ['cases', 'tasks', 'batches', 'operators', 'incidents'] as const
type ListName = (typeof LISTS)[number]

// biome-ignore lint/suspicious/noExplicitAny: records are taken apart and changed at will
type Loose = any

/** An archive taken apart: what a liar who has the coordinator's key, or another one, would make a new one of. */
export interface Parts {
  head: Record<string, Loose>
  lists: Record<ListName, Loose[]>
  /** Programs, envelopes and outputs by name. */
  content: Map<string, Uint8Array>
}

export async function takeApart(bytes: Uint8Array): Promise<Parts> {
  const car = await CarReader.fromBytes(bytes)
  const content = new Map<string, Uint8Array>()
  for await (const block of car.blocks()) content.set(block.cid.toString(), block.bytes)
  const take = (cid: CID) => {
    const found = decodeCanonical(content.get(cid.toString()) as Uint8Array) as Loose
    content.delete(cid.toString())
    return found
  }
  const [root] = await car.getRoots()
  const head = take(take(root as CID).manifest)
  const lists = Object.fromEntries(LISTS.map((name) => [name, head[name].flatMap((cid: CID) => take(cid).records)]))
  return { head, lists: lists as Parts['lists'], content }
}

/** Makes an archive of the parts, in the order of the format, and signs it. */
export async function putTogether({ head, lists, content }: Parts, key: PrivateKey): Promise<Buffer> {
  const blocks: { cid: string; bytes: Uint8Array }[] = []
  const block = async (value: unknown) => {
    const bytes = encodeCanonical(value)
    return { cid: await cidOf(bytes, 'dag-cbor'), bytes }
  }
  const manifest: Record<string, unknown> = { ...head }
  for (const name of LISTS) {
    const list = lists[name].length === 0 ? [] : [await block({ v: 2, from: 0, records: lists[name] })]
    blocks.push(...list)
    manifest[name] = list.map(({ cid }) => CID.parse(cid))
  }
  const top = await block(manifest)
  const signature = await seal({ v: 2, round: head.round, manifest: top.cid }, DOMAINS.archive, key)
  const root = await block({ v: 2, manifest: CID.parse(top.cid), signature })
  const seen = new Set<string>()
  for (const link of linksIn(lists)) {
    const cid = link.toString()
    if (!seen.has(cid)) blocks.push({ cid, bytes: content.get(cid) as Uint8Array })
    seen.add(cid)
  }
  return file(root.cid, [root, top, ...blocks])
}

/** Programs, then of each task envelopes and outputs, as often as they are named. */
function* linksIn({ cases, tasks }: Parts['lists']): Generator<CID> {
  for (const { programs } of cases) yield* [programs.cpp, programs.cuda]
  for (const { votes, outputs } of tasks) {
    for (const { envelope, basis } of votes) {
      yield envelope
      for (const repeat of basis?.again ?? []) yield repeat.envelope
    }
    yield* outputs
  }
}

/** A CAR of blocks as they are, named as they are. */
export function file(root: string, blocks: readonly { cid: string; bytes: Uint8Array }[]): Buffer {
  const header = headerFor(root)
  const parts: Uint8Array[] = [varint(header.byteLength), header]
  for (const { cid, bytes } of blocks) parts.push(varint(36 + bytes.byteLength), CID.parse(cid).bytes, bytes)
  return Buffer.concat(parts)
}

/** The blocks of a CAR in order. */
export async function blocksOf(bytes: Uint8Array): Promise<{ root: string; blocks: { cid: string; bytes: Uint8Array }[] }> {
  const car = await CarReader.fromBytes(bytes)
  const blocks = []
  for await (const { cid, bytes } of car.blocks()) blocks.push({ cid: cid.toString(), bytes })
  return { root: String((await car.getRoots())[0]), blocks }
}

function varint(value: number): Uint8Array {
  const bytes = []
  for (let left = value; ; left = Math.floor(left / 128)) {
    if (left < 128) return Uint8Array.from([...bytes, left])
    bytes.push((left % 128) + 128)
  }
}
