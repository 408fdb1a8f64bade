import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { PrivateKey } from '@libp2p/interface'
import type { Question } from '../../coordinator/work/check.ts'
import { Checkers } from '../../coordinator/work/checkers.ts'
import {
  type Assign,
  Channel,
  cidOf,
  createHost,
  DOMAINS,
  decodeCanonical,
  encodeCanonical,
  FIRST_CREDITS,
  type FromNode,
  holds,
  MAX_CREDITS,
  MAX_MESSAGE_BYTES,
  openStream,
  Program,
  parseAddress,
  peerIdOf,
  ROUNDS_PROTOCOL,
  seal,
  ToNode,
  type UnsignedVerdict,
  WORK_PROTOCOL,
} from '../../protocol/index.ts'
import { UNMEASURED } from '../../sandbox/types.ts'
import { line, writeCases } from '../support/cases.ts'
import { ENVIRONMENT } from '../support/environment.ts'
import { framed } from '../support/framed.ts'
import { scratch } from '../support/scratch.ts'
import { ended, TestSwarm } from '../support/swarm.ts'

/** A peer that says what the test makes it say. */
async function peer(t: TestContext, swarm: TestSwarm, protocol: string) {
  const key = await generateKeyPair('Ed25519')
  const host = await createHost({ key, listen: [] })
  t.after(async () => await host.stop())
  return { key, stream: await openStream(host, parseAddress(swarm.address), protocol) }
}

const hello = encodeCanonical({ t: 'hello', agent: 'x', environments: [ENVIRONMENT], memoryBytes: 2 ** 40, holding: [] })

const floods = [
  { id: 'a frame longer than the cap', bytes: framed(new Uint8Array(1024), MAX_MESSAGE_BYTES + 1) },
  { id: 'a length without end', bytes: Buffer.alloc(64, 0xff) },
  { id: 'bytes that are no CBOR', bytes: framed(Buffer.from('GET / HTTP/1.1')) },
  { id: 'nesting 20,000 deep', bytes: framed(Buffer.concat([Buffer.alloc(20_000, 0x81), Buffer.of(0)])) },
  { id: 'unsorted keys', bytes: framed(Buffer.from('a2616201616101', 'hex')) },
  { id: 'a message of another protocol', bytes: framed(encodeCanonical({ t: 'opened', round: 'x', have: 0, state: 'open' })) },
  { id: 'a field too many', bytes: framed(encodeCanonical({ t: 'want', credits: 1, more: true })) },
  { id: 'an empty frame', bytes: framed(new Uint8Array()) },
]

describe('a peer that breaks the form of the protocol is cut off', { timeout: 60_000 }, () => {
  for (const protocol of [WORK_PROTOCOL, ROUNDS_PROTOCOL]) {
    it(`on ${protocol}, and the others go on`, async (t) => {
      const folder = await scratch(t)
      const swarm = await TestSwarm.start(t, folder)
      for (const { id, bytes } of floods) {
        const { stream } = await peer(t, swarm, protocol)
        const closed = new Promise((resolve) => stream.addEventListener('close', resolve))
        stream.addEventListener('message', () => {})
        stream.send(bytes)
        await closed
        assert.notEqual(stream.status, 'open', id)
      }
      await swarm.addNode('a')
      await swarm.addNode('b')
      const client = await swarm.researcher()
      assert.equal((await ended(client, await swarm.submit(client, await writeCases(join(folder, 'cases.jsonl'), 3)))).judged, 3)
    })
  }

  const orders: { id: string; messages: Uint8Array[] }[] = [
    { id: 'work before hello', messages: [encodeCanonical({ t: 'want', credits: 1 })] },
    { id: 'hello twice', messages: [hello, hello] },
    { id: 'a program it was not given', messages: [hello, encodeCanonical({ t: 'need', program: `bafyrei${'a'.repeat(52)}` })] },
    {
      id: 'outputs for an assignment it has not',
      messages: [hello, encodeCanonical({ t: 'output', nonce: '0'.repeat(32), test: 0, bytes: Buffer.from('x') })],
    },
    {
      id: 'outputs that come with a verdict on an assignment it has not',
      messages: [
        hello,
        encodeCanonical({
          t: 'verdict',
          nonce: '0'.repeat(32),
          envelope: new Uint8Array(),
          outputs: [{ test: 0, bytes: Buffer.from('x') }],
        }),
      ],
    },
  ]
  for (const { id, messages } of orders) {
    it(`so is one that says ${id}`, async (t) => {
      const swarm = await TestSwarm.start(t, await scratch(t))
      const { stream } = await peer(t, swarm, WORK_PROTOCOL)
      const closed = new Promise((resolve) => stream.addEventListener('close', resolve))
      stream.addEventListener('message', () => {})
      for (const message of messages) stream.send(framed(message))
      await closed
    })
  }
})

