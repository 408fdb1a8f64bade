import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { AssignedEvent } from '../../coordinator/dispatch/dispatcher.ts'
import { Durations, type Timed } from '../../coordinator/dispatch/durations.ts'
import { Shares } from '../../coordinator/dispatch/shares.ts'
import { Timetable } from '../../coordinator/dispatch/timetable.ts'
import { Desk } from '../support/desk.ts'
import { assertCounted } from '../support/recount.ts'

const ABILITIES = [['host/plain'], ['emulated/plain'], ['host/plain', 'emulated/plain']]
const NODES = 8
const REASONS = ['jail', 'toolchain', 'shutting-down']

const node = fc.nat(NODES - 1)
/** What may happen to a swarm. `which` picks one of the assignments that are out. */
const happening = fc.oneof(
  fc.record({ t: fc.constant('join' as const), node, operator: fc.nat(4), own: fc.nat(1), able: fc.nat(2), credits: fc.nat(5) }),
  fc.record({ t: fc.constant('leave' as const), node }),
  fc.record({ t: fc.constant('answer' as const), which: fc.nat(), output: fc.constantFrom('right', 'right', 'right', 'wrong') }),
  fc.record({ t: fc.constant('answer' as const), which: fc.nat(), output: fc.constant('right') }),
  fc.record({ t: fc.constant('decline' as const), which: fc.nat(), reason: fc.constantFrom(...REASONS) }),
  fc.record({ t: fc.constant('pass' as const), seconds: fc.integer({ min: 1, max: 40 }) }),
)
type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never

const policies = [
  { kind: 'majority', quorum: 1, replicas: 1 },
  { kind: 'majority', quorum: 2, replicas: 3 },
  { kind: 'majority', quorum: 3, replicas: 4 },
] as const

/** A desk on which things happen, and what has been asked of it. */
class Story {
  readonly desk = new Desk()
  readonly #connected = new Set<string>()
  /** What each node asked for and was not given, by the test's own account. */
  readonly #credits = new Map<string, number>()

  happen(what: Happening): void {
    const { desk } = this
    if (what.t === 'join')
      this.join(`n${what.node}`, what.credits, {
        operator: `o${what.operator}`,
        class: `c${what.own}`,
        abilities: ABILITIES[what.able] as string[],
      })
    if (what.t === 'leave') {
      desk.leave(`n${what.node}`)
      this.#connected.delete(`n${what.node}`)
    }
    if (what.t === 'pass') this.gave(desk.pass(what.seconds).given)
    if (what.t === 'answer' || what.t === 'decline') {
      const out = this.out()
      const held = out[what.which % Math.max(1, out.length)]
      if (held === undefined) return
      if (what.t === 'answer') desk.answer(held, { output: what.output })
      else desk.decline(held, what.reason)
      this.#credits.set(held.node, (this.#credits.get(held.node) ?? 0) + 1)
    }
    this.gave(desk.give())
    assertCounted(desk.state)
  }

  join(name: string, credits: number, init: { operator: string; class: string; abilities: string[] }): void {
    // It remembers what it holds, as a node that lost its connection does.
    const holding = [...(this.desk.state.holding.get(name) ?? [])]
    this.#connected.add(name)
    this.#credits.set(name, credits)
    this.desk.join(name, credits, { ...init, holding })
  }

