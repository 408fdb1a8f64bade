import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Ledger } from '../../coordinator/ledger.ts'
import type { RoundEntry } from '../../coordinator/state/model.ts'
import { type Presence, progressOf } from '../../coordinator/view.ts'
import type { Policy } from '../../protocol/index.ts'
import { type Conduct, honest, POLICY, TrustSwarm } from '../support/trust-swarm.ts'

/** The program of the first case's original prints something else every time. */
const everyTime: Conduct = ({ truth, task, random }) => (isFirst(task) ? truth.map((word) => `${word} ${random()}`) : truth)

/** Another one on every machine, and there always the same. */
function everyMachine(name: string): Conduct {
  return ({ truth, task }) => (isFirst(task) ? truth.map((word) => `${word} on ${name}`) : truth)
}

function isFirst({ users, task }: Parameters<Conduct>[0]['task']): boolean {
  return task.executor === 'host' && users.some(({ index }) => index === 0)
}

/** Why the round does not go on, as the researcher reads it. */
function unserved({ state, nodes }: TrustSwarm, round: RoundEntry): string | null {
  const present = [...nodes.values()].map(({ node, operator }): Presence => {
    const abilities = new Set(['host/plain', 'emulated/plain'])
    const executors = new Set(['host', 'emulated'] as const)
    return {
      node,
      operator,
      executors,
      abilities,
      classes: classes(abilities),
      environments: [],
      memoryBytes: 2 ** 40,
      running: 0,
      slots: 2,
    }
  })
  return progressOf({ state } as Ledger, round, present).unserved
}

function classes(abilities: Set<string>): Map<string, string> {
  return new Map([...abilities].map((ability) => [ability, `${ability}/k`]))
}

async function course(conducts: readonly Conduct[], policy: Policy): Promise<{ swarm: TrustSwarm; round: RoundEntry }> {
  const swarm = new TrustSwarm(3)
  for (const conduct of conducts) swarm.join(1, conduct)
  const round = await swarm.open('first', 3, { policy })
  swarm.run()
  return { swarm, round }
}

const MAJORITY: Policy = { kind: 'majority', quorum: 2, replicas: 3 }
const MACHINES = ['a', 'b', 'c'].map(everyMachine)
const ONE_MORE = /one more operator must be connected.*on 1 task; .*"round export --partial".*"round cancel"/

describe('a program that no two operators of a small swarm agree on', () => {
  it('ends undecided under a majority of three, and the rest is decided', async () => {
    const { round } = await course(MACHINES, MAJORITY)
    assert.equal(round.state, 'aggregated')
    const [first, ...rest] = round.cases.map(({ judgement }) => judgement?.compat)
    assert.equal(first, 'undecided')
    assert.deepEqual(rest, ['different', 'different'])
  })

  it('waits under a majority for a third operator, and says so', async () => {
    const { swarm, round } = await course(MACHINES.slice(0, 2), MAJORITY)
    assert.equal(round.state, 'verifying')
    assert.match(unserved(swarm, round) ?? '', ONE_MORE)
    swarm.join(1, everyMachine('c'))
    swarm.run()
    assert.equal(round.state, 'aggregated')
    assert.equal(unserved(swarm, round), null)
  })

  it('ends undecided under confidence when it is another one every time: nobody repeats himself', async () => {
    const { swarm, round } = await course([everyTime, everyTime, everyTime], POLICY)
    assert.equal(round.state, 'aggregated')
    assert.equal(round.cases[0]?.judgement?.compat, 'undecided')
    assert.deepEqual(swarm.state.trust.incidents, [])
  })

  it('waits under confidence when every machine repeats its own, and says so', async () => {
    const { swarm, round } = await course(MACHINES, POLICY)
    assert.equal(round.state, 'verifying')
    assert.equal(round.judged, 2)
    assert.match(unserved(swarm, round) ?? '', ONE_MORE)
  })

  it('ends undecided under confidence where no more answers are asked for than there are operators', async () => {
    const { round } = await course(MACHINES, { ...POLICY, replicas: 3 })
    assert.equal(round.state, 'aggregated')
    assert.equal(round.cases[0]?.judgement?.compat, 'undecided')
  })

  it('says nothing of the kind while work goes on', async () => {
    const { swarm, round } = await course([honest, honest, honest], POLICY)
    assert.equal(round.state, 'aggregated')
    assert.equal(unserved(swarm, round), null)
  })
})