/** A node by hand: greets, takes one assignment and its program. */
async function handNode(t: TestContext, swarm: TestSwarm) {
  const { key, stream } = await peer(t, swarm, WORK_PROTOCOL)
  const channel = new Channel<ToNode, FromNode>(stream, { schema: ToNode })
  const answers = channel[Symbol.asyncIterator]()
  await channel.send({
    t: 'hello',
    agent: 'hand',
    environments: [ENVIRONMENT, { ...ENVIRONMENT, executor: 'emulated' }],
    memoryBytes: 2 ** 40,
    holding: [],
  })
  assert.equal((await answers.next()).value?.t, 'welcome')
  const next = async (): Promise<ToNode> => (await answers.next()).value as ToNode
  /** The next assignment; its program may come before it. */
  const assigned = async (credits = 1): Promise<Assign> => {
    await channel.send({ t: 'want', credits })
    for (;;) {
      const message = await next()
      if (message.t !== 'program') return message as Assign
    }
  }
  const take = async (): Promise<{ assign: Assign; program: Program }> => {
    const assign = await assigned()
    assert.equal(assign.t, 'assign')
    await channel.send({ t: 'need', program: assign.task.program })
    const sent = (await next()) as Extract<ToNode, { t: 'program' }>
    assert.ok(await holds(assign.task.program, sent.bytes))
    return { assign, program: Program.parse(decodeCanonical(sent.bytes)) }
  }
  return { key, channel, next, assigned, take }
}

async function verdictFor(
  { assign, program }: { assign: Assign; program: Program },
  change: Partial<UnsignedVerdict> = {},
): Promise<UnsignedVerdict> {
  const output = await cidOf(Buffer.from('x'), 'raw')
  return {
    v: 1,
    task: assign.taskId,
    nonce: assign.nonce,
    environment: { ...ENVIRONMENT, executor: assign.task.executor },
    tests: program.tests.map(() => ({ status: 'success', output, outputBytes: 1, findings: [] })),
    resources: { compileMs: 1, runMs: 1, ...UNMEASURED },
    ...change,
  }
}

type Change = (verdict: UnsignedVerdict) => Partial<UnsignedVerdict>
const lies: {
  id: string
  code: string
  change?: Change
  key?: () => Promise<PrivateKey>
  output?: string
  envelope?: (bytes: Uint8Array) => Uint8Array
}[] = [
  { id: "another key's signature", code: 'signature', key: () => generateKeyPair('Ed25519') },
  {
    id: 'a flipped bit',
    code: 'signature',
    envelope: (bytes) => bytes.map((byte, at) => (at === bytes.length - 1 ? byte ^ 1 : byte)),
  },
  { id: 'no envelope at all', code: 'signature', envelope: () => Buffer.from('nonsense') },
  { id: 'another task', code: 'mismatch', change: () => ({ task: 'other' }) },
  { id: 'another nonce', code: 'mismatch', change: () => ({ nonce: 'f'.repeat(32) }) },
  {
    id: 'a flag that only the votes of several nodes can give',
    code: 'mismatch',
    change: ({ tests }) => ({
      tests: tests.map((test) => ({ ...test, findings: [{ flag: 'numerically-unstable', file: '', line: 0, what: 'w' }] })),
    }),
  },
  { id: 'a test too few', code: 'mismatch', change: ({ tests }) => ({ tests: tests.slice(1) }) },
  {
    id: 'another executor',
    code: 'mismatch',
    change: ({ environment }) => ({ environment: { ...environment, executor: 'emulated' } }),
  },
  {
    id: 'a class it did not announce',
    code: 'mismatch',
    change: ({ environment }) => ({ environment: { ...environment, compiler: 'g++ 99' } }),
  },
  { id: 'outputs that are not what it signed', code: 'output', output: 'y' },
  { id: 'outputs it did not send', code: 'output', output: '' },
]

