import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { ADMISSION_ANSWERS, BOOTSTRAP_OPERATORS, BOOTSTRAP_WAIT_MS } from '../../coordinator/trust/model.ts'
import { Operators } from '../../coordinator/trust/operators.ts'

const MINUTE = 60_000
const BEGIN = 1_000_000

/** Operators to whom things happen. */
class Story {
  /** Tasks that are known to fail. */
  known = 0
  readonly operators = new Operators(undefined, undefined, () => this.known)

  given(name: string, at: number): void {
    this.operators.given(this.operators.get(name), at)
  }

  /** So many answers of it are confirmed as establish it. */
  establish(name: string, at: number, failing = true): void {
    const operator = this.operators.get(name)
    this.operators.answered(operator, at)
    const answer = { task: 'task', verdict: 'verdict' }
    for (let n = 0; n < ADMISSION_ANSWERS; n++) this.operators.pass(operator, { failing, answer, at })
  }

  missed(name: string, givenAt: number, at: number): void {
    this.operators.missed(this.operators.get(name), givenAt, at)
  }
}

const FAST = Array.from({ length: BOOTSTRAP_OPERATORS + 3 }, (_, n) => `fast ${n}`)

/** Those who are fast are established, one who is slow came with them. */
function begun(): Story {
  const story = new Story()
  for (const name of [...FAST, 'slow']) story.given(name, BEGIN)
  for (const name of FAST) story.establish(name, BEGIN + 1)
  return story
}

/** One is established before anything is known to fail; the last that all wait for is at some time after that. */
function early(story: Story, at = BEGIN + MINUTE): void {
  story.given('early', BEGIN)
  story.establish('early', BEGIN + 1, false)
  assert.equal(story.operators.standingOf('early'), 'established')
  story.known = 100
  story.establish('slow', at)
  assert.equal(story.operators.standingOf('early'), 'new')
}

describe('bootstrap', () => {
  const rows: { id: string; happens: (story: Story) => void; over: boolean }[] = [
    { id: 'lasts while one that came with the others is not established', happens: () => undefined, over: false },
    {
      id: 'waits for one that was established when nothing was known to fail, and has shown nothing of that kind since',
      happens: early,
      over: false,
    },
    {
      id: 'is over when that one has shown it, too',
      happens: (story) => {
        early(story)
        assert.equal(story.operators.isHeldUp('early'), true)
        story.establish('early', BEGIN + 2 * MINUTE)
        assert.equal(story.operators.isHeldUp('early'), false)
      },
      over: true,
    },
    {
      id: 'is over without that one after the first hour',
      happens: (story) => early(story, BEGIN + BOOTSTRAP_WAIT_MS),
      over: true,
    },
    { id: 'is over when it is', happens: (story) => story.establish('slow', BEGIN + MINUTE), over: true },
    {
      id: 'does not wait for one that is suspended',
      happens: ({ operators }) => operators.suspend(operators.get('slow'), BEGIN + MINUTE),
      over: true,
    },
    {
      id: 'does not wait for one that has answered nothing in time',
      happens: (story) => story.missed('slow', BEGIN, BEGIN + MINUTE),
      over: true,
    },
    {
      id: 'waits for one that has answered something else meanwhile',
      happens: (story) => {
        story.operators.answered(story.operators.get('slow'), BEGIN + 1)
        story.missed('slow', BEGIN, BEGIN + MINUTE)
      },
      over: false,
    },
    {
      id: 'waits for one that came later, within the first hour',
      happens: (story) => {
        story.given('late', BEGIN + 50 * MINUTE)
        story.establish('slow', BEGIN + 50 * MINUTE)
      },
      over: false,
    },
    {
      id: 'waits for nobody longer than an hour',
      happens: (story) => story.given('fast 0', BEGIN + BOOTSTRAP_WAIT_MS),
      over: true,
    },
    {
      id: 'is not begun anew by whoever comes later',
      happens: (story) => {
        story.establish('slow', BEGIN + MINUTE)
        for (let n = 0; n < 100; n++) story.given(`late ${n}`, BEGIN + 2 * MINUTE)
      },
      over: true,
    },
    {
      id: 'begins anew when too few are left',
      happens: (story) => {
        story.establish('slow', BEGIN + MINUTE)
        for (const name of FAST.slice(1)) story.operators.suspend(story.operators.get(name), BEGIN + 2 * MINUTE)
      },
      over: false,
    },
  ]
  for (const { id, happens, over } of rows) {
    it(id, () => {
      const story = begun()
      happens(story)
      assert.equal(story.operators.settled, over)
    })
  }

  it('is never over before enough are established, and at most two hours after that, whoever comes', () => {
    const key = fc.record({ at: fc.nat(180 * MINUTE), answers: fc.boolean(), early: fc.boolean() })
    const keys = fc.array(key, { maxLength: 200 })
    fc.assert(
      fc.property(keys, (arrivals) => {
        const story = begun()
        for (const [n, { at, answers, early }] of arrivals.toSorted((a, b) => a.at - b.at).entries()) {
          story.given(`key ${n}`, BEGIN + at)
          if (early && at < 30 * MINUTE) story.establish(`key ${n}`, BEGIN + at, false)
          if (at >= 30 * MINUTE) story.known = 100
          if (answers) story.operators.answered(story.operators.get(`key ${n}`), BEGIN + at)
          if (at >= 2 * BOOTSTRAP_WAIT_MS) assert.ok(story.operators.settled)
        }
        for (const name of FAST) story.operators.suspend(story.operators.get(name), BEGIN + 180 * MINUTE)
        // Where nothing was ever known to fail, those who came early stay established, and may be enough.
        const left = arrivals.filter((_, n) => story.operators.standingOf(`key ${n}`) === 'established').length
        assert.equal(story.operators.settled, left >= BOOTSTRAP_OPERATORS)
      }),
      { examples: [[Array(BOOTSTRAP_OPERATORS).fill({ at: 0, answers: false, early: true })], [[]]] },
    )
  })
})

describe('strikes', () => {
  it('are no reproach where decisions are no surer than they are frequent', () => {
    const suspicious = (theta: number) => {
      const { operators } = new Story()
      const [one, others] = [operators.get('one'), operators.get('others')]
      for (let n = 0; n < 10_000; n++) operators.judge(others, false, theta)
      for (let n = 0; n < 60; n++) operators.judge(one, n < 5, theta)
      return operators.isNoAccident(one)
    }
    assert.equal(suspicious(0.999), true)
    assert.equal(suspicious(0.99), false)
  })
})
