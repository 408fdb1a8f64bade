import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { type ConfidentRecount, recountConfident, type SureGroup } from '../../coordinator/audit/confident.ts'
import { rejudge, type SideCells } from '../../coordinator/audit/judging.ts'
import {
  type Group,
  majorityConfidence,
  type Outputs,
  type Recount,
  recountMajority,
  type Saying,
} from '../../coordinator/audit/majority.ts'
import { type Ballot, type CellDecision, type CellVote, kindOf, majorityError, tally } from '../../coordinator/rules/ballot.ts'
import type { Apart } from '../../coordinator/rules/cluster.ts'
import { confide, type WeighedVote } from '../../coordinator/rules/confident.ts'
import { batchCredibility } from '../../coordinator/rules/credibility.ts'
import { judge, type SideEvidence } from '../../coordinator/rules/judge.ts'
import { type Flag, type Side, STEPS, type StrictPass, TestStatus } from '../../protocol/index.ts'

/*
 * What decides in production and what audits are written apart from each other; here each is held against the other, on
 * ballots and cases that no swarm would come to.
 */

const RUNS = 2_000

const finding = fc
  .constantFrom<Flag>('race', 'undefined-behaviour', 'cuda-error')
  .map((flag) => ({ flag, file: 'code', line: 1, what: flag }))
/** Outputs lie on a line, a third of a tolerance apart; two neighbours print the same text. */
const PLACES = ['o0', 'o1', 'o2', 'o3', 'o5', 'o6', 'o9', 'o20']
const placeOf = (output: string) => Number(output.slice(1).replace("'", '')) / 3
const textOf = (output: string) => `t${Math.floor((placeOf(output) * 3) / 2)}`
const apart: Apart = (a, b) => {
  if (a === b) return 0
  return STEPS.find((step) => Math.abs(placeOf(a) - placeOf(b)) <= step) ?? null
}
const outputs: Outputs = { far: (a, b) => apart(a, b) ?? Number.POSITIVE_INFINITY, text: textOf }

const vote: fc.Arbitrary<CellVote> = fc
  .record({
    status: fc.constantFrom<TestStatus>('success', 'success', 'success', 'runtime_error'),
    output: fc.constantFrom(...PLACES),
    findings: fc.oneof({ weight: 6, arbitrary: fc.constant([]) }, fc.array(finding, { maxLength: 1 })),
  })
  .map((one) => ({ ...one, compat: textOf(one.output), masked: 'm' }))
const cells = (tests: number) => fc.array(vote, { minLength: tests, maxLength: tests })
const who = { operator: fc.constantFrom(...'abcdefgh'), class: fc.constantFrom('x', 'x', 'x', 'y') }

function saidIn(votes: readonly CellVote[]): Saying[] {
  return votes.map((cell) => ({ kind: kindOf(cell), output: cell.output }))
}

/** What both must agree on; of a ballot that has not ended, whatever it has come to by then. */
function ofProduction({ state, cells }: Ballot) {
  const summary = (cell: CellDecision) => {
    const flags = cell.findings.map(({ flag }) => flag)
    return {
      ...{ class: cell.class, kind: kindOf(cell), output: cell.output, votes: cell.votes, alike: cell.alike ?? [] },
      ...{ near: cell.near === true, unstable: flags.includes('numerically-unstable') },
      ...{ otherwise: flags.includes('arch-dependent'), confidence: cell.confidence?.toPrecision(9) },
    }
  }
  return { state, cells: cells.map((cell) => cell && summary(cell)) }
}

function ofAudit({ state, cells }: Recount | ConfidentRecount) {
  const summary = (cell: Group | SureGroup) => {
    const { confidence = undefined, otherwise = false } = 'confidence' in cell ? cell : {}
    return { ...cell, otherwise, confidence: confidence?.toPrecision(9) }
  }
  return { state, cells: cells.map((cell) => cell && summary(cell)) }
}

describe('a majority counted again', () => {
  it('comes to what production came to, on any votes', () => {
    const ballot = fc.integer({ min: 1, max: 3 }).chain((tests) =>
      fc.record({
        tests: fc.constant(tests),
        votes: fc.array(fc.record({ node: fc.constant('n'), ...who, cells: cells(tests) }), { minLength: 1, maxLength: 7 }),
        quorum: fc.integer({ min: 1, max: 4 }),
        more: fc.nat({ max: 3 }),
      }),
    )
    fc.assert(
      fc.property(ballot, ({ tests, votes: all, quorum, more }) => {
        const replicas = quorum + Math.min(more, quorum - 1)
        // A ballot that has had all its replicas has ended.
        const votes = all.filter((_, at) => new Set(all.slice(0, at + 1).map(({ operator }) => operator)).size <= replicas)
        const own = recountMajority(
          { quorum, replicas },
          tests,
          votes.map((one) => ({ ...one, tests: saidIn(one.cells) })),
          outputs,
        )
        assert.deepEqual(ofAudit(own), ofProduction(tally({ kind: 'majority', quorum, replicas }, tests, votes, apart)))
      }),
      { numRuns: RUNS },
    )
  })

  it('is believed as far as production says', () => {
    for (let quorum = 1; quorum <= 8; quorum++) {
      assert.ok(Math.abs(majorityConfidence(quorum, 0.1) - (1 - majorityError(quorum, 0.1))) < 1e-12)
    }
  })
})

