import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { allowResearcher } from '../../coordinator/index.ts'
import { loadIdentity, peerIdOf, type ResearcherClient } from '../../protocol/index.ts'
import { line } from '../support/cases.ts'
import { type Behaviour, honest } from '../support/fake-sandbox.ts'
import { scratch } from '../support/scratch.ts'
import { ended, results, SPEC, TestSwarm } from '../support/swarm.ts'

const RESEARCHERS = 5
const ROUNDS = 6
const CASES = 5
const NODES = 6

interface Asked {
  owner: number
  round: string
  client: ResearcherClient
  /** By line, whether the translation is wrong. */
  wrong: boolean[]
}

/** Every run says that it took a second, so that all tasks cost alike. */
const second: Behaviour = async (...run) => ({ ...(await honest(...run)), wallMs: 500 })

describe('many rounds at once', { timeout: 300_000 }, () => {
  it('thirty of five researchers all end with their own results, and share the nodes as they are allowed', async (t) => {
    const folder = await scratch(t)
    const swarm = await TestSwarm.start(t, folder)
    // The first one is allowed twice as much as the others.
    const favoured = peerIdOf(await loadIdentity(join(folder, 'researcher-0.key')))
    await allowResearcher(join(folder, 'coordinator'), favoured, 2)
    const clients = await Promise.all(Array.from({ length: RESEARCHERS }, (_, n) => swarm.researcher(`researcher-${n}`, 280_000)))
    const asked: Asked[] = []
    for (let number = 0; number < ROUNDS; number++) {
      const opened = clients.map(async (client, owner) => {
        const wrong = Array.from({ length: CASES }, (_, n) => (n + owner + number) % 3 === 0)
        const first = 1 + CASES * (owner * ROUNDS + number)
        const file = join(folder, `cases-${owner}-${number}.jsonl`)
        await writeFile(file, wrong.map((is, n) => `${line(first + n, { wrong: is })}\n`).join(''))
        asked.push({ owner, client, wrong, round: await swarm.submit(client, file, { ...SPEC, name: `round ${number}` }) })
      })
      await Promise.all(opened)
    }
    const owners = new Map(asked.map(({ round, owner }) => [round, owner]))
    const { ledger } = swarm.coordinator
    const order: number[] = []
    ledger.changes.on('change', (event) => {
      if (event.t !== 'assigned') return
      const [user] = ledger.state.tasks.get(event.task)?.users ?? []
      order.push(owners.get(user?.round ?? '') ?? -1)
    })
    await Promise.all(Array.from({ length: NODES }, (_, n) => swarm.addNode(`n${n}`, second, 2)))

    for (const { client, round, wrong } of asked) {
      const last = await ended(client, round)
      const different = wrong.filter(Boolean).length
      assert.equal(last.state, 'aggregated')
      assert.deepEqual(last.judgements, { equivalent: CASES - different, different, invalid: 0, undecided: 0 })
      const outcomes = ((await results(client, round)).get('outcomes.jsonl') ?? '').trim().split('\n')
      const words = outcomes.map((text) => JSON.parse(text).judgement.compat)
      assert.deepEqual(
        words,
        wrong.map((is) => (is ? 'different' : 'equivalent')),
      )
    }

    // Two sides of every case, two replicas. When the favoured one has been given all of it, the others have had about half.
    const each = ROUNDS * CASES * 2 * 2
    const until = order.findIndex((_, at) => order.slice(0, at + 1).filter((owner) => owner === 0).length === each)
    assert.ok(until > 0, 'some task was given less often than its quorum')
    const had = Array.from({ length: RESEARCHERS }, (_, owner) => order.slice(0, until + 1).filter((one) => one === owner).length)
    t.diagnostic(`given when the favoured one had all: ${had.join(', ')}`)
    for (const count of had.slice(1)) assert.ok(count > 0.35 * each && count < 0.65 * each, had.join(', '))
  })
})
