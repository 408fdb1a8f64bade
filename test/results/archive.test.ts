import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CarReader } from '@ipld/car/reader'
import * as dagCbor from '@ipld/dag-cbor'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { CID } from 'multiformats/cid'
import { z } from 'zod'
import { OperatorNames } from '../../coordinator/results/operator-names.ts'
import { tally } from '../../coordinator/rules/ballot.ts'
import {
  cidOf,
  DOMAINS,
  encodeCanonical,
  holds,
  nameProgram,
  open,
  type Policy,
  Program,
  peerIdOf,
  programOf,
  UnsignedVerdict,
} from '../../protocol/index.ts'
import { JUDGED, PLAN, type Planned, planned, Recording } from './recording.ts'

const Statement = z.strictObject({ v: z.literal(2), round: z.string(), manifest: z.string() })
const Link = z.custom<CID>((value) => CID.asCID(value) !== null)
const Root = z.strictObject({ v: z.literal(2), manifest: Link, signature: z.instanceof(Uint8Array) })
const Manifest = z.looseObject({
  round: z.string(),
  owner: z.string(),
  state: z.string(),
  spec: z.looseObject({ policy: z.custom<Policy>() }),
  counts: z.looseObject({ cases: z.number(), tasks: z.number() }),
  cases: z.array(Link),
  tasks: z.array(Link),
})
const Sides = z.strictObject({ cpp: Link, cuda: Link })
const CaseList = z.looseObject({
  records: z.array(
    z.looseObject({ line: z.number(), programs: Sides, judgement: z.looseObject({ compat: z.string() }).nullable() }),
  ),
})
const Cell = z.looseObject({ status: z.string(), output: Link, votes: z.number() })
const Name = z.string().regex(/^[0-9a-f]{16}$/)
const Vote = z.looseObject({
  node: z.string(),
  operator: Name,
  network: Name,
  class: z.string(),
  verdict: z.string(),
  envelope: Link,
})
const TaskList = z.looseObject({
  records: z.array(
    z.looseObject({
      name: z.string(),
      program: Link,
      executor: z.string(),
      pass: z.string(),
      limits: z.unknown(),
      tests: z.number(),
      state: z.string(),
      cells: z.array(Cell.nullable()),
      votes: z.array(Vote),
      outputs: z.array(Link),
    }),
  ),
})

/** An archive read with nothing of the room that wrote it. */
class Archive {
  readonly reader: CarReader
  readonly manifest: z.infer<typeof Manifest>
  readonly root: z.infer<typeof Root>

  private constructor(reader: CarReader, root: z.infer<typeof Root>, manifest: z.infer<typeof Manifest>) {
    this.reader = reader
    this.root = root
    this.manifest = manifest
  }

  static async of(recording: Recording, options = {}): Promise<Archive> {
    const reader = await CarReader.fromBytes((await recording.files(options)).get('round.car') as Buffer)
    const [rootCid, ...others] = await reader.getRoots()
    assert.equal(others.length, 0)
    const root = Root.parse(dagCbor.decode((await reader.get(rootCid as CID))?.bytes as Uint8Array))
    return new Archive(reader, root, Manifest.parse(dagCbor.decode((await reader.get(root.manifest))?.bytes as Uint8Array)))
  }

  async bytes(link: CID): Promise<Uint8Array> {
    const block = await this.reader.get(link)
    assert.ok(block, `block ${link} is missing`)
    return block.bytes
  }

  async decoded<T>(link: CID, schema: z.ZodType<T>): Promise<T> {
    return schema.parse(dagCbor.decode(await this.bytes(link)))
  }

  async cases() {
    const lists = await Promise.all(this.manifest.cases.map((link) => this.decoded(link, CaseList)))
    return lists.flatMap(({ records }) => records)
  }

  async tasks() {
    const lists = await Promise.all(this.manifest.tasks.map((link) => this.decoded(link, TaskList)))
    return lists.flatMap(({ records }) => records)
  }
}

