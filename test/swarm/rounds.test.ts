import assert from 'node:assert/strict'
import { appendFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { audit, blockProgram, unblockProgram } from '../../coordinator/index.ts'
import type { Event } from '../../coordinator/state/events.ts'
import {
  Channel,
  checkCaseFile,
  createHost,
  type FromNode,
  loadIdentity,
  openStream,
  parseAddress,
  type RefusedError,
  type ResearcherClient,
  type RoundProgress,
  readCases,
  ToNode,
  WORK_PROTOCOL,
} from '../../protocol/index.ts'
import { line } from '../support/cases.ts'
import { type Behaviour, FakeSandbox, honest } from '../support/fake-sandbox.ts'
import { scratch } from '../support/scratch.ts'
import { stableOf } from '../support/stable.ts'
import { ended, results, SPEC, TestSwarm } from '../support/swarm.ts'
import { until } from '../support/until.ts'

/** Cases from `from` to `to`, every third one wrong. */
async function cases(folder: string, name: string, from: number, to: number): Promise<string> {
  const file = join(folder, name)
  const lines = Array.from({ length: to - from + 1 }, (_, n) => line(from + n, { wrong: (from + n) % 3 === 0 }))
  await writeFile(file, `${lines.join('\n')}\n`)
  return file
}

/** A node that answers when it is told to, and holds what it was given until then. */
function gate(): { behave: Behaviour; open: () => void; begun: () => number } {
  const { promise, resolve } = Promise.withResolvers<void>()
  let begun = 0
  return {
    behave: async (...run) => {
      begun++
      await promise
      return await honest(...run)
    },
    open: () => resolve(),
    begun: () => begun,
  }
}

async function refused(promise: Promise<unknown>, code: string): Promise<string> {
  const error = await promise.then(
    () => null,
    (reason: RefusedError) => reason,
  )
  assert.equal(error?.code, code)
  return error?.message ?? ''
}

async function shown(client: ResearcherClient, round: string): Promise<RoundProgress> {
  const found = (await client.list()).find((one) => one.round === round)
  assert.ok(found !== undefined)
  return found
}

async function* firstOf<T>(all: AsyncIterable<T>, count: number): AsyncGenerator<T> {
  let left = count
  for await (const one of all) {
    if (left-- === 0) return
    yield one
  }
}

async function added(client: ResearcherClient, round: string, file: string) {
  const { digest, cases: many } = await checkCaseFile(file)
  const { from, have, complete } = await client.extend(round, digest)
  if (complete) return 'complete'
  await client.send(round, readCases(file, { skip: have - from }), have, () => {})
  await client.seal(round, from + many)
  return 'added'
}

describe('a round that is paused', { timeout: 120_000 }, () => {
  it('has what runs withdrawn and nothing more given, over a restart too, until it is resumed', async (t) => {
    const folder = await scratch(t)
    const swarm = await TestSwarm.start(t, folder)
    const held = gate()
    const nodes = await Promise.all(['a', 'b', 'c'].map((name) => swarm.addNode(name, held.behave)))
    const client = await swarm.researcher()
    const round = await swarm.submit(client, await cases(folder, 'cases.jsonl', 1, 6))
    await until(() => nodes.every(({ work }) => work.running.length > 0), 'all nodes have work')
    await client.pause(round, { finishRunning: false })
    await until(() => nodes.every(({ work }) => work.running.length === 0), 'what ran is withdrawn')
    assert.equal(swarm.coordinator.ledger.state.assignments.size, 0)
    const paused = await shown(client, round)
    assert.deepEqual([paused.state, paused.paused?.reason, paused.tasks.decided], ['verifying', 'owner', 0])
    await swarm.restartCoordinator()
    const again = await swarm.researcher()
    assert.equal((await shown(again, round)).paused?.reason, 'owner')
    const begun = held.begun()
    // Another round of the same researcher is served meanwhile, by the same nodes.
    held.open()
    const other = await swarm.submit(again, await cases(folder, 'others.jsonl', 20, 24))
    assert.equal((await ended(again, other)).state, 'aggregated')
    assert.equal((await shown(again, round)).verdicts, 0)
    assert.ok(held.begun() > begun)
    await again.resume(round)
    const last = await ended(again, round)
    assert.deepEqual([last.state, last.paused, last.judged], ['aggregated', null, 6])
  })

  it('may let what runs end', async (t) => {
    const folder = await scratch(t)
    const swarm = await TestSwarm.start(t, folder)
    const held = gate()
    const nodes = await Promise.all(['a', 'b', 'c'].map((name) => swarm.addNode(name, held.behave, 1)))
    const client = await swarm.researcher()
    const round = await swarm.submit(client, await cases(folder, 'cases.jsonl', 1, 6))
    await until(() => nodes.every(({ work }) => work.running.length > 0), 'all nodes have work')
    await client.pause(round, { finishRunning: true })
    assert.equal(nodes.filter(({ work }) => work.running.length > 0).length, 3)
    held.open()
    await until(async () => (await shown(client, round)).verdicts === 3, 'three verdicts are in')
    assert.deepEqual(
      nodes.map(({ work }) => work.counts.withdrawn),
      [0, 0, 0],
    )
    assert.equal(swarm.coordinator.ledger.state.assignments.size, 0)
    // Paused anew without leave for that, nothing of it goes on; resumed, all of it does.
    await client.pause(round, { finishRunning: false })
    await client.resume(round)
    assert.equal((await ended(client, round)).judged, 6)
  })

  it('does not stop what another round shares with it', async (t) => {
    const folder = await scratch(t)
    const swarm = await TestSwarm.start(t, folder)
    const held = gate()
    for (const name of ['a', 'b', 'c']) await swarm.addNode(name, held.behave)
    const client = await swarm.researcher()
    const file = await cases(folder, 'cases.jsonl', 1, 4)
    const one = await swarm.submit(client, file)
    const other = await swarm.submit(client, file, SPEC, 'again')
    await until(() => held.begun() > 0, 'something runs')
    await client.pause(one, { finishRunning: false })
    assert.ok(swarm.coordinator.ledger.state.assignments.size > 0)
    held.open()
    assert.equal((await ended(client, other)).judged, 4)
    // All its cases were judged with those of the other one.
    assert.deepEqual([(await shown(client, one)).state, (await shown(client, one)).paused], ['aggregated', null])
    await refused(client.pause(one, { finishRunning: false }), 'state')
    await refused(client.resume(one), 'state')
  })
})

describe('a file added to a round', { timeout: 120_000 }, () => {
  it('gives the same bytes as if it had been there from the beginning, also when it was cut in between', async (t) => {
    const folder = await scratch(t)
    const swarm = await TestSwarm.start(t, folder)
    const held = gate()
    for (const name of ['a', 'b', 'c']) await swarm.addNode(name, held.behave)
    const client = await swarm.researcher()
    const first = await cases(folder, 'first.jsonl', 1, 5)
    const second = await cases(folder, 'second.jsonl', 6, 11)
    const whole = join(folder, 'whole.jsonl')
    await writeFile(whole, await readFile(first))
    await appendFile(whole, await readFile(second))
    const grown = await swarm.submit(client, first)
    // Cut after two of its cases: another one is refused, the round cannot end, and the same goes on where it was.
    const { digest } = await checkCaseFile(second)
    const begun = await client.extend(grown, digest)
    assert.deepEqual(begun, { round: grown, from: 5, have: 5, complete: false })
    const some = firstOf(readCases(second, { skip: 0 }), 2)
    await client.send(grown, some, 5, () => {})
    await refused(client.extend(grown, 'another'), 'state')
    held.open()
    await until(async () => (await shown(client, grown)).judged === 7, 'what is there is judged')
    assert.equal((await shown(client, grown)).state, 'verifying')
    await swarm.restartCoordinator()
    const again = await swarm.researcher()
    assert.equal((await again.extend(grown, digest)).have, 7)
    assert.equal(await added(again, grown, second), 'added')
    assert.equal((await ended(again, grown)).judged, 11)
    const at_once = await swarm.submit(again, whole)
    await ended(again, at_once)
    await audited(again, grown, folder)
    const [one, other] = [await results(again, grown), await results(again, at_once)]
    assert.deepEqual(stableOf(one), stableOf(other))
    assert.deepEqual(JSON.parse(one.get('report.json') ?? '').round.added, [{ casesDigest: digest, fromLine: 6, cases: 6 }])
  })

  it('is passed over when it is there already, and refused when the round has ended', async (t) => {
    const folder = await scratch(t)
    const swarm = await TestSwarm.start(t, folder)
    const held = gate()
    for (const name of ['a', 'b']) await swarm.addNode(name, held.behave)
    const client = await swarm.researcher()
    const first = await cases(folder, 'first.jsonl', 1, 2)
    const second = await cases(folder, 'second.jsonl', 3, 4)
    const round = await swarm.submit(client, first)
    assert.equal(await added(client, round, first), 'complete')
    assert.equal(await added(client, round, second), 'added')
    assert.equal(await added(client, round, second), 'complete')
    assert.equal((await shown(client, round)).cases, 4)
    held.open()
    await ended(client, round)
    await refused(client.extend(round, 'a third'), 'state')
  })
})

/** Two nodes that contradict each other on some cases until they are told to agree. */
function quarrel(ids: readonly number[]): { behave: (name: string) => Behaviour; settle: () => void } {
  let settled = false
  const disputed = (code: string) => ids.some((id) => code.includes(`f${id}(`))
  return {
    behave: (name) => (program, test, executor, pass) => {
      if (!settled && disputed(program.code)) return { output: Buffer.from(`${name} says so`) }
      return honest(program, test, executor, pass)
    },
    settle: () => {
      settled = true
    },
  }
}

describe('a re-run', { timeout: 120_000 }, () => {
  const TWO = { ...SPEC, policy: { kind: 'majority', quorum: 2, replicas: 2 } } as const

  it('asks anew about what came to no result, and can be put in its place', async (t) => {
    const folder = await scratch(t)
    const swarm = await TestSwarm.start(t, folder)
    const { behave, settle } = quarrel([2, 5])
    for (const name of ['a', 'b']) await swarm.addNode(name, behave(name))
    const client = await swarm.researcher()
    const file = await cases(folder, 'cases.jsonl', 1, 6)
    const round = await swarm.submit(client, file, TWO)
    await refused(client.rerun(round, ['undecided'], ''), 'state')
    assert.equal((await ended(client, round)).judgements.undecided, 2)
    await refused(client.rerun(round, ['invalid'], ''), 'bad-request')
    // Nothing has changed: the same votes are given once more, and not taken from the first round.
    const still = await client.rerun(round, ['undecided'], '')
    assert.equal(still.cases, 2)
    const same = await ended(client, still.round)
    assert.deepEqual([same.judgements.undecided, same.parent, same.verdicts], [2, round, 8])
    assert.deepEqual(await client.rerun(round, ['undecided'], ''), still)
    settle()
    // What they are of may have left memory.
    const { ledger } = swarm.coordinator
    for (const name of [round, still.round]) await ledger.record({ t: 'round-closed', at: Date.now(), round: name })
    const again = await client.rerun(still.round, ['undecided', 'pending'], '')
    assert.equal((await ended(client, again.round)).judgements.equivalent, 2)
    const alone = await results(client, again.round)
    assert.equal(alone.get('outcomes.jsonl')?.trim().split('\n').length, 2)
    await audited(client, again.round, folder)
    const { parent } = JSON.parse(alone.get('report.json') ?? '').round
    assert.deepEqual(parent, { round: still.round, only: ['pending', 'undecided'], lines: [1, 2] })
    // All of the first round, as if it had come out like that at once.
    const merged = new Map<string, string>()
    for await (const { name, bytes } of client.fetch(again.round, { partial: false, merged: true })) {
      merged.set(name, (merged.get(name) ?? '') + Buffer.from(bytes).toString())
    }
    const fresh = await swarm.submit(client, file, TWO, 'fresh')
    // Its ballots are those of the first round, so it has the same gaps: what is right is asked of a policy of its own.
    assert.equal((await ended(client, fresh)).judgements.undecided, 2)
    const right = await swarm.submit(client, file, { ...TWO, policy: { kind: 'majority', quorum: 1, replicas: 1 } })
    await ended(client, right)
    const whole = await results(client, right)
    assert.equal(merged.has('round.car'), false)
    assert.deepEqual(stableOf(merged), stableOf(whole))
  })

  it('takes up what a cancelled round did not come to', async (t) => {
    const folder = await scratch(t)
    const swarm = await TestSwarm.start(t, folder)
    const client = await swarm.researcher()
    const round = await swarm.submit(client, await cases(folder, 'cases.jsonl', 1, 3))
    await client.cancel(round)
    const again = await client.rerun(round, ['pending'], '')
    for (const name of ['a', 'b', 'c']) await swarm.addNode(name)
    assert.equal((await ended(client, again.round)).judged, 3)
    assert.equal((await results(client, again.round)).get('outcomes.jsonl')?.trim().split('\n').length, 3)
  })
})

describe('limits', { timeout: 120_000 }, () => {
  it('pause a round by what was spent on it, however much a node claims, until they are raised', async (t) => {
    const folder = await scratch(t)
    const began = Date.now()
    const clock = { at: began, now: () => clock.at }
    const swarm = await TestSwarm.start(t, folder, { clock })
    // Every test takes a second by the coordinator's clock, and eleven days by the node's.
    const claims: Behaviour = async (...run) => {
      clock.at += 1_000
      return { ...(await honest(...run)), wallMs: 1e9 }
    }
    for (const name of ['a', 'b', 'c']) await swarm.addNode(name, claims, 1)
    const client = await swarm.researcher()
    const spec = { ...SPEC, caps: { cpuSeconds: 60 } }
    const round = await swarm.submit(client, await cases(folder, 'cases.jsonl', 1, 40), spec)
    const paused = await until(async () => (await shown(client, round)).paused, 'it is paused')
    const spentMs = swarm.coordinator.ledger.state.rounds.get(round)?.spent.cpuMs ?? Number.POSITIVE_INFINITY
    // Three nodes, one task at a time: no more than three times the time that has passed.
    assert.ok(spentMs >= 60_000 && spentMs <= 3 * (clock.at - began), `${spentMs}`)
    assert.equal(paused.reason, 'limit')
    assert.match(paused.detail, /CPU seconds are used, of 60$/)
    await refused(client.resume(round), 'limit')
    await refused(client.resume(round, { cpuSeconds: 1 }), 'limit')
    await client.pause(round, { finishRunning: false })
    assert.equal((await shown(client, round)).paused?.reason, 'limit')
    await client.resume(round, { cpuSeconds: 1_000_000 })
    assert.equal((await ended(client, round)).judged, 40)
  })

  it('count what nobody returned, and hold what the operator allows', async (t) => {
    const folder = await scratch(t)
    const clock = { at: Date.now(), now: () => clock.at }
    const swarm = await TestSwarm.start(t, folder, { clock, roundCaps: { cpuSeconds: 100 } })
    const held = gate()
    const node = await swarm.addNode('a', held.behave, 1)
    const client = await swarm.researcher()
    const round = await swarm.submit(client, await cases(folder, 'cases.jsonl', 1, 2))
    await until(() => node.work.running.length > 0, 'it has work')
    clock.at += 101_000
    await client.pause(round, { finishRunning: false })
    const paused = await until(async () => {
      const { paused } = await shown(client, round)
      return paused?.reason === 'limit' ? paused : null
    }, 'the limit is seen')
    assert.match(paused.detail, /^101 CPU seconds are used, of 100 that this coordinator allows a round$/)
    await refused(client.resume(round, { cpuSeconds: 1_000 }), 'limit')
  })

  it('end a program that has used its own, and let the rest go on', async (t) => {
    const folder = await scratch(t)
    const clock = { at: Date.now(), now: () => clock.at }
    const swarm = await TestSwarm.start(t, folder, { clock })
    // Whoever runs the translation of case 2 takes long by the coordinator's clock.
    const slow: Behaviour = async (program, ...run) => {
      const long = program.code.includes('void k2(')
      if (long) clock.at += 30_000
      return { ...(await honest(program, ...run)), wallMs: long ? 30_000 : 1 }
    }
    for (const name of ['a', 'b', 'c']) await swarm.addNode(name, slow, 1)
    const client = await swarm.researcher()
    const spec = { ...SPEC, caps: { programSeconds: 40 } }
    const round = await swarm.submit(client, await cases(folder, 'cases.jsonl', 1, 4), spec)
    const last = await ended(client, round)
    assert.deepEqual(last.judgements, { equivalent: 2, different: 1, invalid: 0, undecided: 1 })
    assert.match(last.stopped ?? '', /1 since their program has used its seconds/)
    const files = await results(client, round)
    const { stopped } = JSON.parse(files.get('report.json') ?? '').spent
    assert.deepEqual([stopped.tasks, stopped.programs[0].why], [1, 'limit'])
    const decisions = (files.get('decisions.jsonl') ?? '')
      .trim()
      .split('\n')
      .map((text) => JSON.parse(text))
    assert.deepEqual(
      decisions.map(({ cuda }) => cuda.givenUp),
      [undefined, 'limit', undefined, undefined],
    )
    await audited(client, round, folder)
    // Another round with a limit of its own, or none, asks again.
    const free = await swarm.submit(client, join(folder, 'cases.jsonl'), SPEC)
    assert.equal((await ended(client, free)).judgements.undecided, 0)
  })
})

describe('a blocked program', { timeout: 120_000 }, () => {
  it('is stopped where it runs, never given again, and every round that has it says so', async (t) => {
    const folder = await scratch(t)
    const swarm = await TestSwarm.start(t, folder)
    const data = join(folder, 'coordinator')
    const held = gate()
    const nodes = await Promise.all(['a', 'b', 'c'].map((name) => swarm.addNode(name, held.behave)))
    const client = await swarm.researcher()
    const file = await cases(folder, 'cases.jsonl', 1, 2)
    const round = await swarm.submit(client, file)
    await until(() => nodes.every(({ work }) => work.running.length > 0), 'all nodes have work')
    const { state } = swarm.coordinator.ledger
    const program = [...state.tasks.values()].find(({ open }) => open.size > 0)?.task.program ?? ''
    assert.equal(await blockProgram(data, program, 'mines coins'), 'blocked')
    assert.equal(await blockProgram(data, program, 'mines coins'), 'known')
    await until(() => state.blocked.has(program), 'the list is taken up')
    const runs = () => [...swarm.coordinator.ledger.state.assignments.values()].map(({ task }) => task)
    assert.deepEqual(
      runs().filter((key) => state.tasks.get(key)?.task.program === program),
      [],
    )
    held.open()
    const last = await ended(client, round)
    assert.deepEqual([last.judgements.undecided, last.judgements.equivalent], [1, 1])
    assert.match(last.stopped ?? '', /1 since the operator of this coordinator has blocked their program/)
    const blockedIn = async (name: string) => JSON.parse((await results(client, name)).get('report.json') ?? '').spent.stopped
    assert.deepEqual((await blockedIn(round)).programs, [{ program, pass: 'plain', why: 'blocked', reason: 'mines coins' }])
    await audited(client, round, folder)
    const before = given(swarm, program)
    await swarm.restartCoordinator()
    const again = await swarm.researcher()
    const other = await swarm.submit(again, file, SPEC, 'again')
    assert.equal((await ended(again, other)).judgements.undecided, 1)
    assert.equal(given(swarm, program), before)
    assert.equal((await blockedIn2(again, other)).programs[0].program, program)
    // Taken off the list, it is run in rounds that come then.
    assert.equal(await unblockProgram(data, program), 'unblocked')
    await until(() => !swarm.coordinator.ledger.state.blocked.has(program), 'the list is taken up')
    const free = await swarm.submit(again, file, SPEC, 'free')
    assert.equal((await ended(again, free)).judgements.undecided, 0)
  })

  it('keeps what is blocked when its list cannot be read', async (t) => {
    const folder = await scratch(t)
    const swarm = await TestSwarm.start(t, folder)
    const client = await swarm.researcher()
    const round = await swarm.submit(client, await cases(folder, 'cases.jsonl', 1, 1))
    const data = join(folder, 'coordinator')
    const events: Event['t'][] = []
    swarm.coordinator.ledger.changes.on('change', ({ t }) => events.push(t))
    const program = swarm.coordinator.ledger.state.rounds.get(round)?.cases[0]?.programs.cpp ?? ''
    await blockProgram(data, program, '')
    await until(() => events.includes('program-blocked'), 'it is blocked')
    await writeFile(join(data, 'blocked.txt'), 'not a program\n')
    await new Promise((resolve) => setTimeout(resolve, 2_500))
    assert.equal(events.includes('program-unblocked'), false)
    await assert.rejects(blockProgram(data, 'nonsense', ''), { code: 'option' })
  })
})

/** Has an archive recomputed by the auditor; throws where it does not hold. */
async function audited(client: ResearcherClient, round: string, folder: string): Promise<void> {
  const file = join(folder, `${round}.car`)
  const pieces: Uint8Array[] = []
  for await (const { name, bytes } of client.fetch(round, { partial: false })) if (name === 'round.car') pieces.push(bytes)
  await writeFile(file, Buffer.concat(pieces))
  const { holds, failure } = await audit(file, { key: null, onProgress: () => {} })
  assert.ok(holds, JSON.stringify(failure))
}

/** Assignments of a program that were ever made. */
function given(swarm: TestSwarm, program: string): number {
  const { tasks } = swarm.coordinator.ledger.state
  return [...tasks.values()]
    .filter(({ task }) => task.program === program)
    .reduce((sum, { votes, wasted }) => sum + votes.length + wasted, 0)
}

async function blockedIn2(client: ResearcherClient, round: string) {
  return JSON.parse((await results(client, round)).get('report.json') ?? '').spent.stopped
}

describe('a node that has not heard of a withdrawal', { timeout: 120_000 }, () => {
  it('is told when it comes, and with its next heartbeat', async (t) => {
    const folder = await scratch(t)
    const swarm = await TestSwarm.start(t, folder)
    const host = await createHost({ key: await loadIdentity(join(folder, 'by-hand.key')), listen: [] })
    t.after(async () => await host.stop())
    const stream = await openStream(host, parseAddress(swarm.address), WORK_PROTOCOL)
    const channel = new Channel<ToNode, FromNode>(stream, { schema: ToNode })
    const heard = channel[Symbol.asyncIterator]()
    const sandbox = new FakeSandbox()
    const environments = sandbox.executors.map((executor) => sandbox.environment(executor))
    const [one, other] = ['0', '1'].map((digit) => digit.repeat(32)) as [string, string]
    await channel.send({ t: 'hello', agent: 'by hand', environments, memoryBytes: 2 ** 40, holding: [one] })
    assert.equal((await heard.next()).value?.t, 'welcome')
    assert.deepEqual((await heard.next()).value, { t: 'withdraw', nonce: one })
    await channel.send({ t: 'progress', running: [other] })
    assert.deepEqual((await heard.next()).value, { t: 'withdraw', nonce: other })
    channel.abort(new Error('done'))
  })
})
