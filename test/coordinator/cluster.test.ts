import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { disagrees, tally, type Vote } from '../../coordinator/rules/ballot.ts'
import { type Apart, cluster, middle, mostOf } from '../../coordinator/rules/cluster.ts'
import { type ConfidentBallot, confide, type WeighedVote } from '../../coordinator/rules/confident.ts'
import { strangersNeeded } from '../../coordinator/rules/credibility.ts'
import type { ConfidencePolicy, MajorityPolicy } from '../../protocol/index.ts'

/** Outputs are numbers here, and the tolerance is 1. */
const apart: Apart = (a, b) => {
  const far = Math.abs(Number(a) - Number(b))
  return far <= 2 ? far : null
}

function counts(outputs: readonly number[]): Map<string, number> {
  const found = new Map<string, number>()
  for (const output of outputs) found.set(`${output}`, (found.get(`${output}`) ?? 0) + 1)
  return found
}

describe('what counts as the same', () => {
  for (const { id, said, clusters } of [
    { id: 'equal outputs', said: [3, 3], clusters: [[3]] },
    { id: 'within the tolerance', said: [0, 0.9], clusters: [[0, 0.9]] },
    { id: 'beyond it', said: [0, 1.1], clusters: [[0], [1.1]] },
    { id: 'both within it of a third, and not of each other', said: [0, 0.9, 1.8], clusters: [[0, 0.9, 1.8]] },
    {
      id: 'far apart: nothing in common',
      said: [0, 0.5, 9, 9.5],
      clusters: [
        [0, 0.5],
        [9, 9.5],
      ],
    },
    {
      id: 'a chain wider than twice the tolerance is taken apart',
      said: [0, 0, 0, 0, 0.9, 1.8, 2.7],
      clusters: [
        [0, 0.9],
        [1.8, 2.7],
      ],
    },
  ]) {
    it(id, () => {
      const found = cluster(counts(said), apart).map(({ members }) => [...members.keys()].map(Number).sort((a, b) => a - b))
      assert.deepEqual(found, clusters)
    })
  }

  it('does not depend on the order in which outputs came', () => {
    fc.assert(
      fc.property(outputs(), fc.integer(), (said, seed) => {
        assert.deepEqual(names(cluster(counts(mixed(said, seed)), apart)), names(cluster(counts(said), apart)))
      }),
    )
  })

  it('puts nobody together who lies further apart than twice the tolerance', () => {
    fc.assert(
      fc.property(outputs(), (said) => {
        for (const { members } of cluster(counts(said), apart)) {
          const values = [...members.keys()].map(Number)
          assert.ok(Math.max(...values) - Math.min(...values) <= 2)
        }
      }),
    )
  })
})

function names(clusters: ReturnType<typeof cluster>) {
  return clusters
    .map(({ output, members }) => ({ output, members: [...members.keys()].sort() }))
    .sort((a, b) => (a.output < b.output ? -1 : 1))
}

/** Outputs near each other, so that many of them hang together. */
function outputs() {
  return fc.array(
    fc.integer({ min: -12, max: 12 }).map((n) => n / 4),
    { minLength: 1, maxLength: 9 },
  )
}

function mixed<T>(items: readonly T[], seed: number): T[] {
  return items
    .map((item, at) => ({ item, rank: Math.imul(seed ^ (at + 1), 0x9e3779b1) }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ item }) => item)
}

describe('the output that speaks for a cluster', () => {
  for (const { id, said, spoken } of [
    { id: 'what most of them said', said: [0, 0, 0.5], spoken: 0 },
    { id: 'of single ones one of those that lie closest', said: [-0.4, 0, 0.3], spoken: 0 },
    { id: 'not a liar at the edge', said: [0, 0.1, 0.99], spoken: 0 },
    {
      id: 'not two liars with one output, where honest ones differ in the last digit',
      said: [-0.1, 0, 0.1, 0.99, 0.99],
      spoken: 0,
    },
    { id: 'not one that was put between honest ones and a friend further out', said: [0, 0, 0.1, 0.99, 1.9], spoken: 0 },
  ]) {
    it(id, () => {
      assert.equal(Number(middle(counts(said), mostOf(counts(said)), apart).output), spoken)
    })
  }

  it('lies no further from an honest one than honest ones lie apart, wherever fewer liars are', () => {
    fc.assert(
      fc.property(honestAndLiars(), ({ honest, liars }) => {
        const all = counts([...honest, ...liars])
        const spoken = Number(middle(all, mostOf(all), apart).output)
        const spread = Math.max(...honest) - Math.min(...honest)
        assert.ok(
          honest.some((one) => Math.abs(one - spoken) <= spread),
          `${spoken} of ${honest} and ${liars}`,
        )
      }),
    )
  })
})

