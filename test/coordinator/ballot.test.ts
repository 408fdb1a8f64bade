import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { disagrees, majorityError, onePerOperator, tally, type Vote } from '../../coordinator/rules/ballot.ts'
import type { Policy } from '../../protocol/index.ts'
import { shuffled } from '../support/seeded.ts'

const twoOfThree: Policy = { kind: 'majority', quorum: 2, replicas: 3 }
const oneOfOne: Policy = { kind: 'majority', quorum: 1, replicas: 1 }
const threeOfFive: Policy = { kind: 'majority', quorum: 3, replicas: 5 }

/** A vote written short: `n1:ab` is node n1 saying output a on test 1 and b on test 2; `!` instead is a run-time error. */
function vote(text: string): Vote {
  const [node = '', outputs = '', kind = 'k'] = text.split(':')
  const cells = [...outputs].map((output) => ({
    status: output === '!' ? ('runtime_error' as const) : ('success' as const),
    output,
    compat: output,
    masked: output,
    findings: [],
  }))
  return { node, operator: node.split('@')[1] ?? node, class: kind, cells }
}

const rows = [
  {
    id: 'nothing is in: the quorum is asked for',
    policy: twoOfThree,
    tests: 2,
    votes: [],
    state: 'open',
    wanted: 2,
    cells: [null, null],
  },
  { id: 'one is in: one more', policy: twoOfThree, tests: 2, votes: ['a:xy'], state: 'open', wanted: 1, cells: [null, null] },
  { id: 'two agree', policy: twoOfThree, tests: 2, votes: ['a:xy', 'b:xy'], state: 'decided', wanted: 0, cells: ['x', 'y'] },
  {
    id: 'two differ in one test: that one is open',
    policy: twoOfThree,
    tests: 2,
    votes: ['a:xy', 'b:xz'],
    state: 'open',
    wanted: 1,
    cells: ['x', null],
  },
  {
    id: 'the third decides',
    policy: twoOfThree,
    tests: 2,
    votes: ['a:xy', 'b:xz', 'c:xz'],
    state: 'decided',
    wanted: 0,
    cells: ['x', 'z'],
  },
  {
    id: 'three differ: undecided, and what agreed stays decided',
    policy: twoOfThree,
    tests: 2,
    votes: ['a:xy', 'b:xz', 'c:xw'],
    state: 'undecided',
    wanted: 0,
    cells: ['x', null],
  },
  {
    id: 'status counts, not only output',
    policy: twoOfThree,
    tests: 1,
    votes: ['a:!', 'b:x'],
    state: 'open',
    wanted: 1,
    cells: [null],
  },
  {
    id: 'one operator has one vote',
    policy: twoOfThree,
    tests: 1,
    votes: ['a@o:x', 'b@o:x'],
    state: 'open',
    wanted: 1,
    cells: [null],
  },
  {
    id: 'votes of two classes do not agree',
    policy: twoOfThree,
    tests: 1,
    votes: ['a:x:k1', 'b:x:k2'],
    state: 'open',
    wanted: 1,
    cells: [null],
  },
  { id: 'one of one', policy: oneOfOne, tests: 1, votes: ['a:x'], state: 'decided', wanted: 0, cells: ['x'] },
  {
    id: 'hopeless before all replicas are used',
    policy: threeOfFive,
    tests: 1,
    votes: ['a:w', 'b:x', 'c:y', 'd:z'],
    state: 'undecided',
    wanted: 0,
    cells: [null],
  },
  {
    id: 'not hopeless yet',
    policy: threeOfFive,
    tests: 1,
    votes: ['a:w', 'b:x', 'c:y'],
    state: 'open',
    wanted: 1,
    cells: [null],
  },
] as const