  /** Assignments that are out with nodes that are connected. */
  out(): AssignedEvent[] {
    return [...this.desk.state.assignments.values()]
      .filter((held) => this.#connected.has(held.node))
      .map(({ givenAt, network: _, ...held }) => ({ t: 'assigned', at: givenAt, ...held }))
  }

  gave(given: readonly AssignedEvent[]): void {
    for (const { node: to } of given) {
      const left = (this.#credits.get(to) ?? 0) - 1
      assert.ok(left >= 0, `${to} was given more than it asked for`)
      assert.ok(this.#connected.has(to), `${to} is not there`)
      this.#credits.set(to, left)
    }
    for (const { votes, open, policy, ballot } of this.desk.state.tasks.values()) {
      const operators = [...votes, ...open.values()].map(({ operator }) => operator)
      assert.equal(new Set(operators).size, operators.length, 'an operator has two says on one task')
      assert.ok(votes.length <= policy.replicas)
      if (ballot.state !== 'open') assert.equal(open.size, 0, 'somebody works on what has ended')
    }
  }
}

const story = fc.record({
  policy: fc.constantFrom(...policies),
  cases: fc.integer({ min: 1, max: 12 }),
  happenings: fc.array(happening, { maxLength: 60 }),
})

async function told({
  policy,
  cases,
  happenings,
}: {
  policy: (typeof policies)[number]
  cases: number
  happenings: Happening[]
}) {
  const tale = new Story()
  await tale.desk.round('r', cases, { policy, owner: 'A' })
  await tale.desk.round('s', cases, { policy, owner: 'B', priority: 1 })
  for (const what of happenings) tale.happen(what)
  return tale
}

describe('whatever happens to a swarm', () => {
  it('nobody is given more than it asked for, or has two says, and honest newcomers bring every round to its end', async () => {
    await fc.assert(
      fc.asyncProperty(story, async (init) => {
        const tale = await told(init)
        const { desk } = tale
        for (let n = 0; n < 6; n++)
          tale.join(`new${n}`, 4, { operator: `new${n}`, class: 'c0', abilities: ABILITIES[2] as string[] })
        const isOver = () => [...desk.state.rounds.values()].every(({ state }) => state === 'aggregated')
        for (let second = 0; second < 4_000 && !isOver(); second++) {
          tale.gave(desk.pass(1).given)
          for (const held of tale.out()) {
            if (!held.node.startsWith('new') || !desk.state.assignments.has(held.nonce)) continue
            tale.happen({ t: 'answer', which: tale.out().findIndex(({ nonce }) => nonce === held.nonce), output: 'right' })
          }
        }
        assert.ok(isOver())
      }),
      { numRuns: 40 },
    )
  })

  it('the same happenings give the same events, and the log gives the same state', async () => {
    await fc.assert(
      fc.asyncProperty(story, async (init) => {
        const { desk } = await told(init)
        assert.deepEqual((await told(init)).desk.log, desk.log)
        const { tasks, assignments, holding, wanting } = desk.state
        desk.restart()
        assert.deepEqual(desk.state.tasks, tasks)
        assert.deepEqual(desk.state.assignments, assignments)
        assert.deepEqual(desk.state.holding, holding)
        assert.deepEqual([...desk.state.wanting].sort(), [...wanting].sort())
      }),
      { numRuns: 30 },
    )
  })
})

describe('shares', () => {
  it('of researchers who always have work nobody gets more for its share than another, but for one task', () => {
    const researchers = fc.array(fc.record({ share: fc.constantFrom(0.5, 1, 2, 5), costMs: fc.integer({ min: 1, max: 500 }) }), {
      minLength: 2,
      maxLength: 6,
    })
    fc.assert(
      fc.property(researchers, (all) => {
        const shares = new Shares()
        const rounds = all.map(({ share, costMs }, n) => ({
          id: `r${n}`,
          owner: `o${n}`,
          share,
          spec: { priority: 0 },
          costMs,
          had: 0,
        }))
        for (let turn = 0; turn < 500; turn++) {
          const [next] = shares.inOrder(rounds)
          assert.ok(next)
          next.had += next.costMs / next.share
          shares.charge(next, next.costMs)
        }
        const had = rounds.map((round) => round.had)
        const most = Math.max(...rounds.map(({ costMs, share }) => costMs / share))
        assert.ok(Math.max(...had) - Math.min(...had) <= most + 1e-6)
      }),
    )
  })

  it('remembers no more researchers and rounds than make a difference', () => {
    const shares = new Shares()
    const regular = { id: 'r', owner: 'regular', share: 1, spec: { priority: 0 } }
    shares.charge(regular, 10_000)
    for (let n = 0; n < 1_000; n++) shares.charge({ ...regular, id: `r${n}`, owner: `o${n}` }, 1)
    const other = { ...regular, id: 'x', owner: 'x' }
    assert.equal(shares.inOrder([regular, other])[0], other)
  })
})

describe('how long programs take', () => {
  const task = { program: 'p', executor: 'host', pass: 'plain' } as const
  const timed = (key: string, took: readonly [string, number][], program = 'p'): Timed => ({
    key,
    task: { ...task, program },
    votes: took.map(([operator, runMs]) => ({ operator, resources: { compileMs: 0, runMs } })),
  })
  const rows = [
    { id: 'nothing', tasks: [], expected: null },
    {
      id: 'the word of two is not enough',
      tasks: [
        timed('k', [
          ['a', 10],
          ['b', 10],
        ]),
      ],
      expected: null,
    },
    {
      id: 'the program itself',
      tasks: [
        timed('k', [
          ['a', 10],
          ['b', 20],
          ['c', 24],
        ]),
        timed(
          'l',
          [
            ['a', 1],
            ['b', 1],
          ],
          'q',
        ),
      ],
      expected: { ms: 20, spreadMs: 4 },
    },
    {
      id: 'the program under another policy too',
      tasks: [
        timed('k', [
          ['a', 10],
          ['b', 20],
        ]),
        timed('l', [['c', 30]]),
      ],
      expected: { ms: 20, spreadMs: 10 },
    },
    {
      id: 'else what the executor takes, and how far the longest are from that',
      tasks: ['a', 'b', 'c']
        .map((who) => timed(who, [[who, 10]], who))
        .concat(['a', 'b', 'c'].map((who) => timed(`${who}2`, [[who, 90]], `${who}2`))),
      expected: { ms: 10, spreadMs: 80 },
    },
    {
      id: 'one who says very long moves nothing',
      tasks: [
        timed('k', [
          ['a', 10],
          ['b', 10],
          ['liar', 1e12],
        ]),
      ],
      expected: { ms: 10, spreadMs: 0 },
    },
    {
      id: 'nor one who says nothing at all',
      tasks: [
        timed('k', [
          ['liar', 0],
          ['a', 10],
          ['b', 10],
        ]),
      ],
      expected: { ms: 10, spreadMs: 0 },
    },
    {
      id: 'nor one who says it a thousand times',
      tasks: [
        ...Array.from({ length: 1_000 }, (_, n) => timed(`l${n}`, [['liar', 1e12]], `l${n}`)),
        ...['a', 'b'].map((who) => timed(who, [[who, 10]], who)),
      ],
      expected: { ms: 10, spreadMs: 0 },
    },
  ]
  for (const { id, tasks, expected } of rows) {
    it(id, () => {
      const durations = new Durations()
      for (const entry of tasks) durations.learn(entry)
      assert.deepEqual(durations.expected(task), expected)
    })
  }
})

describe('the timetable', () => {
  it('gives what is due, the earliest first, and keeps the rest', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(100)), fc.nat(100), (times, now) => {
        const table = new Timetable<number>()
        for (const at of times) table.add(at, at)
        const sorted = times.toSorted((a, b) => a - b)
        assert.deepEqual(
          [...table.due(now)],
          sorted.filter((at) => at <= now),
        )
        assert.deepEqual(
          [...table.due(Number.POSITIVE_INFINITY)],
          sorted.filter((at) => at > now),
        )
      }),
    )
  })
})
