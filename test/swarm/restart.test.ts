import assert from 'node:assert/strict'
import { once } from 'node:events'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { checkCaseFile, readCases } from '../../protocol/index.ts'
import { writeCases } from '../support/cases.ts'
import { type Behaviour, honest } from '../support/fake-sandbox.ts'
import { scratch } from '../support/scratch.ts'
import { stableOf } from '../support/stable.ts'
import { ended, results, SPEC, TestSwarm } from '../support/swarm.ts'

/** Honest, but stops at a gate after some programs until the gate is opened. */
function gated(after: number): { behave: Behaviour; reached: Promise<void>; open: () => void } {
  const reached = Promise.withResolvers<void>()
  const gate = Promise.withResolvers<void>()
  let seen = 0
  const behave: Behaviour = async (program, test, executor, pass) => {
    if (++seen > after) {
      reached.resolve()
      await gate.promise
    }
    return honest(program, test, executor, pass)
  }
  return { behave, reached: reached.promise, open: gate.resolve }
}

describe('a coordinator stopped in the middle of a round', { timeout: 120_000 }, () => {
  it('goes on where it was, takes the verdicts that waited, and ends with the same results', async (t) => {
    const folder = await scratch(t)
    const swarm = await TestSwarm.start(t, folder)
    const file = await writeCases(join(folder, 'cases.jsonl'), 12)
    const a = gated(10)
    const b = gated(10)
    await swarm.addNode('a', a.behave)
    await swarm.addNode('b', b.behave)
    const client = await swarm.researcher()
    const round = await swarm.submit(client, file)
    await Promise.all([a.reached, b.reached])
    const before = swarm.coordinator.ledger.state
    await swarm.restartCoordinator()
    const after = swarm.coordinator.ledger.state
    assert.deepEqual([after.events, after.verdicts], [before.events, before.verdicts])
    assert.deepEqual(
      [...after.tasks].map(([key, { ballot }]) => [key, ballot]),
      [...before.tasks].map(([key, { ballot }]) => [key, ballot]),
    )
    a.open()
    b.open()
    const again = await swarm.researcher()
    const last = await ended(again, round)
    assert.deepEqual(last.judgements, { equivalent: 8, different: 4, invalid: 0, undecided: 0 })
    assert.equal(last.verdicts, 2 * last.tasks.total)
    const undisturbed = await runUndisturbed(t, 12)
    const files = await results(again, round)
    assert.deepEqual(stableOf(files), stableOf(undisturbed))
  })

  it('keeps a half-sent round, so that the researcher goes on from there', async (t) => {
    const folder = await scratch(t)
    const swarm = await TestSwarm.start(t, folder)
    await swarm.addNode('a')
    await swarm.addNode('b')
    const file = await writeCases(join(folder, 'cases.jsonl'), 10)
    const { digest } = await checkCaseFile(file)
    const first = await swarm.researcher()
    const { round } = await first.open(SPEC, digest, '')
    await first.send(round, take(readCases(file), 4), 0, () => {})
    await swarm.restartCoordinator()
    const second = await swarm.researcher()
    const reopened = await second.open(SPEC, digest, '')
    assert.deepEqual(reopened, { round, have: 4, state: 'open' })
    await second.send(round, readCases(file, { skip: 4 }), 4, () => {})
    await second.seal(round, 10)
    assert.equal((await ended(second, round)).judged, 10)
  })

  it('gives again what a node held that never came back', async (t) => {
    const folder = await scratch(t)
    const swarm = await TestSwarm.start(t, folder)
    const a = gated(0)
    const node = await swarm.addNode('a', a.behave, 1)
    const client = await swarm.researcher()
    const round = await swarm.submit(client, await writeCases(join(folder, 'cases.jsonl'), 2))
    await a.reached
    await node.stop()
    while (swarm.coordinator.ledger.state.assignments.size > 0) await once(swarm.coordinator.ledger.changes, 'change')
    await swarm.addNode('b')
    await swarm.addNode('c')
    assert.equal((await ended(client, round)).judged, 2)
  })
})

async function runUndisturbed(t: TestContext, cases: number): Promise<Map<string, string>> {
  const folder = await scratch(t)
  const swarm = await TestSwarm.start(t, folder)
  await swarm.addNode('a')
  await swarm.addNode('b')
  const client = await swarm.researcher()
  const round = await swarm.submit(client, await writeCases(join(folder, 'cases.jsonl'), cases))
  await ended(client, round)
  return await results(client, round)
}

async function* take<T>(source: AsyncIterable<T>, count: number): AsyncGenerator<T> {
  let left = count
  for await (const item of source) {
    if (left-- <= 0) return
    yield item
  }
}