describe('a ballot', () => {
  for (const { id, policy, tests, votes, state, wanted, cells } of rows) {
    it(id, () => {
      const ballot = tally(policy, tests, votes.map(vote))
      assert.equal(ballot.state, state)
      assert.equal(ballot.wanted, wanted)
      assert.deepEqual(
        ballot.cells.map((cell) => cell?.output ?? null),
        cells,
      )
    })
  }

  const policies = fc.constantFrom(oneOfOne, twoOfThree, threeOfFive)
  const someVotes = fc.array(
    fc.tuple(fc.nat(6), fc.string({ unit: fc.constantFrom('x', 'y', '!'), minLength: 3, maxLength: 3 })),
    { maxLength: 8 },
  )

  it('does not depend on the order in which operators came', () => {
    fc.assert(
      fc.property(
        policies,
        fc
          .uniqueArray(fc.nat(6), { maxLength: 5 })
          .chain((nodes) => fc.tuple(...nodes.map((n) => fc.constantFrom(`n${n}:xxy`, `n${n}:xyy`, `n${n}:!xx`)))),
        fc.nat(),
        (policy, texts, seed) => {
          const votes = texts.map(vote)
          assert.deepEqual(tally(policy, 3, shuffled(votes, seed)), tally(policy, 3, votes))
        },
      ),
      { seed: 3 },
    )
  })

  it('keeps what is decided, in whatever order the rest comes', () => {
    fc.assert(
      fc.property(policies, someVotes, fc.nat(), (policy, pairs, seed) => {
        const votes = shuffled(
          pairs.map(([node, outputs]) => vote(`n${node}:${outputs}`)),
          seed,
        )
        const allowed = onePerOperator(votes).slice(0, policy.replicas)
        const all = tally(policy, 3, allowed)
        for (let count = 0; count < allowed.length; count++) {
          for (const [test, cell] of tally(policy, 3, allowed.slice(0, count)).cells.entries()) {
            if (cell !== null) assert.equal(all.cells[test]?.output, cell.output)
          }
        }
      }),
      { seed: 5, numRuns: 300 },
    )
  })

  it('counts a replayed vote once, and a decided cell has a real quorum of distinct operators', () => {
    fc.assert(
      fc.property(policies, someVotes, (policy, pairs) => {
        const votes = pairs.map(([node, outputs]) => vote(`n${node}:${outputs}`))
        const ballot = tally(policy, 3, votes)
        assert.deepEqual(tally(policy, 3, [...votes, ...votes]), ballot)
        ballot.cells.forEach((cell, test) => {
          if (cell === null) return
          const first = new Map(votes.toReversed().map((one) => [one.operator, one]))
          const agreeing = [...first.values()].filter(
            (one) => one.cells[test]?.output === cell.output && one.cells[test]?.status === cell.status,
          )
          assert.equal(agreeing.length, cell.votes)
          assert.ok(cell.votes >= policy.quorum)
        })
      }),
      { seed: 4 },
    )
  })

  it('names the tests in which a vote was outvoted', () => {
    const { cells } = tally(twoOfThree, 2, ['a:xy', 'b:xz', 'c:xz'].map(vote))
    assert.deepEqual(disagrees(vote('a:xy'), cells), [1])
    assert.deepEqual(disagrees(vote('b:xz'), cells), [])
  })
})

describe('the error of a majority', () => {
  for (const { quorum, error } of [
    { quorum: 2, error: 2.8e-2 },
    { quorum: 3, error: 8.6e-3 },
    { quorum: 4, error: 2.7e-3 },
  ]) {
    it(`is ${error} at phi = 10 % with ${quorum} votes`, () => {
      assert.ok(Math.abs(majorityError(quorum, 0.1) / error - 1) < 0.02)
    })
  }

  it('equals brute force over who is wrong', () => {
    for (const quorum of [1, 2, 3]) {
      const draws = 2 * quorum - 1
      let brute = 0
      for (let mask = 0; mask < 2 ** draws; mask++) {
        const wrong = [...mask.toString(2)].filter((bit) => bit === '1').length
        if (wrong >= quorum) brute += 0.3 ** wrong * 0.7 ** (draws - wrong)
      }
      assert.ok(Math.abs(majorityError(quorum, 0.3) - brute) < 1e-12, String(quorum))
    }
  })
})
