import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { CellVote } from '../../coordinator/rules/ballot.ts'
import { type ConfidentBallot, confide, type Terms, type WeighedVote } from '../../coordinator/rules/confident.ts'
import { strangersNeeded } from '../../coordinator/rules/credibility.ts'
import type { ConfidencePolicy } from '../../protocol/index.ts'
import { shuffled } from '../support/seeded.ts'

/** Three strangers reach .99 at f = .1; two reach .98. */
const POLICY: ConfidencePolicy = { kind: 'confidence', theta: 0.99, f: 0.1, replicas: 8 }
const ALONE: Terms = { replicate: false }
const REPLICATED: Terms = { replicate: true }

function cell(word: string): CellVote {
  return { status: 'success', output: word, compat: word, masked: word, findings: [] }
}

/**
 * `a:x` is operator a's vote of one test, `a:xy` of two; `/k` behind: of class k; `+`: its answer decides alone; `*`: its
 * task was drawn, too; `~`: a newcomer among established; `@xy`: asked again, it said x to the first test, then y.
 */
function vote(text: string): WeighedVote {
  const [, operator = '', words = '', kind = 'c', marks = '', again = ''] =
    /^(\w+):(\w+)(?:\/(\w+))?([+*~]*)(?:@(\w+))?$/.exec(text) ?? []
  const alone = marks.includes('+') || marks.includes('*') ? 0.9 : null
  const rest = { credibility: 0.9, alone, newcomer: marks.includes('~'), excused: false, drawn: marks.includes('*') }
  const cells = [...words].map(cell)
  return { node: operator, operator, class: kind, cells, again: [...again].map((one) => [cell(one), ...cells.slice(1)]), ...rest }
}

function ballotOf(votes: readonly WeighedVote[], terms: Terms, tests = votes[0]?.cells.length ?? 1): ConfidentBallot {
  return confide(POLICY, tests, votes, terms)
}

function told({ state, wanted, cells, again, wrong }: ConfidentBallot): string {
  const asked = [...again].map(([who, times]) => `${who}${times}`).sort()
  const parts = [
    `${state} ${cells.map((one) => one?.output ?? '-').join('')}`,
    ...(wanted > 0 ? [`wants ${wanted}`] : []),
    ...(asked.length > 0 ? [`asks ${asked.join(' ')}`] : []),
    ...(wrong.size > 0 ? [`against ${[...wrong.keys()].sort().join(' ')}`] : []),
  ]
  return parts.join(', ')
}

const ROWS = [
  { id: 'nobody yet', terms: ALONE, votes: [], is: 'open -, wants 1' },
  { id: 'nobody yet, where all is replicated', terms: REPLICATED, votes: [], is: 'open -, wants 3' },
  { id: "an established operator's answer decides for the time being", terms: ALONE, votes: ['a:x+'], is: 'provisional x' },
  { id: 'one that was drawn wants somebody else', terms: ALONE, votes: ['a:x*'], is: 'provisional x, wants 1' },
  { id: 'and got one', terms: ALONE, votes: ['a:x*', 'b:x'], is: 'provisional x' },
  { id: 'a stranger wants as many as it takes, one after the other', terms: ALONE, votes: ['a:x'], is: 'open -, wants 1' },
  { id: 'or at once', terms: REPLICATED, votes: ['a:x'], is: 'open -, wants 2' },
  { id: 'two are not enough', terms: REPLICATED, votes: ['a:x', 'b:x'], is: 'open -, wants 1' },
  { id: 'three are', terms: REPLICATED, votes: ['a:x', 'b:x', 'c:x'], is: 'decided x' },
  { id: 'two of one operator count once', terms: REPLICATED, votes: ['a:x', 'a:x', 'b:x'], is: 'open -, wants 1' },
  { id: 'newcomers count as one', terms: REPLICATED, votes: ['a:x', 'b:x~', 'c:x~', 'd:x~'], is: 'open -, wants 1' },
  { id: 'a disagreement is asked again', terms: ALONE, votes: ['a:x+', 'b:y'], is: 'open -, wants 1, asks a3 b3' },
  {
    id: 'the larger side must lead, and repeat itself',
    terms: ALONE,
    votes: ['a:x', 'b:y', 'c:y', 'd:y', 'e:y'],
    is: 'open -, asks a3 b3 c3',
  },
  {
    id: 'then it is right',
    terms: ALONE,
    votes: ['a:x@xxx', 'b:y@yyy', 'c:y@yyy', 'd:y', 'e:y'],
    is: 'decided y, against a',
  },
  { id: 'a program that says now this, now that, has no decision', terms: ALONE, votes: ['a:x@y', 'b:y@x'], is: 'undecided -' },
  { id: 'tests are decided one by one', terms: REPLICATED, votes: ['a:xu@y', 'b:yu@x', 'c:xu'], is: 'undecided -u' },
  { id: 'another class adds nothing', terms: REPLICATED, votes: ['a:x', 'b:x', 'c:x/k'], is: 'open -, wants 1' },
  {
    id: 'too many answers and no decision',
    terms: REPLICATED,
    votes: ['a:p', 'b:q', 'c:r', 'd:s', 'e:t', 'f:u', 'g:v', 'h:w'],
    is: 'undecided -',
  },
] as const

