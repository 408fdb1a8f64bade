import type { PrivateKey } from '@libp2p/interface'
import { CID } from 'multiformats/cid'
import { cidOf, DOMAINS, encodeCanonical, SIDES, type Side, seal } from '../../protocol/index.ts'
import type { VoteEntry } from '../state/model.ts'
import { type Block, carBytes } from './car.ts'
import type { Content } from './content.ts'
import { OperatorNames } from './operator-names.ts'
import type { Item, Snapshot, TaskView } from './snapshot.ts'

/** Cases in one block of the manifest, tasks in another: a block stays near a megabyte, whatever the size of the round. */
const CASES_PER_BLOCK = 1000
const TASKS_PER_BLOCK = 500

interface ArchiveComponents {
  content: Content
  key: PrivateKey
  coordinator: string
}

/**
 * `round.car`: a round and its evidence as a CAR (version 1, one root). Every block is named by its own bytes:
 *
 *     root      = { v, manifest: link, signature: envelope of { v, round, manifest: name as text }, domain "archive" }
 *     manifest  = { v, round, owner, spec, casesDigest, coordinator, state, partial, singleOperator, openedAt, endedAt,
 *                   additions: [{ casesDigest, from, cases }] and parent: { round, only, cases } where there are such,
 *                   counts: { cases, tasks }, cases: [link to case list], tasks: [link to task list] }
 *     case list = { v, from, cases: [{ line, id, problem, source, tests, programs: { cpp: link, cuda: link },
 *                   tasks: { cpp: name, cuda: name } | null, strict: { cpp: { pass: name }, cuda: { pass: name } }, equal,
 *                   judgement: { compat, strict, cells } | null }] }
 *     task list = { v, from, tasks: [{ name, program: link, executor, pass, limits, policy, tests, state, withheld, wasted,
 *                   givenUp: where it ended without a vote having decided it,
 *                   cells: [{ status, output: link, compat, masked, findings, class, votes } | null],
 *                   votes: [{ node, operator, network, class, at, verdict, envelope: link }], outputs: [link] }] }
 *
 * then the programs (dag-cbor), the signed verdicts (raw; `verdict` is the name of the signed payload, `envelope` that of
 * the block) and the outputs they name (raw). Each block once. Votes stand in order of arrival, minority votes among
 * them; operators and networks have names of this coordinator's own (`OperatorNames`), so that no address shows. All of it
 * follows from the log and the coordinator's key.
 *
 * A CAR names its root first, so the manifest is made twice: once for the names, once for the bytes.
 */
export async function* archive(
  components: ArchiveComponents,
  snapshot: Snapshot,
  terms: { singleOperator: boolean },
): AsyncGenerator<Uint8Array> {
  const { content, key, coordinator } = components
  const names = new OperatorNames(key)
  const cases: CID[] = []
  const tasks: CID[] = []
  for await (const { cid } of caseLists(snapshot)) cases.push(CID.parse(cid))
  for await (const { cid } of taskLists(snapshot, names, content)) tasks.push(CID.parse(cid))
  const manifest = await block({ ...headOf(snapshot), coordinator, singleOperator: terms.singleOperator, cases, tasks })
  const statement = { v: 1, round: snapshot.round.id, manifest: manifest.cid }
  const root = await block({
    v: 1,
    manifest: CID.parse(manifest.cid),
    signature: await seal(statement, DOMAINS.archive, key),
  })
  yield* carBytes(root.cid, once(blocks([root, manifest], snapshot, names, content)))
}

async function* blocks(
  first: readonly Block[],
  snapshot: Snapshot,
  names: OperatorNames,
  content: Content,
): AsyncGenerator<Block> {
  yield* first
  yield* caseLists(snapshot)
  yield* taskLists(snapshot, names, content)
  for (const { entry } of snapshot.items) {
    for (const side of SIDES) yield { cid: entry.programs[side], bytes: await content.bytes(entry.programs[side]) }
  }
  for (const view of snapshot.tasks.values()) {
    for (const vote of view.votes) yield await content.envelope(vote.verdict)
    for (const cid of outputsOf(view)) yield { cid, bytes: await content.bytes(cid) }
  }
}

