import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { JournalEvent } from '../../bin/evolve/events.ts'
import { apply, next } from '../../bin/evolve/loop.ts'
import type { StopRules } from '../../bin/evolve/plan.ts'
import type { LoopState } from '../../bin/evolve/rounds.ts'

const at = '2026-01-01T00:00:00.000Z'
const begun = (round: number, step: 'generate' | 'verify' | 'export' | 'train'): JournalEvent => ({
  ...{ t: 'begun', at, round, step, plan: 'p' },
  mark: step === 'generate' || step === 'train' ? `${round} ${step}` : null,
})
const generated = (round: number): JournalEvent => ({ t: 'generated', at, round, cases: 10, digest: 'd', seconds: 1 })
const verified = (round: number): JournalEvent => ({ t: 'verified', at, round, id: `id ${round}`, seconds: 1 })
const exported = (round: number, passAt1: number | null, accepted = 5): JournalEvent => ({
  ...{ t: 'exported', at, round },
  measures: { cases: 10, accepted, yield: accepted / 10, passAt1 },
})
const trained = (round: number): JournalEvent => ({ t: 'trained', at, round, seconds: 1 })
const whole = (round: number, passAt1: number | null, accepted?: number) => [
  ...[generated(round), verified(round), exported(round, passAt1, accepted), trained(round)],
]
const stateAfter = (events: readonly JournalEvent[]): LoopState => events.reduce<LoopState>(apply, [])

describe('what is to be done next', () => {
  const rows: { id: string; events: JournalEvent[]; stop?: Partial<StopRules>; next: unknown }[] = [
    { id: 'nothing yet', events: [], next: { round: 1, step: 'generate' } },
    { id: 'begun is not done', events: [begun(1, 'generate')], next: { round: 1, step: 'generate' } },
    { id: 'generated', events: [generated(1)], next: { round: 1, step: 'verify' } },
    { id: 'verified', events: [generated(1), verified(1)], next: { round: 1, step: 'export' } },
    { id: 'exported', events: [generated(1), verified(1), exported(1, 0.5)], next: { round: 1, step: 'train' } },
    { id: 'trained', events: whole(1, 0.5), next: { round: 2, step: 'generate' } },
    { id: 'all rounds', events: whole(1, 0.5), stop: { rounds: 1 }, next: { stop: { why: 'rounds', rounds: 1 } } },
    {
      id: 'a step that failed is done again',
      events: [generated(1), begun(1, 'verify'), { t: 'failed', at, round: 1, step: 'verify', why: 'x' }],
      next: { round: 1, step: 'verify' },
    },
    {
      id: 'nothing accepted, whatever the plan says',
      events: whole(1, 0, 0).slice(0, 3),
      next: { stop: { why: 'nothing-accepted', round: 1 } },
    },
    {
      id: 'a yield that is too small',
      events: whole(1, 0.2, 2).slice(0, 3),
      stop: { yield: 0.3 },
      next: { stop: { why: 'yield', round: 1, yield: 0.2, least: 0.3 } },
    },
    {
      id: 'a yield that is just enough',
      events: whole(1, 0.2, 3).slice(0, 3),
      stop: { yield: 0.3 },
      next: { round: 1, step: 'train' },
    },
    {
      id: 'Pass@1 that falls',
      events: [...whole(1, 0.5), ...whole(2, 0.4).slice(0, 3)],
      stop: { 'pass@1': { rises: 0, within: 1 } },
      next: { stop: { why: 'pass@1', round: 2, best: 0.4, before: 0.5, within: 1 } },
    },
    {
      id: 'Pass@1 that stays has not risen',
      events: [...whole(1, 0.5), ...whole(2, 0.5).slice(0, 3)],
      stop: { 'pass@1': { rises: 0, within: 1 } },
      next: { stop: { why: 'pass@1', round: 2, best: 0.5, before: 0.5, within: 1 } },
    },
    {
      id: 'Pass@1 that rises less than is asked for',
      events: [...whole(1, 0.5), ...whole(2, 0.51).slice(0, 3)],
      stop: { 'pass@1': { rises: 0.1, within: 1 } },
      next: { stop: { why: 'pass@1', round: 2, best: 0.51, before: 0.5, within: 1 } },
    },
    {
      id: 'Pass@1 that has one more round to rise',
      events: [...whole(1, 0.5), ...whole(2, 0.4).slice(0, 3)],
      stop: { 'pass@1': { rises: 0, within: 2 } },
      next: { round: 2, step: 'train' },
    },
    {
      id: 'Pass@1 that rose in the round before the last',
      events: [...whole(1, 0.5), ...whole(2, 0.7), ...whole(3, 0.6).slice(0, 3)],
      stop: { 'pass@1': { rises: 0, within: 2 } },
      next: { round: 3, step: 'train' },
    },
    {
      id: 'a round that has no Pass@1 says nothing of it',
      events: [...whole(1, 0.5), ...whole(2, null).slice(0, 3)],
      stop: { 'pass@1': { rises: 0, within: 1 } },
      next: { round: 2, step: 'train' },
    },
  ]
  for (const { id, events, stop, next: expected } of rows) {
    it(id, () => assert.deepEqual(next(stateAfter(events), { rounds: 9, ...stop }), expected))
  }
})

describe('the rounds of a loop', () => {
  it('count tries, and keep the mark of a command until it has ended', () => {
    const tried = stateAfter([begun(1, 'generate'), begun(1, 'generate')])[0]
    assert.equal(tried?.attempts.generate, 2)
    assert.equal(tried?.mark, '1 generate')
    assert.equal(stateAfter([begun(1, 'generate'), generated(1)])[0]?.mark, null)
  })

  it('forget a failure when the step is done', () => {
    const failed: JournalEvent = { t: 'failed', at, round: 1, step: 'generate', why: 'no model' }
    assert.equal(stateAfter([failed])[0]?.failure, 'no model')
    assert.equal(stateAfter([failed, generated(1)])[0]?.failure, null)
  })

  it('count the rounds that were cancelled', () => {
    assert.equal(stateAfter([generated(1), { t: 'cancelled', at, round: 1, id: 'x' }])[0]?.cancelled, 1)
  })
})