describe('a verdict that does not hold is refused with its code, and the task is given again', { timeout: 60_000 }, () => {
  for (const { id, code, change, key, output = 'x', envelope = (bytes: Uint8Array) => bytes } of lies) {
    it(id, async (t) => {
      const folder = await scratch(t)
      const swarm = await TestSwarm.start(t, folder)
      const client = await swarm.researcher()
      const round = await swarm.submit(client, await writeCases(join(folder, 'cases.jsonl'), 1))
      const node = await handNode(t, swarm)
      const taken = await node.take()
      const verdict = await verdictFor(taken)
      const sealed = await seal({ ...verdict, ...change?.(verdict) }, DOMAINS.verdict, (await key?.()) ?? node.key)
      for (const test of taken.program.tests.keys()) {
        if (output !== '') await node.channel.send({ t: 'output', nonce: taken.assign.nonce, test, bytes: Buffer.from(output) })
      }
      await node.channel.send({ t: 'verdict', nonce: taken.assign.nonce, envelope: envelope(sealed) })
      const answer = await node.next()
      assert.deepEqual(answer, { t: 'rejected', nonce: taken.assign.nonce, code })
      await swarm.addNode('a')
      await swarm.addNode('b')
      assert.equal((await ended(client, round)).judged, 1)
      assert.equal(swarm.coordinator.ledger.state.verdicts, 4)
    })
  }

  it('a replayed verdict is acknowledged again and counts once; for another assignment it is refused', async (t) => {
    const folder = await scratch(t)
    const swarm = await TestSwarm.start(t, folder)
    const client = await swarm.researcher()
    await swarm.submit(client, await writeCases(join(folder, 'cases.jsonl'), 2))
    const node = await handNode(t, swarm)
    const taken = await node.take()
    const envelope = await seal(await verdictFor(taken), DOMAINS.verdict, node.key)
    const say = async (nonce: string) => {
      for (const test of taken.program.tests.keys())
        await node.channel.send({ t: 'output', nonce, test, bytes: Buffer.from('x') })
      await node.channel.send({ t: 'verdict', nonce, envelope })
      return await node.next()
    }
    assert.equal((await say(taken.assign.nonce)).t, 'accepted')
    assert.equal((await say(taken.assign.nonce)).t, 'accepted')
    assert.equal(swarm.coordinator.ledger.state.verdicts, 1)
    const other = await node.take()
    assert.deepEqual(await say(other.assign.nonce), { t: 'rejected', nonce: other.assign.nonce, code: 'mismatch' })
    assert.equal(swarm.coordinator.ledger.state.verdicts, 1)
  })

  it('a node that wants again and again and answers nothing holds no more than a new one may', async (t) => {
    const folder = await scratch(t)
    const swarm = await TestSwarm.start(t, folder)
    const client = await swarm.researcher()
    await swarm.submit(client, await writeCases(join(folder, 'cases.jsonl'), 2 * MAX_CREDITS))
    const greedy = await handNode(t, swarm)
    const { state } = swarm.coordinator.ledger
    for (let held = 0; held < FIRST_CREDITS; held++) {
      assert.equal((await greedy.assigned(MAX_CREDITS)).t, 'assign')
    }
    // An answer to something else shows that all it wanted before has been looked at, twice over.
    for (let round = 0; round < 2; round++) {
      await greedy.channel.send({ t: 'want', credits: MAX_CREDITS })
      await greedy.channel.send({ t: 'verdict', nonce: '0'.repeat(32), envelope: new Uint8Array() })
      assert.equal((await greedy.next()).t, 'rejected')
    }
    assert.equal(state.assignments.size, FIRST_CREDITS)
    assert.equal(state.holding.get(peerIdOf(greedy.key))?.size, FIRST_CREDITS)
  })

  for (const [id, pieces] of [
    ['in empty pieces', [0]],
    ['in pieces of a byte', [1, 1]],
  ] as const) {
    it(`a node that sends outputs ${id} is cut off: each piece costs memory`, async (t) => {
      const folder = await scratch(t)
      const swarm = await TestSwarm.start(t, folder)
      const client = await swarm.researcher()
      await swarm.submit(client, await writeCases(join(folder, 'cases.jsonl'), 1))
      const node = await handNode(t, swarm)
      const { assign } = await node.take()
      for (const size of pieces)
        await node.channel.send({ t: 'output', nonce: assign.nonce, test: 0, bytes: new Uint8Array(size) })
      assert.deepEqual(await node.next(), { t: 'cut', code: 'unexpected' })
    })
  }

  it('a node that asks for the program of an assignment that was just taken back is not', async (t) => {
    const folder = await scratch(t)
    const swarm = await TestSwarm.start(t, folder)
    const client = await swarm.researcher()
    const round = await swarm.submit(client, await writeCases(join(folder, 'cases.jsonl'), 1))
    const node = await handNode(t, swarm)
    const assign = await node.assigned()
    await client.cancel(round)
    assert.deepEqual(await node.next(), { t: 'withdraw', nonce: assign.nonce })
    await node.channel.send({ t: 'need', program: assign.task.program })
    assert.equal((await node.next()).t, 'program')
  })

  it('a verdict on an assignment that is taken back while it is being read is refused, and counts for nothing', async (t) => {
    const folder = await scratch(t)
    const swarm = await TestSwarm.start(t, folder)
    const client = await swarm.researcher()
    const round = await swarm.submit(client, await writeCases(join(folder, 'cases.jsonl'), 1))
    const node = await handNode(t, swarm)
    const taken = await node.take()
    const { nonce } = taken.assign
    const reading = Promise.withResolvers<void>()
    const hold = Promise.withResolvers<void>()
    const { read } = Checkers.prototype
    t.mock.method(Checkers.prototype, 'read', async function (this: Checkers, question: Question) {
      reading.resolve()
      await hold.promise
      return await read.call(this, question)
    })
    const envelope = await seal(await verdictFor(taken), DOMAINS.verdict, node.key)
    for (const test of taken.program.tests.keys()) await node.channel.send({ t: 'output', nonce, test, bytes: Buffer.from('x') })
    await node.channel.send({ t: 'verdict', nonce, envelope })
    await reading.promise
    await client.cancel(round)
    assert.deepEqual(await node.next(), { t: 'withdraw', nonce })
    hold.resolve()
    assert.deepEqual(await node.next(), { t: 'rejected', nonce, code: 'expired' })
    assert.equal(swarm.coordinator.ledger.state.verdicts, 0)
  })

  it("nobody can answer another node's assignment", async (t) => {
    const folder = await scratch(t)
    const swarm = await TestSwarm.start(t, folder)
    const client = await swarm.researcher()
    await swarm.submit(client, await writeCases(join(folder, 'cases.jsonl'), 2))
    const honest = await handNode(t, swarm)
    const thief = await handNode(t, swarm)
    const taken = await honest.take()
    const envelope = await seal(await verdictFor(taken), DOMAINS.verdict, thief.key)
    await thief.channel.send({ t: 'verdict', nonce: taken.assign.nonce, envelope })
    assert.deepEqual(await thief.next(), { t: 'rejected', nonce: taken.assign.nonce, code: 'not-yours' })
    assert.ok(swarm.coordinator.ledger.state.assignments.has(taken.assign.nonce))
  })
})

