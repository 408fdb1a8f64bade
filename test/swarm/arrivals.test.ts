import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import pino from 'pino'
import { Volunteer } from '../../node/index.ts'
import { writeCases } from '../support/cases.ts'
import { FakeSandbox } from '../support/fake-sandbox.ts'
import { patience } from '../support/patience.ts'
import { scratch } from '../support/scratch.ts'
import { ended, TestSwarm } from '../support/swarm.ts'

const log = pino({ level: 'silent' })
const ARRIVALS = 300
const PER_SECOND = 50

describe('a flood of arrivals', { timeout: patience(400_000) }, () => {
  it('is admitted at the given rate, and those who are there go on working', async (t) => {
    const folder = await scratch(t)
    const swarm = await TestSwarm.start(t, folder, { arrivalsPerSecond: PER_SECOND })
    const { host, ledger } = swarm.coordinator
    for (const name of ['a', 'b', 'c']) await swarm.addNode(name)
    const client = await swarm.researcher()
    const file = await writeCases(join(folder, 'cases.jsonl'), 20)

    const opened: number[] = []
    const from = performance.now()
    host.addEventListener('connection:open', () => opened.push(performance.now() - from))
    const flood = await Promise.all(
      Array.from({ length: ARRIVALS }, async (_, n) => {
        const data = join(folder, `flood-${n}`)
        return await Volunteer.start({ data, coordinator: swarm.address, slots: 1, log }, new FakeSandbox())
      }),
    )
    t.after(async () => await Promise.all(flood.map((node) => node.stop())))
    const verdictsBefore = ledger.state.verdicts
    const round = await swarm.submit(client, file)
    const counts = await ended(client, round)
    assert.equal(counts.judged, 20)
    assert.ok(ledger.state.verdicts - verdictsBefore >= 2 * counts.tasks.total)

    // All of them get in, each in its own time; nobody is turned away for good.
    while (opened.length < ARRIVALS)
      await new Promise((resolve) => host.addEventListener('connection:open', resolve, { once: true }))
    for (const [at, ms] of opened.entries()) {
      const most = PER_SECOND + (ms / 1000) * PER_SECOND
      assert.ok(at + 1 <= Math.ceil(most), `${at + 1} connections after ${Math.round(ms)} ms, at ${PER_SECOND} a second`)
    }
  })
})