describe('a ballot under a confidence policy', () => {
  for (const { id, terms, votes, is } of ROWS) it(id, () => assert.equal(told(ballotOf(votes.map(vote), terms)), is))

  const word = fc.constantFrom('x', 'x', 'x', 'y')
  const marks = fc.constantFrom('', '', '+', '~', '*')
  const votes = fc
    .array(fc.tuple(word, word, fc.constantFrom('c', 'c', 'c', 'k'), marks, fc.constantFrom('', 'x', 'xxx', 'yyy')), {
      maxLength: 7,
    })
    .map((rows) =>
      rows.map(([one, two, kind, mark, again], n) => vote(`o${n}:${one}${two}/${kind}${mark}${again === '' ? '' : `@${again}`}`)),
    )
  const terms = fc.constantFrom(ALONE, REPLICATED)

  it('is the same whatever the order of the votes', () => {
    fc.assert(
      fc.property(votes, terms, fc.nat(), (given, held, seed) => {
        assert.deepEqual(plain(ballotOf(shuffled(given, seed), held, 2)), plain(ballotOf(given, held, 2)))
      }),
      { seed: 31, numRuns: 1_000 },
    )
  })

  it('is not changed by votes that come twice', () => {
    fc.assert(
      fc.property(votes, terms, (given, held) => {
        const ballot = ballotOf(given, held, 2)
        assert.deepEqual(plain(ballotOf([...given, ...given], held, 2)), plain(ballot))
      }),
      { seed: 32, numRuns: 500 },
    )
  })

  it('pools no votes of different classes: what is decided is decided by those of one alone', () => {
    fc.assert(
      fc.property(votes, terms, (given, held) => {
        for (const [test, decided] of ballotOf(given, held, 2).cells.entries()) {
          if (decided === null || (decided.confidence ?? 0) < POLICY.theta) continue
          const own = ballotOf(
            given.filter((one) => one.class === decided.class),
            held,
            2,
          )
          assert.equal(own.cells[test]?.output, decided.output)
          assert.equal(own.cells[test]?.confidence, decided.confidence)
        }
      }),
      { seed: 33, numRuns: 1_000 },
    )
  })

  it('reaches what it says: the chance that a group is right, counted over all worlds', () => {
    fc.assert(
      fc.property(fc.nat(4), fc.nat(2), (more, against) => {
        const agreeing = strangersNeeded(POLICY) + against + more
        const given = [
          ...Array.from({ length: agreeing }, (_, n) => vote(`a${n}:x@xxx`)),
          ...Array.from({ length: against }, (_, n) => vote(`b${n}:y@yyy`)),
        ]
        const [decided] = ballotOf(given, ALONE).cells
        const [f, n, m] = [POLICY.f, agreeing, against]
        // Worlds: the first group right, the other one right (where there is one), or none.
        const worlds = [(1 - f) ** n * f ** m, ...(m > 0 ? [f ** n * (1 - f) ** m] : []), f ** (n + m)]
        const truth = (worlds[0] as number) / worlds.reduce((sum, one) => sum + one, 0)
        assert.ok(Math.abs((decided?.confidence ?? 0) - truth) < 1e-12, `${decided?.confidence} ${truth}`)
        assert.ok(truth >= POLICY.theta)
      }),
      { seed: 34 },
    )
  })
})

/** Maps as lists in one order, so that ballots can be held against each other. */
function plain({ again, wrong, ...rest }: ConfidentBallot) {
  return { ...rest, again: [...again].sort(), wrong: [...wrong].sort(([a], [b]) => (a < b ? -1 : 1)) }
}