describe('round.car', () => {
  it('is a CAR of blocks that are what their names say, each once', async (t) => {
    const { reader } = await Archive.of(await Recording.make(t))
    const seen = new Set<string>()
    for await (const { cid, bytes } of reader.blocks()) {
      assert.ok(await holds(cid.toString(), bytes), String(cid))
      assert.ok(!seen.has(cid.toString()), `${cid} twice`)
      seen.add(cid.toString())
    }
    assert.ok(seen.size > 60)
  })

  it("carries the coordinator's signature over the manifest", async (t) => {
    const recording = await Recording.make(t)
    const { root, manifest } = await Archive.of(recording)
    const { signer, value } = await open(root.signature, DOMAINS.archive, Statement)
    assert.equal(signer, peerIdOf(recording.key))
    assert.deepEqual(value, { v: 2, round: recording.roundName, manifest: root.manifest.toString() })
    assert.deepEqual([manifest.round, manifest.owner, manifest.state], [recording.roundName, 'owner', 'aggregated'])
    await assert.rejects(open(root.signature, DOMAINS.verdict, Statement), { code: 'signature' })
  })

  it('holds cases with their programs and judgements', async (t) => {
    const archive = await Archive.of(await Recording.make(t))
    const cases = await archive.cases()
    assert.deepEqual(
      cases.map(({ judgement }) => judgement?.compat),
      JUDGED,
    )
    for (const [index, { programs }] of cases.entries()) {
      assert.equal((await archive.decoded(programs.cpp, Program)).code, PLAN[index]?.item.cpp)
      assert.equal((await archive.decoded(programs.cuda, Program)).code, PLAN[index]?.item.cuda)
    }
  })

  it('holds every verdict, minority votes too, from which anybody can make the decisions again', async (t) => {
    const archive = await Archive.of(await Recording.make(t, { nodes: 4, liar: true }))
    const tasks = await archive.tasks()
    assert.equal(tasks.length, archive.manifest.counts.tasks)
    for (const task of tasks) {
      assert.equal(
        task.name,
        await cidOf(
          encodeCanonical({ program: task.program.toString(), executor: task.executor, pass: task.pass, limits: task.limits }),
          'dag-cbor',
        ),
      )
      assert.equal(task.votes.length, 3)
      const outputs = new Set<string>()
      const votes = []
      for (const { node, operator, class: group, verdict, envelope } of task.votes) {
        const { signer, value, payloadCid } = await open(await archive.bytes(envelope), DOMAINS.verdict, UnsignedVerdict)
        assert.deepEqual([signer, payloadCid, value.task], [node, verdict, task.name])
        for (const { output } of value.tests) outputs.add(output)
        const cells = value.tests.map(({ status, output, findings }) => ({ status, output, findings, compat: '', masked: '' }))
        votes.push({ node, operator, class: group, cells })
      }
      assert.deepEqual(task.outputs.map(String).sort(), [...outputs].sort())
      for (const link of task.outputs) await archive.bytes(link)
      const { policy } = archive.manifest.spec
      assert.ok(policy.kind === 'majority')
      const ballot = tally(policy, task.tests, votes)
      assert.equal(ballot.state, task.state)
      assert.deepEqual(
        task.cells.map((cell) => cell && [cell.status, cell.output.toString()]),
        ballot.cells.map((cell) => cell && [cell.status, cell.output]),
      )
    }
  })

  it('calls operators by names that tell who is the same, and not who or where', async (t) => {
    const recording = await Recording.make(t)
    const archive = await Archive.of(recording)
    const names = new Map<string, Set<string>>()
    for (const { node, operator } of (await archive.tasks()).flatMap(({ votes }) => votes)) {
      names.set(node, (names.get(node) ?? new Set()).add(operator))
    }
    assert.equal(names.size, 3)
    const all = [...names.values()].flatMap((known) => [...known])
    assert.equal(new Set(all).size, 3)
    assert.equal(all.length, 3)
    for await (const { bytes } of archive.reader.blocks()) assert.doesNotMatch(Buffer.from(bytes).toString('latin1'), /203\.0\./)
    const elsewhere = new OperatorNames(await generateKeyPair('Ed25519'))
    assert.ok(!all.includes(elsewhere.of('net 203.0.0.0/24')))
    assert.ok(all.includes(new OperatorNames(recording.key).of('net 203.0.0.0/24')))
  })

  it('splits large rounds into linked lists', async (t) => {
    const plan = Array.from({ length: 1001 }, (_, n) => planned({ id: n }, [], []))
    const recording = await Recording.make(t, { plan: [...plan, ...PLAN] })
    const archive = await Archive.of(recording)
    assert.equal(archive.manifest.cases.length, 2)
    assert.deepEqual(
      (await archive.cases()).map(({ line }) => line),
      Array.from({ length: 1001 + PLAN.length }, (_, n) => n + 1),
    )
  })

  it('says so when content is missing, instead of leaving it out', async (t) => {
    const recording = await Recording.make(t)
    const lost = recording.ledger.state.tasks.get([...recording.round.tasks][0] as string)?.votes[0]?.verdict
    const store = recording.ledger.store
    const read = store.blobs.bind(store)
    const readMost = async (cids: readonly string[]) =>
      (await read(cids)).map((bytes, at) => (cids[at] === lost ? undefined : bytes))
    t.mock.method(store, 'blobs', readMost)
    await assert.rejects(recording.files(), { code: 'store' })
  })

  it('withholds what was voted on programs of pending cases', async (t) => {
    const program = (await nameProgram(programOf((PLAN[5] as Planned).item, 'cuda'))).cid
    const partial = await Recording.make(t, { silentOn: (name) => name === program })
    const tasks = await (await Archive.of(partial, { partial: true })).tasks()
    const withheld = tasks.filter(({ state }) => state === 'withheld')
    assert.equal(withheld.length, 3)
    for (const { votes, cells, outputs } of withheld) assert.deepEqual([votes, cells, outputs], [[], [], []])
  })
})