describe('the program of an assignment', { timeout: 60_000 }, () => {
  it('goes before it, and on request where it is large', async (t) => {
    const folder = await scratch(t)
    const swarm = await TestSwarm.start(t, folder)
    const client = await swarm.researcher()
    const large = '// '.padEnd(300 * 1024, 'x')
    const [small, other] = [1, 2].map((id) => JSON.parse(line(id)))
    const file = join(folder, 'cases.jsonl')
    await writeFile(file, `${JSON.stringify(small)}\n${JSON.stringify({ ...other, cpp_code: `${other.cpp_code}\n${large}` })}\n`)
    await swarm.submit(client, file)
    const node = await handNode(t, swarm)
    const said: ToNode[] = []
    await node.channel.send({ t: 'want', credits: 4 })
    while (said.filter((message) => message.t === 'assign').length < 4) said.push(await node.next())
    const sent = said.flatMap((message) => (message.t === 'program' ? [message.program] : []))
    assert.equal(sent.length, 3)
    for (const [at, message] of said.entries()) {
      if (message.t === 'program') assert.equal((said[at + 1] as Assign).task.program, message.program)
    }
    const left = said.flatMap((message) =>
      message.t === 'assign' && !sent.includes(message.task.program) ? [message.task.program] : [],
    )
    await node.channel.send({ t: 'need', program: left[0] ?? '' })
    const answer = await node.next()
    assert.ok(answer.t === 'program' && answer.program === left[0] && answer.bytes.byteLength > large.length)
  })

  it('is waited for where the disk is slow, and what takes the assignment back comes after both', async (t) => {
    const folder = await scratch(t)
    const swarm = await TestSwarm.start(t, folder)
    const client = await swarm.researcher()
    const round = await swarm.submit(client, await writeCases(join(folder, 'cases.jsonl'), 1))
    const { store } = swarm.coordinator.ledger
    const reading = Promise.withResolvers<void>()
    const hold = Promise.withResolvers<void>()
    const read = store.blobs.bind(store)
    store.blobs = async (cids) => {
      reading.resolve()
      await hold.promise
      return await read(cids)
    }
    const node = await handNode(t, swarm)
    await node.channel.send({ t: 'want', credits: 1 })
    await reading.promise
    const said = node.next()
    await client.cancel(round)
    await swarm.coordinator.ledger.durable
    hold.resolve()
    const kinds = [await said, await node.next(), await node.next()].map((message) => message.t)
    assert.deepEqual(kinds, ['program', 'assign', 'withdraw'])
  })
})