/** Lets each block pass once. Holds the names of what has passed. */
async function* once(blocks: AsyncIterable<Block>): AsyncGenerator<Block> {
  const passed = new Set<string>()
  for await (const item of blocks) {
    if (passed.has(item.cid)) continue
    passed.add(item.cid)
    yield item
  }
}

function headOf({ round, state, endedAt, partial, items, tasks }: Snapshot) {
  const { id, owner, spec, casesDigest, openedAt, additions, parent } = round
  const added = additions.length === 0 ? {} : { additions }
  const rerun = parent === null ? {} : { parent }
  const counts = { cases: items.length, tasks: tasks.size }
  return { v: 1, round: id, owner, spec, casesDigest, ...added, ...rerun, state, partial, openedAt, endedAt, counts }
}

async function* caseLists({ items }: Snapshot): AsyncGenerator<Block> {
  for (let from = 0; from < items.length; from += CASES_PER_BLOCK) {
    yield await block({ v: 1, from, cases: items.slice(from, from + CASES_PER_BLOCK).map(caseRecord) })
  }
}

function caseRecord({ line, entry, judgement, tasks, strict }: Item) {
  const { id, problem, source, tests, programs, equal } = entry
  const names = (views: Item['strict'][Side]) =>
    Object.fromEntries(
      Object.entries(views).map(
        ([
          pass,
          {
            entry: { id },
          },
        ]) => [pass, id],
      ),
    )
  return {
    ...{ line, id, problem, source, tests, judgement, equal: judgement === null ? null : equal },
    strict: { cpp: names(strict.cpp), cuda: names(strict.cuda) },
    programs: { cpp: CID.parse(programs.cpp), cuda: CID.parse(programs.cuda) },
    tasks: tasks && { cpp: tasks.cpp.entry.id, cuda: tasks.cuda.entry.id },
  }
}

async function* taskLists({ tasks }: Snapshot, names: OperatorNames, content: Content): AsyncGenerator<Block> {
  const views = [...tasks.values()]
  for (let from = 0; from < views.length; from += TASKS_PER_BLOCK) {
    const records = []
    for (const view of views.slice(from, from + TASKS_PER_BLOCK)) records.push(await taskRecord(view, names, content))
    yield await block({ v: 1, from, tasks: records })
  }
}

async function taskRecord(view: TaskView, names: OperatorNames, content: Content) {
  const { entry, withheld, wasted } = view
  const { id, task, policy, tests, ballot, givenUp } = entry
  const votes = []
  for (const vote of view.votes) votes.push(await voteRecord(vote, names, content))
  const cells = withheld ? [] : ballot.cells.map((cell) => cell && { ...cell, output: CID.parse(cell.output) })
  return {
    ...{ name: id, executor: task.executor, pass: task.pass, limits: task.limits, policy, tests, withheld, wasted, cells, votes },
    state: withheld ? 'withheld' : ballot.state,
    ...(givenUp === null ? {} : { givenUp }),
    program: CID.parse(task.program),
    outputs: outputsOf(view).map((cid) => CID.parse(cid)),
  }
}

async function voteRecord(vote: VoteEntry, names: OperatorNames, content: Content) {
  const { node, at, verdict, network = vote.operator } = vote
  const whose = { node, operator: names.of(vote.operator), network: names.of(network) }
  return { ...whose, at, verdict, class: vote.class, envelope: CID.parse((await content.envelope(verdict)).cid) }
}

/** The outputs a task's verdicts name, each once. */
function outputsOf({ votes }: TaskView): string[] {
  return [...new Set(votes.flatMap(({ cells }) => cells.map(({ output }) => output)))]
}

async function block(value: unknown): Promise<Block> {
  const bytes = encodeCanonical(value)
  return { cid: await cidOf(bytes, 'dag-cbor'), bytes }
}
