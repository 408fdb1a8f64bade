import assert from 'node:assert/strict'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { Incident } from '../../coordinator/trust/model.ts'
import { CONFIDENCE_DEFAULTS, type RoundSpec } from '../../protocol/index.ts'
import { line } from '../support/cases.ts'
import { honest } from '../support/fake-sandbox.ts'
import { patience } from '../support/patience.ts'
import { scratch } from '../support/scratch.ts'
import { ended, results, SPEC, TestSwarm } from '../support/swarm.ts'

/** Three strangers, or five checks of a batch. */
const POLICY = { ...CONFIDENCE_DEFAULTS, theta: 0.99 }
const CONFIDENT: RoundSpec = { ...SPEC, policy: POLICY }
const DAY_MS = 24 * 60 * 60_000

describe('a round that asks for confidence', { timeout: patience(240_000) }, () => {
  it('finds a liar, asks its work of others, suspends it, and takes it back when it is honest again', async (t) => {
    const folder = await scratch(t)
    let ahead = 0
    const swarm = await TestSwarm.start(t, folder, { clock: { now: () => Date.now() + ahead } })
    let lying = false
    let gate: Promise<unknown> = Promise.resolve()
    for (let n = 0; n < 7; n++) {
      await swarm.addNode(`honest${n}`, async (...asked) => {
        await gate
        return await honest(...asked)
      })
    }
    const liar = await swarm.addNode('liar', (...asked) => (lying ? { output: Buffer.from('whatever') } : honest(...asked)))
    const client = await swarm.researcher('researcher', patience(200_000))
    const round = async (name: string, first: number, count: number) => {
      const lines = Array.from({ length: count }, (_, n) => line(first + n, { wrong: n % 3 === 2 }))
      await writeFile(join(folder, `${name}.jsonl`), `${lines.join('\n')}\n`)
      return await swarm.submit(client, join(folder, `${name}.jsonl`), CONFIDENT)
    }
    const incidents = (): Incident[] => swarm.coordinator.ledger.state.trust.incidents
    const standing = () => swarm.coordinator.ledger.state.trust.operators.standingOf(`node ${liar.peerId}`)

    assert.equal((await ended(client, await round('first', 1, 45))).state, 'aggregated')
    assert.equal(standing(), 'established')
    assert.deepEqual(incidents(), [])

    lying = true
    const second = await ended(client, await round('second', 1_001, 60))
    assert.deepEqual(second.judgements, { equivalent: 40, different: 20, invalid: 0, undecided: 0 })
    assert.equal(standing(), 'suspended')
    for (const { nodes } of incidents()) assert.deepEqual(nodes, [liar.peerId])
    const [suspended] = incidents().filter(({ kind }) => kind === 'suspended')
    assert.ok(suspended !== undefined && suspended.task !== null && suspended.tests.length > 0)
    const files = await results(client, second.round)
    const report = JSON.parse(files.get('report.json') ?? '{}')
    assert.ok(report.trust.incidents.some(({ kind }: { kind: string }) => kind === 'suspended'))
    assert.deepEqual([...new Set(report.disagreements.map(({ node }: { node: string }) => node))], [liar.peerId])

    lying = false
    ahead = 2 * DAY_MS
    const { changes } = swarm.coordinator.ledger
    gate = (async () => {
      const signal = AbortSignal.timeout(patience(120_000))
      while (!incidents().some(({ kind }) => kind === 'returned')) await once(changes, 'change', { signal })
    })()
    const third = await ended(client, await round('third', 2_001, 30))
    assert.deepEqual(third.judgements, { equivalent: 20, different: 10, invalid: 0, undecided: 0 })
    assert.equal(standing(), 'established')

    const before = incidents()
    await swarm.restartCoordinator()
    assert.deepEqual(incidents(), before)
    assert.equal(standing(), 'established')
  })
})