/** Honest outputs within a tenth of the tolerance, and fewer liars who may say what they like. */
function honestAndLiars() {
  const near = fc.integer({ min: 0, max: 10 }).map((n) => n / 100)
  return fc.integer({ min: 1, max: 6 }).chain((n) => {
    const honest = fc.array(near, { minLength: n, maxLength: n })
    return fc.record({
      honest,
      liars: fc.array(
        fc.integer({ min: -30, max: 30 }).map((one) => one / 10),
        { maxLength: n - 1 },
      ),
    })
  })
}

const twoOfThree: MajorityPolicy = { kind: 'majority', quorum: 2, replicas: 3 }
const threeOfFive: MajorityPolicy = { kind: 'majority', quorum: 3, replicas: 5 }
const fourOfSeven: MajorityPolicy = { kind: 'majority', quorum: 4, replicas: 7 }

function votes(said: readonly number[], from = 0): Vote[] {
  return said.map((output, at) => {
    const text = `${output}`
    const cell = { status: 'success' as const, output: text, compat: text, masked: text, findings: [] }
    return { node: `n${from + at}`, operator: `o${from + at}`, class: 'k', cells: [cell] }
  })
}

describe('a majority under a tolerance', () => {
  for (const { id, policy, said, state, output, near, flags } of [
    { id: 'the last digit', policy: twoOfThree, said: [0, 0.1], state: 'decided', output: 0, near: true, flags: [] },
    { id: 'beyond the tolerance', policy: twoOfThree, said: [0, 1.1], state: 'open', output: null, near: false, flags: [] },
    {
      id: 'a third agrees with both',
      policy: twoOfThree,
      said: [0, 1.1, 0.6],
      state: 'decided',
      output: 0.6,
      near: true,
      flags: [],
    },
    { id: 'no third does', policy: twoOfThree, said: [0, 1.1, 2.2], state: 'undecided', output: null, near: false, flags: [] },
    {
      id: 'a quorum said the very same',
      policy: threeOfFive,
      said: [0, 0.9, 0, 0.9, 0],
      state: 'decided',
      output: 0,
      near: false,
      flags: [],
    },
    {
      id: 'two liars at the edge do not drag three',
      policy: threeOfFive,
      said: [0.99, 0.99, -0.1, 0, 0.1],
      state: 'decided',
      output: 0,
      near: true,
      flags: [],
    },
    {
      id: 'a quorum that hangs together by steps, within twice the tolerance',
      policy: { ...fourOfSeven, replicas: 4 },
      said: [0, 0.6, 1.3, 1.9],
      state: 'decided',
      output: 0.6,
      near: true,
      flags: [],
    },
    {
      id: 'a quorum that hangs together by steps, and further',
      policy: { ...fourOfSeven, replicas: 4 },
      said: [0, 0.9, 1.8, 2.7],
      state: 'decided',
      output: 0.9,
      near: true,
      flags: ['numerically-unstable'],
    },
    {
      id: 'steps of a few liars do not make a quorum unstable',
      policy: fourOfSeven,
      said: [0.9, 1.8, 2.7, 0, 0, 0, 0],
      state: 'decided',
      output: 0,
      near: false,
      flags: [],
    },
  ]) {
    it(`${id}: ${state}`, () => {
      const ballot = tally(policy, 1, votes(said), apart)
      const cell = ballot.cells[0] ?? null
      assert.equal(ballot.state, state)
      assert.equal(cell && Number(cell.output), output)
      assert.equal(cell?.near ?? false, near)
      assert.deepEqual(cell?.findings.map(({ flag }) => flag) ?? [], flags)
    })
  }

  it('calls nobody contrary who is within the cluster', () => {
    const said = votes([0, 0.1, 5])
    const { cells } = tally(threeOfFive, 1, [...said, ...votes([0.2], 3)], apart)
    assert.deepEqual(
      said.map((vote) => disagrees(vote, cells)),
      [[], [], [0]],
    )
  })

  it('comes to the same whatever the order, and takes no decision back', () => {
    fc.assert(
      fc.property(fc.constantFrom(twoOfThree, threeOfFive, fourOfSeven), outputs(), fc.integer(), (policy, said, seed) => {
        const all = votes(said).slice(0, policy.replicas)
        const whole = tally(policy, 1, all, apart)
        const order = mixed(all, seed)
        assert.deepEqual(tally(policy, 1, order, apart), whole)
        for (let length = 1; length <= order.length; length++) {
          const early = tally(policy, 1, order.slice(0, length), apart).cells[0]
          if (early == null) continue
          const late = whole.cells[0]
          assert.ok(late != null, `decided by ${length} of ${said}, and then not`)
          if (late.findings.length === 0) assert.ok(apart(early.output, late.output) !== null)
        }
      }),
    )
  })

  it('is never dragged beyond what honest ones lie apart, while liars are fewer than the quorum', () => {
    fc.assert(
      fc.property(honestAndLiars(), fc.integer(), ({ honest, liars }, seed) => {
        const quorum = honest.length
        const policy: MajorityPolicy = { kind: 'majority', quorum, replicas: 2 * quorum - 1 }
        const cell = tally(policy, 1, mixed(votes([...honest, ...liars]), seed), apart).cells[0]
        const spread = Math.max(...honest) - Math.min(...honest)
        assert.ok(cell != null && honest.some((one) => Math.abs(one - Number(cell.output)) <= spread))
        assert.deepEqual(cell.findings, [])
      }),
    )
  })
})

