import type { PrivateKey } from '@libp2p/interface'
import type { CID } from 'multiformats/cid'
import { BlockIndex, cidOf, DOMAINS, encodeCanonical, linkOf, SIDES, seal } from '../../protocol/index.ts'
import type { Aside, Block } from '../archives/aside.ts'
import { Breath } from '../breath.ts'
import { caseRecord, outputsOf, repeatsOf, taskRecord } from './archive-records.ts'
import { carBytes } from './car.ts'
import type { Content } from './content.ts'
import { encodedList } from './encoded-list.ts'
import type { Evidence } from './evidence.ts'
import type { OperatorNames } from './operator-names.ts'
import type { Snapshot, TaskView } from './snapshot.ts'

/** Of every block that has a version. */
const FORMAT = 2
/** A list is cut when it has so many bytes or records, so that who reads it need not hold more. */
const LIST_BYTES = 1024 * 1024
const LIST_RECORDS = 1000

interface ArchiveComponents {
  content: Content
  key: PrivateKey
  coordinator: string
  names: OperatorNames
  /** Where lists are put aside until the root is known; null where they are made twice instead. */
  aside: (() => Promise<Aside>) | null
}

/** What the archive says of the terms, and beside cases and tasks. */
interface ArchiveTerms {
  singleOperator: boolean
  evidence: Evidence
}

/** The kinds of lists, in the order in which they stand. */
const LISTS = ['cases', 'tasks', 'batches', 'operators', 'incidents'] as const
type ListName = (typeof LISTS)[number]
type Records = Record<ListName, () => AsyncIterable<unknown> | Iterable<unknown>>

/**
 * `round.car`: a round and its evidence as a CAR with one root; docs/archive.md describes it. Every block is named by its
 * own bytes and stands once, in the order in which it is first mentioned:
 *
 *     root, manifest, lists of cases, tasks, batches, operators, incidents,
 *     of each case both programs,
 *     of each task the envelope of each vote and those of its repeats, then the outputs they name
 *
 * All of it follows from the log and the coordinator's key. A CAR names its root first, and with it all lists: they are put aside on disk
 * meanwhile, or made again, where who asks should take no room on a coordinator's disk.
 */
export async function* archive(
  components: ArchiveComponents,
  snapshot: Snapshot,
  terms: ArchiveTerms,
): AsyncGenerator<Uint8Array> {
  const { key, coordinator } = components
  const records = recordsOf(components, snapshot, terms.evidence)
  const links: Record<ListName, CID[]> = { cases: [], tasks: [], batches: [], operators: [], incidents: [] }
  await using aside = (await components.aside?.()) ?? null
  for (const name of LISTS) {
    for await (const list of lists(records[name]())) {
      links[name].push(linkOf(list.cid))
      await aside?.put(list)
    }
  }
  const head = headOf(snapshot, terms)
  const manifest = await block({ ...head, coordinator, singleOperator: terms.singleOperator, ...links })
  const statement = { v: FORMAT, round: snapshot.round.id, manifest: manifest.cid }
  const signature = await seal(statement, DOMAINS.archive, key)
  const root = await block({ v: FORMAT, manifest: linkOf(manifest.cid), signature })
  yield* carBytes(root.cid, once(blocks([root, manifest], aside?.blocks() ?? listsOf(records), snapshot, components.content)))
}

function headOf({ round, state, endedAt, additions, partial, items, tasks }: Snapshot, { evidence }: ArchiveTerms) {
  const { id, owner, spec, casesDigest, openedAt, parent, votes: agreeing } = round
  const added = additions.length === 0 ? {} : { additions }
  const rerun = parent === null ? {} : { parent }
  const byDigest = agreeing === 'digest' ? { votes: agreeing } : {}
  const { batches, operators, incidents } = evidence
  const sizes = { batches: batches.length, operators: operators.length, incidents: incidents.length }
  const votes = [...tasks.values()].reduce((sum, view) => sum + view.votes.length, 0)
  const counts = { cases: items.length, tasks: tasks.size, votes, ...sizes }
  const what = { v: FORMAT, round: id, owner, spec, casesDigest, ...added, ...rerun, ...byDigest }
  return { ...what, state, partial, openedAt, endedAt, counts }
}

function recordsOf({ names, content }: ArchiveComponents, { items, tasks }: Snapshot, evidence: Evidence): Records {
  return {
    cases: function* () {
      for (const item of items) yield caseRecord(item)
    },
    tasks: async function* () {
      for await (const view of content.readFor(tasks.values(), verdictsOf)) yield await taskRecord(view, names, content)
    },
    batches: () => evidence.batches,
    operators: () => evidence.operators,
    incidents: () => evidence.incidents,
  }
}

async function* listsOf(records: Records): AsyncGenerator<Block> {
  for (const name of LISTS) yield* lists(records[name]())
}

async function* blocks(
  first: readonly Block[],
  all: AsyncIterable<Block>,
  snapshot: Snapshot,
  content: Content,
): AsyncGenerator<Block> {
  yield* first
  yield* all
  for await (const { entry } of content.readFor(snapshot.items, ({ entry }) => Object.values(entry.programs))) {
    for (const side of SIDES) yield { cid: entry.programs[side], bytes: await content.bytes(entry.programs[side]) }
  }
  for await (const view of content.readFor(snapshot.tasks.values(), contentOf)) {
    for (const verdict of verdictsOf(view)) yield await content.envelope(verdict)
    for (const cid of outputsOf(view)) yield { cid, bytes: await content.bytes(cid) }
  }
}

function contentOf(view: TaskView): string[] {
  return [...verdictsOf(view), ...outputsOf(view)]
}

/** Names of a task's verdicts: each vote's, then those of its repeats. */
function* verdictsOf(view: TaskView): Generator<string> {
  for (const vote of view.votes) {
    yield vote.verdict
    for (const { verdict } of repeatsOf(view, vote)) yield verdict
  }
}

/** Lets each block pass once. Remembers which have passed by their digests: a set of strings ends at 16.7 million. */
async function* once(blocks: AsyncIterable<Block>): AsyncGenerator<Block> {
  const passed = new BlockIndex()
  for await (const item of blocks) if (passed.add(item.cid, NO_PLACE)) yield item
}

/** Where a block lies is for those who read. */
const NO_PLACE = { offset: 0, length: 0 }

/** Records as blocks `{ v, from, records }`, in order. */
async function* lists(records: AsyncIterable<unknown> | Iterable<unknown>): AsyncGenerator<Block> {
  let from = 0
  let held: Uint8Array[] = []
  let bytes = 0
  const breath = new Breath()
  for await (const record of records) {
    await breath.take()
    const encoded = encodeCanonical(record)
    if (held.length > 0 && (held.length === LIST_RECORDS || bytes + encoded.byteLength > LIST_BYTES)) {
      yield await listOf(from, held)
      from += held.length
      held = []
      bytes = 0
    }
    held.push(encoded)
    bytes += encoded.byteLength
  }
  if (held.length > 0) yield await listOf(from, held)
}

async function listOf(from: number, records: readonly Uint8Array[]): Promise<Block> {
  return await named(encodedList({ v: FORMAT, from }, records))
}

async function block(value: unknown): Promise<Block> {
  return await named(encodeCanonical(value))
}

async function named(bytes: Uint8Array): Promise<Block> {
  return { cid: await cidOf(bytes, 'dag-cbor'), bytes }
}
