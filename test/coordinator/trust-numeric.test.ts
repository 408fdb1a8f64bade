import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { RoundEntry, TaskEntry } from '../../coordinator/state/model.ts'
import { type Comparator, DEFAULT_COMPARATOR } from '../../protocol/index.ts'
import { type Conduct, TrustSwarm } from '../support/trust-swarm.ts'

/** Says the truth, off by so many tolerances. */
function off(by: (random: () => number) => number): Conduct {
  return ({ truth, random }) => truth.map((word) => `${word}~${by(random)}`)
}

const wobbling = off((random) => random() / 5)

/** A round in which operators become known, and one in which they are. */
async function course(swarm: TrustSwarm, compare: Comparator = DEFAULT_COMPARATOR): Promise<RoundEntry> {
  await swarm.open('first', 40, { compare })
  swarm.run()
  const second = await swarm.open('second', 150, { compare })
  swarm.run()
  return second
}

function tasksOf({ state }: TrustSwarm, { tasks }: RoundEntry): TaskEntry[] {
  return [...tasks].map((key) => state.tasks.get(key) as TaskEntry)
}

/** How far each decided output is from the program's own, in tolerances. */
function errors(swarm: TrustSwarm, round: RoundEntry): { off: number; votes: number }[] {
  return tasksOf(swarm, round).flatMap((entry) => {
    const truth = swarm.truth(entry)
    return entry.ballot.cells.map((cell, test) => {
      const [word, by] = cell?.output.split('~') ?? []
      assert.equal(word, truth[test], entry.key)
      return { off: Number(by), votes: cell?.votes ?? 0 }
    })
  })
}

function strikes({ state }: TrustSwarm): number {
  return [...state.trust.operators.values()].reduce((sum, one) => sum + one.strikes, 0)
}

function incidents({ state }: TrustSwarm): string[] {
  return state.trust.incidents.map(({ kind, operator }) => `${operator} ${kind}`)
}

describe('confidence where no two nodes print the same digits', () => {
  it('decides everything as cheaply as where they do, and strikes nobody', async () => {
    const swarm = new TrustSwarm(1)
    swarm.join(12, wobbling)
    const round = await course(swarm)
    assert.equal(round.state, 'aggregated')
    assert.ok(errors(swarm, round).every(({ off }) => off <= 0.2))
    const answers = tasksOf(swarm, round).reduce((sum, { votes, trust }) => sum + votes.length + (trust?.answers ?? 0), 0)
    assert.ok(answers / round.tasks.size < 1.5, String(answers / round.tasks.size))
    assert.deepEqual([strikes(swarm), incidents(swarm)], [0, []])
  })

  it('comes to nothing under the exact comparator: no two say the same, and nobody is blamed', async () => {
    const swarm = new TrustSwarm(2)
    swarm.join(12, wobbling)
    const round = await swarm.open('first', 4, { compare: { kind: 'exact' } })
    swarm.run()
    assert.ok(tasksOf(swarm, round).every(({ ballot }) => ballot.state === 'undecided'))
    assert.deepEqual(incidents(swarm), [])
  })

  it('lets one at the edge of the tolerance be, and lets it move no decision that others made with it', async () => {
    const swarm = new TrustSwarm(3)
    swarm.join(12, wobbling)
    swarm.join(
      1,
      off(() => 0.99),
      { prefix: 'edge' },
    )
    const round = await course(swarm)
    const found = errors(swarm, round)
    assert.ok(found.every(({ off, votes }) => off <= (votes > 2 ? 0.2 : 0.99)))
    assert.deepEqual([strikes(swarm), incidents(swarm)], [0, []])
  })

  it('finds one beyond it', async () => {
    const swarm = new TrustSwarm(4)
    swarm.join(12, wobbling)
    const turning = off(() => 1.6)
    swarm.join(1, (asked) => (asked.count > 30 ? turning(asked) : wobbling(asked)), { prefix: 'liar' })
    const round = await course(swarm)
    assert.ok(incidents(swarm).length > 0 && incidents(swarm).every((one) => one.startsWith('op liar')), String(incidents(swarm)))
    assert.ok(errors(swarm, round).every(({ off }) => off <= 0.2))
  })

  it('gives the same state when the log is read anew', async () => {
    const given = fc.record({ seed: fc.nat(1000), edge: fc.constantFrom(0.3, 0.99, 1.6), liars: fc.nat(2) })
    await fc.assert(
      fc.asyncProperty(given, async ({ seed, edge, liars }) => {
        const swarm = new TrustSwarm(seed)
        swarm.join(9, wobbling)
        swarm.join(
          liars,
          off(() => edge),
          { prefix: 'liar' },
        )
        await swarm.open('first', 20, { compare: DEFAULT_COMPARATOR })
        swarm.run()
        const state = swarm.replayed()
        for (const [key, entry] of swarm.state.tasks) assert.deepEqual(state.tasks.get(key)?.ballot, entry.ballot)
        assert.deepEqual(state.trust.incidents, swarm.state.trust.incidents)
        assert.equal(state.measuring.size, 0)
      }),
      { seed: 7, numRuns: 5 },
    )
  })
})