const policy: ConfidencePolicy = { kind: 'confidence', theta: 0.99, f: 0.1, replicas: 32 }
/** Agreeing strangers that reach it. */
const ENOUGH = strangersNeeded(policy)

/** Those who repeat say the same again. */
function weighed(said: readonly number[], again = 3): WeighedVote[] {
  return votes(said).map((vote) => ({
    ...vote,
    credibility: 0.9,
    alone: null,
    newcomer: false,
    again: Array.from({ length: again }, () => vote.cells),
    excused: false,
    drawn: false,
  }))
}

function ballotOn(all: readonly WeighedVote[]): ConfidentBallot {
  return confide(policy, 1, all, { replicate: true }, apart)
}

describe('confidence under a tolerance', () => {
  it(`${ENOUGH} strangers in other digits agree`, () => {
    const ballot = ballotOn(weighed([0, 0.1, 0.2, 0.3].slice(0, ENOUGH), 0))
    assert.equal(ballot.state, 'decided')
    assert.equal(ballot.again.size, 0)
  })

  it('nobody at the edge is in the wrong, and the decision is not his', () => {
    const ballot = ballotOn(weighed([0.99, 0, 0, 0.1, 0.05]))
    assert.equal(ballot.state, 'decided')
    assert.equal(ballot.wrong.size, 0)
    assert.equal(ballot.cells[0]?.output, '0')
  })

  it('who is beyond it is', () => {
    const ballot = ballotOn(weighed([0, 0, 0, 0.1, 0.05, 1.5]))
    assert.deepEqual([...ballot.wrong.keys()], ['o5'])
    assert.equal(ballot.state, 'decided')
  })

  it('a repeat in other digits is no wavering', () => {
    const [first, ...rest] = weighed([0, 0, 0, 0.1])
    const cells = (first as WeighedVote).cells.map((cell) => ({ ...cell, output: '0.3' }))
    const ballot = ballotOn([{ ...(first as WeighedVote), again: [cells, cells, cells] }, ...rest])
    assert.equal(ballot.wrong.size, 0)
    assert.equal(ballot.state, 'decided')
  })

  it('a repeat beyond the tolerance is', () => {
    const [first, ...rest] = weighed([0, 0, 0, 0, 0])
    const cells = (first as WeighedVote).cells.map((cell) => ({ ...cell, output: '7' }))
    const ballot = ballotOn([{ ...(first as WeighedVote), again: [cells, cells, cells] }, ...rest])
    assert.deepEqual([...ballot.wrong.keys()], ['o0'])
  })

  it('answers that spread over more than twice the tolerance are decided to do so, and put nobody in the wrong', () => {
    const ballot = ballotOn(weighed([0, 0.3, 0.6, 0.9, 1.2, 1.5, 1.8, 2.1, 2.4, 2.7]))
    assert.equal(ballot.state, 'decided')
    assert.deepEqual(
      ballot.cells[0]?.findings.map(({ flag }) => flag),
      ['numerically-unstable'],
    )
    assert.equal(ballot.wrong.size, 0)
    assert.equal(ballot.cells[0]?.votes, 10)
  })

  it('steps laid by few liars do not make it so', () => {
    const liars = [0.9, 1.8, 2.7].slice(0, ENOUGH - 1)
    const ballot = ballotOn(weighed([...liars, 0, 0, 0, 0, 0, 0, 0]))
    assert.equal(ballot.state, 'decided')
    assert.equal(ballot.cells[0]?.output, '0')
    assert.deepEqual(ballot.cells[0]?.findings, [])
  })

  it('says whether the very text was agreed on', () => {
    assert.equal(ballotOn(weighed([0, 0, 0, 0, 0.1])).cells[0]?.near, undefined)
    assert.equal(ballotOn(weighed([0, 0.1, 0.2, 0.3])).cells[0]?.near, true)
  })

  it('comes to the same whatever the order', () => {
    fc.assert(
      fc.property(outputs(), fc.integer(), fc.constantFrom(0, 3), (said, seed, again) => {
        const all = weighed(said, again)
        const one = ballotOn(all)
        const other = ballotOn(mixed(all, seed))
        assert.deepEqual(other.cells, one.cells)
        assert.deepEqual(other.state, one.state)
        assert.deepEqual([...other.wrong.keys()].sort(), [...one.wrong.keys()].sort())
        assert.deepEqual([...other.again.keys()].sort(), [...one.again.keys()].sort())
      }),
    )
  })
})