describe('a ballot under a confidence policy counted again', () => {
  const ballot = fc.integer({ min: 1, max: 2 }).chain((tests) =>
    fc.record({
      tests: fc.constant(tests),
      theta: fc.constantFrom(0.9, 0.99, 0.999),
      f: fc.constantFrom(0.05, 0.1, 0.2, 0.35),
      replicas: fc.integer({ min: 1, max: 12 }),
      votes: fc.array(
        fc.record({
          ...who,
          cells: fc.oneof({ weight: 3, arbitrary: fc.constant(Array<CellVote>(tests).fill(USUAL)) }, cells(tests)),
          checks: fc.option(fc.integer({ min: 0, max: 200 })),
          newcomer: fc.boolean(),
          repeats: fc.nat({ max: 4 }),
          wavers: fc.oneof({ weight: 5, arbitrary: fc.constant(false) }, fc.boolean()),
          excused: fc.boolean(),
          drawn: fc.boolean(),
        }),
        { maxLength: 9 },
      ),
    }),
  )

  it('comes to what production came to, on any votes', () => {
    const seen = new Set<string>()
    fc.assert(
      fc.property(ballot, ({ tests, votes, ...terms }) => {
        const weighed = votes.map(({ checks, repeats, wavers, ...one }): WeighedVote => {
          const again = Array.from({ length: repeats }, (_, at) => (wavers && at === 0 ? one.cells.map(turned) : one.cells))
          const credibility = checks === null ? 1 - terms.f : batchCredibility(terms.f, checks)
          return { node: 'n', ...one, credibility, alone: null, again }
        })
        const said = weighed.map(({ again, cells, ...one }, at) => ({
          ...one,
          tests: saidIn(cells),
          again: again.map(saidIn),
          checks: votes[at]?.checks ?? null,
        }))
        const production = confide({ kind: 'confidence', ...terms }, tests, weighed, { replicate: true }, apart)
        const own = recountConfident(terms, tests, said, outputs)
        assert.deepEqual(ofAudit(own), ofProduction(production))
        assert.deepEqual([...own.wrong].sort(), [...production.wrong].map(([operator, { tests }]) => [operator, tests]).sort())
        seen.add(own.state)
      }),
      { numRuns: RUNS },
    )
    assert.deepEqual([...seen].sort(), ['decided', 'open', 'undecided'])
  })
})

const USUAL: CellVote = { status: 'success', output: 'o1', compat: textOf('o1'), masked: 'm', findings: [] }

function turned(cell: CellVote): CellVote {
  return { ...cell, output: 'o30', compat: textOf('o30') }
}

describe('a case judged again', () => {
  const cell = fc.option(
    fc.record({
      status: fc.oneof({ weight: 3, arbitrary: fc.constant<TestStatus>('success') }, fc.constantFrom(...TestStatus.options)),
      output: fc.constantFrom('a', 'b'),
      compat: fc.constantFrom('c', 'c', 'd'),
      masked: fc.constantFrom('m', 'm', 'm', 'n'),
      findings: fc.oneof({ weight: 4, arbitrary: fc.constant([]) }, fc.array(finding, { maxLength: 2 })),
      class: fc.constant('x'),
      votes: fc.constant(1),
      near: fc.oneof({ weight: 6, arbitrary: fc.constant(false) }, fc.boolean()),
    }),
    { freq: 8 },
  )
  const side = (passes: readonly StrictPass[]) =>
    fc
      .tuple(fc.option(fc.boolean(), { freq: 6 }), cell, ...passes.map(() => cell))
      .map(([sameFill, plain, ...strict]): SideEvidence => {
        return { plain, strict: Object.fromEntries(passes.map((pass, at) => [pass, strict[at] ?? null])), sameFill }
      })
  const test = (passes: readonly StrictPass[]) =>
    fc.record({ cpp: side(passes), cuda: side(passes), equal: fc.option(fc.boolean(), { freq: 6 }) })

  it('comes to what production came to, on any decisions', () => {
    const seen = new Set<string>()
    const plan = fc
      .constantFrom<readonly StrictPass[]>([], ['isolated'], ['isolated', 'sanitized'], ['isolated', 'sanitized', 'races'])
      .chain((passes) => fc.array(test(passes), { maxLength: 3 }))
    fc.assert(
      fc.property(plan, fc.constantFrom<Side>('cpp', 'cuda'), fc.constantFrom(1_000, 60_000), (tests, source, wallMs) => {
        const other = source === 'cpp' ? 'cuda' : 'cpp'
        const cellsOf = ({ plain, strict }: SideEvidence) => ({ plain, ...strict }) as SideCells
        const own = rejudge(
          tests.map((one) => ({
            original: cellsOf(one[source]),
            translation: cellsOf(one[other]),
            equal: one.equal,
            sameFill: { original: one[source].sameFill, translation: one[other].sameFill },
          })),
          wallMs,
        )
        assert.deepEqual(own, judge(tests, { source, wallMs }))
        for (const { strict } of own.cells) seen.add(strict)
        seen.add(own.strict)
      }),
      { numRuns: RUNS },
    )
    assert.deepEqual([...seen].sort(), ['different', 'equivalent', 'fail', 'invalid', 'pass', 'undecided', 'unknown', 'void'])
  })
})
