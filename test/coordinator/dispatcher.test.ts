import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { RESERVED_MS } from '../../coordinator/dispatch/dispatcher.ts'
import { deadlineMs } from '../../coordinator/rules/dispatch.ts'
import { CONFIDENCE_DEFAULTS, MAX_CREDITS, NODE_ABSENCE_MS, ROUND_DEFAULTS } from '../../protocol/index.ts'
import { Desk } from '../support/desk.ts'

const ONE = { kind: 'majority', quorum: 1, replicas: 1 } as const
const HOST = { abilities: ['host/plain'] }
const EMULATED = { abilities: ['emulated/plain'] }

/** How many assignments each round got. */
function byRound(programs: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const program of programs) {
    const round = program.split('-')[0] as string
    counts[round] = (counts[round] ?? 0) + 1
  }
  return counts
}

describe('what rounds get', () => {
  const rows = [
    {
      id: 'two researchers share alike, whoever came first',
      rounds: [
        { id: 'a', owner: 'A' },
        { id: 'b', owner: 'B' },
      ],
      gets: { a: 20, b: 20 },
    },
    {
      id: 'many rounds do not give a researcher more',
      rounds: [
        { id: 'a', owner: 'A' },
        { id: 'b', owner: 'B' },
        { id: 'c', owner: 'B' },
      ],
      gets: { a: 20, b: 10, c: 10 },
    },
    {
      id: 'a share of three is three times as much',
      rounds: [
        { id: 'a', owner: 'A' },
        { id: 'b', owner: 'B', share: 3 },
      ],
      gets: { a: 10, b: 30 },
    },
    {
      id: 'of one researcher the highest priority first',
      rounds: [
        { id: 'a', owner: 'A', priority: 4 },
        { id: 'b', owner: 'A' },
      ],
      gets: { b: 40 },
    },
    {
      id: "a priority says nothing to others' rounds",
      rounds: [
        { id: 'a', owner: 'A', priority: 0 },
        { id: 'b', owner: 'B', priority: 9 },
      ],
      gets: { a: 20, b: 20 },
    },
  ]
  for (const { id, rounds, gets } of rows) {
    it(id, async () => {
      const desk = new Desk()
      for (const { id, ...init } of rounds) await desk.round(id, 50, { policy: ONE, ...init })
      desk.join('n', 40)
      assert.deepEqual(byRound(desk.give().map((given) => desk.program(given))), gets)
    })
  }

  it('a lower priority is served where nobody can do more for a higher one', async () => {
    const desk = new Desk()
    await desk.round('low', 5, { policy: ONE, priority: 0 })
    await desk.round('high', 2, { policy: ONE, priority: 9 })
    desk.join('n', 10)
    assert.deepEqual(byRound(desk.give().map((given) => desk.program(given))), { high: 4, low: 6 })
  })

  it('who comes later shares from then on, and is owed nothing', async () => {
    const desk = new Desk()
    await desk.round('a', 60, { policy: ONE, owner: 'A' })
    desk.join('n', 60)
    assert.equal(desk.give().length, 60)
    await desk.round('b', 60, { policy: ONE, owner: 'B' })
    desk.join('m', 20)
    assert.deepEqual(byRound(desk.give().map((given) => desk.program(given))), { a: 10, b: 10 })
  })
})

describe('nodes that vanish or are slow', () => {
  it('what a node holds that has gone is given to another when it stays away', async () => {
    const desk = new Desk()
    await desk.round('r', 1, { policy: ONE })
    desk.join('gone', 2)
    const held = desk.give().map(({ nonce }) => nonce)
    assert.equal(held.length, 2)
    desk.join('there', 2)
    desk.leave('gone')
    assert.deepEqual(desk.pass(NODE_ABSENCE_MS / 1_000).ended, [])
    const { ended, given } = desk.pass(1)
    assert.deepEqual(
      ended.map(({ nonce, reason }) => [nonce, reason]),
      held.map((nonce) => [nonce, 'node-away']),
    )
    assert.deepEqual(
      given.map(({ node }) => node),
      ['there', 'there'],
    )
  })

  it('a node that comes back in time keeps what it still knows', async () => {
    const desk = new Desk()
    await desk.round('r', 1, { policy: ONE })
    desk.join('n', 2)
    const [first, second] = desk.give()
    desk.leave('n')
    desk.pass(3)
    desk.join('n', 0, { holding: [first?.nonce as string] })
    assert.deepEqual(
      desk.log.flatMap((event) => (event.t === 'ended' ? [[event.nonce, event.reason]] : [])),
      [[second?.nonce, 'node-forgot']],
    )
    assert.deepEqual(desk.pass(30).ended, [])
  })

  it('after a restart nobody is there: what is held is given again unless its holder comes back', async () => {
    const desk = new Desk()
    await desk.round('r', 2, { policy: ONE })
    desk.join('a', 2)
    desk.join('b', 2)
    const given = desk.give()
    desk.restart()
    desk.join('a', 0, { holding: given.filter(({ node }) => node === 'a').map(({ nonce }) => nonce) })
    assert.deepEqual(
      desk
        .pass(30)
        .ended.map(({ nonce }) => nonce)
        .sort(),
      given
        .filter(({ node }) => node === 'b')
        .map(({ nonce }) => nonce)
        .sort(),
    )
  })

  /** Three operators have shown that programs take a second; then one task hangs with somebody. */
  async function withHistory({ hanging = 'slow' } = {}): Promise<{ desk: Desk; hangs: ReturnType<Desk['give']>[number] }> {
    const desk = new Desk()
    const past = ['a', 'b', 'slow', 'idle', ...Array.from({ length: 10 }, (_, n) => `idle${n}`)]
    for (const node of past) desk.join(node, 1, HOST)
    await desk.round('past', past.length, { policy: ONE })
    for (const given of desk.give()) desk.answer(given, { ms: 1_000 })
    assert.equal(desk.state.verdicts, past.length)
    for (const node of past) desk.leave(node)
    desk.join(hanging, 1, HOST)
    await desk.round('now', 1, { policy: ONE })
    const [hangs] = desk.give()
    assert.ok(hangs)
    return { desk, hangs }
  }

  it('a deadline follows what programs took', async () => {
    const { desk, hangs } = await withHistory()
    const task = desk.task(hangs.task)
    assert.equal(hangs.deadlineAt - hangs.at, deadlineMs(task, { ms: 1_000, spreadMs: 0 }, 0))
    assert.ok(hangs.deadlineAt - hangs.at < deadlineMs(task, null, 0))
  })

  it('what takes three times as long as usual is given to another as well, and the first answer counts', async () => {
    const { desk, hangs } = await withHistory()
    desk.join('idle', 1, HOST)
    assert.deepEqual(desk.pass(4).given, [])
    const [spare] = desk.pass(2).given
    assert.deepEqual([spare?.task, spare?.node], [hangs.task, 'idle'])
    assert.deepEqual(
      desk.answer(spare as typeof hangs).map(({ nonce, how }) => [nonce, how]),
      [[hangs.nonce, 'withdrawn']],
    )
    assert.equal(desk.task(hangs.task).ballot.state, 'decided')
    assert.equal(desk.task(hangs.task).votes.length, 1)
  })

  it('with a node that has answered nothing yet it is not waited for that long', async () => {
    const { desk, hangs } = await withHistory({ hanging: 'new' })
    desk.join('newer', 4, HOST)
    desk.join('idle', 1, HOST)
    assert.deepEqual(desk.pass(2).given, [])
    // Nor is one asked in its place that may be another such.
    assert.deepEqual(
      desk.pass(1).given.map(({ task, node }) => [task, node]),
      [[hangs.task, 'idle']],
    )
  })

  it('those who take all they may and never answer hold up nothing for long', async () => {
    const { desk } = await withHistory({ hanging: 'new' })
    for (let n = 0; n < 20; n++) desk.join(`taker${n}`, 4, HOST)
    await desk.round('r', 40, { policy: ONE })
    assert.equal(desk.give().length, 40)
    for (let n = 0; n < 10; n++) desk.join(`idle${n}`, 2, HOST)
    const isTaker = (node: string) => node.startsWith('taker')
    let answered = 0
    for (let second = 0; second < 10; second++) {
      for (const given of desk.pass(1).given) {
        if (isTaker(given.node)) continue
        desk.answer(given)
        answered++
      }
    }
    assert.ok(answered >= 40, `${answered} answers`)
  })

  it('the slow one may still be first', async () => {
    const { desk, hangs } = await withHistory()
    desk.join('idle', 1, HOST)
    const [spare] = desk.pass(6).given
    assert.deepEqual(
      desk.answer(hangs).map(({ nonce }) => nonce),
      [spare?.nonce],
    )
  })

  it('a task is given in vain to two at most beside those that are to answer', async () => {
    const { desk, hangs } = await withHistory()
    for (let n = 0; n < 10; n++) desk.join(`idle${n}`, 1, HOST)
    desk.pass(hangs.deadlineAt - hangs.at > 20_000 ? 20 : 0)
    assert.equal(desk.task(hangs.task).open.size, 3)
  })

  it('a task that was not done in time is given longer, up to what its limits allow', async () => {
    const { desk, hangs } = await withHistory()
    desk.leave('slow')
    desk.join('slow', 0, { ...HOST, holding: [hangs.nonce] })
    const wait = (at: number) => desk.pass(Math.ceil((at - desk.now) / 1_000))
    assert.deepEqual(
      wait(hangs.deadlineAt).ended.map(({ reason }) => reason),
      ['deadline'],
    )
    desk.join('other', 1, HOST)
    const [again] = desk.give()
    const task = desk.task(hangs.task)
    assert.equal((again?.deadlineAt ?? 0) - desk.now, deadlineMs(task, { ms: 1_000, spreadMs: 0 }, 1))
  })

  it('where nothing is known nothing is slow', async () => {
    const desk = new Desk()
    await desk.round('r', 1, { policy: ONE })
    desk.join('n', 2)
    desk.join('idle', 1)
    assert.equal(desk.give().length, 2)
    assert.deepEqual(desk.pass(100).given, [])
  })

  it('the last task of a round is given to who has nothing else to do before it is slow', async () => {
    const desk = new Desk()
    for (const node of ['a', 'b', 'c']) desk.join(node, 10)
    await desk.round('r', 12, { policy: ONE })
    const given = desk.give()
    const last = given.at(-1) as (typeof given)[number]
    for (const other of given.slice(0, -1)) desk.answer(other, { ms: 1_000 })
    const [spare] = desk.pass(3).given
    assert.equal(spare?.task, last.task)
    assert.notEqual(spare?.node, last.node)
  })

  it('and is not while nobody is idle', async () => {
    const desk = new Desk()
    await desk.round('r', 12, { policy: ONE })
    for (const node of ['a', 'b', 'c']) desk.join(node, 8)
    const given = desk.give()
    assert.equal(given.length, 24)
    await desk.round('next', 50, { policy: ONE })
    for (const other of given.slice(0, -1)) desk.answer(other, { ms: 1_000 })
    assert.ok(desk.pass(3).given.every((next) => next.task !== given.at(-1)?.task))
  })
})

describe('who may have what', () => {
  it('nobody is given what may use more memory than it has', async () => {
    const desk = new Desk()
    await desk.round('r', 1, { policy: ONE })
    desk.join('small', 2, { memoryBytes: ROUND_DEFAULTS.limits.memoryBytes - 1 })
    assert.deepEqual(desk.give(), [])
    desk.join('large', 2, { memoryBytes: ROUND_DEFAULTS.limits.memoryBytes })
    assert.deepEqual(
      desk.give().map(({ node }) => node),
      ['large', 'large'],
    )
  })

  it('a ballot goes on in the class in which it was begun', async () => {
    const desk = new Desk()
    await desk.round('r', 1)
    desk.join('x1', 1, { class: 'x', ...HOST })
    const [first] = desk.give()
    desk.join('x2', 0, { class: 'x', ...HOST })
    desk.join('y', 1, { class: 'y', ...HOST })
    desk.dispatcher.wants('x2', 1)
    assert.deepEqual(
      desk.give().map(({ node, task }) => [node, task]),
      [['x2', first?.task]],
    )
  })

  it('and in another when nobody of its class is there', async () => {
    const desk = new Desk()
    await desk.round('r', 1)
    desk.join('x', 1, { class: 'x', ...HOST })
    desk.join('y', 1, { class: 'y', ...HOST })
    assert.deepEqual(
      desk.give().map(({ node }) => node),
      ['x', 'y'],
    )
  })

  it('and in another when those of its class leave', async () => {
    const { desk, task } = await keptForClass()
    desk.leave('x2')
    assert.deepEqual(
      desk.pass(1).given.map((given) => [given.node, given.task]),
      [['y', task]],
    )
  })

  it('and in another when those of its class do not come for it', async () => {
    const { desk, task } = await keptForClass()
    assert.deepEqual(desk.pass(RESERVED_MS / 1_000 - 2).given, [])
    assert.deepEqual(
      desk.pass(3).given.map((given) => [given.node, given.task]),
      [['y', task]],
    )
  })

  /** A ballot begun in class x, of which another node is there but busy; one of class y is idle. */
  async function keptForClass() {
    const desk = new Desk()
    await desk.round('busy', 1, { policy: ONE, owner: 'other' })
    desk.join('x2', 1, { class: 'x', ...HOST })
    assert.equal(desk.give().length, 1)
    await desk.round('r', 1, { policy: { kind: 'majority', quorum: 2, replicas: 2 } })
    desk.join('x1', 1, { class: 'x', ...HOST })
    const [first] = desk.give()
    desk.join('y', 1, { class: 'y', ...HOST })
    assert.deepEqual(desk.give(), [])
    return { desk, task: first?.task }
  }

  it('the two sides of a case go to different operators while there are others', async () => {
    const desk = new Desk()
    await desk.round('r', 30)
    for (const node of ['a', 'b', 'c', 'd']) desk.join(node, MAX_CREDITS)
    desk.give()
    for (const { tasks } of desk.state.rounds.get('r')?.cases ?? []) {
      const [cpp, cuda] = [tasks?.cpp, tasks?.cuda].map((key) =>
        [...desk.task(key as string).open.values()].map(({ operator }) => operator),
      )
      assert.equal(cpp?.length, 2)
      assert.equal(new Set([...(cpp ?? []), ...(cuda ?? [])]).size, 4)
    }
  })

  it('and to the same ones where there are none', async () => {
    const desk = new Desk()
    await desk.round('r', 5)
    for (const node of ['a', 'b', 'c']) desk.join(node, MAX_CREDITS)
    assert.equal(desk.give().length, 20)
  })

  it('and to the same ones at once where the others do not want the round', async () => {
    const desk = new Desk()
    await desk.round('r', 4, { policy: ONE })
    for (const node of ['a', 'b']) desk.join(node, 4)
    const given = desk.give()
    assert.equal(given.length, 8)
    for (const one of given.filter(({ node }) => node === 'a')) {
      desk.dispatcher.unwanted('a', one.task)
      desk.record({ t: 'ended', at: desk.now, nonce: one.nonce, how: 'declined', reason: 'unwanted' })
    }
    for (const one of given.filter(({ node }) => node === 'b')) desk.answer(one)
    assert.deepEqual(
      desk.pass(1).given.map(({ node }) => node),
      ['b', 'b', 'b', 'b'],
    )
  })

  for (const [id, goes] of [
    ['leaves', (desk: Desk, node: string) => desk.dispatcher.left(node, desk.now)],
    ['has to rest', (desk: Desk, node: string) => desk.dispatcher.learn(node, false, desk.now)],
  ] as const) {
    it(`what was kept for operators drawn by lot is for others as soon as who was drawn ${id}`, async () => {
      const desk = new Desk()
      await desk.round('r', 2, { policy: { ...CONFIDENCE_DEFAULTS, theta: 0.99 } })
      for (const node of ['a', 'b', 'c', 'd']) desk.join(node, 1)
      assert.equal(desk.give().length, 4)
      // What was given out while nobody else was there is for whoever comes; all that was after is kept.
      desk.join('e', 4)
      assert.equal(desk.give().length, 1)
      for (const node of ['a', 'b', 'c', 'd']) goes(desk, node)
      assert.deepEqual(
        desk.give().map(({ node }) => node),
        ['e', 'e', 'e'],
      )
    })
  }

  it('what comes up wakes an idle node that can do it, and none that cannot', async () => {
    const desk = new Desk()
    for (let n = 0; n < 5; n++) desk.join(`gpu${n}`, 1, { abilities: ['gpu/plain'] })
    desk.join('e', 1, EMULATED)
    desk.join('h', 1, HOST)
    assert.deepEqual(desk.give(), [])
    await desk.round('r', 1, { policy: ONE })
    assert.deepEqual(
      desk
        .give()
        .map(({ node }) => node)
        .sort(),
      ['e', 'h'],
    )
  })
})

describe('a task that nodes cannot run', () => {
  async function declined(operators: number, giveUpAfter = 5) {
    const desk = new Desk()
    await desk.round('r', 1, { policy: ONE, giveUpAfter })
    const nodes = Array.from({ length: operators }, (_, n) => `n${n}`)
    const waits: number[] = []
    for (const node of nodes) {
      const from = desk.now
      desk.join(node, 1, HOST)
      let given = desk.give()
      while (given.length === 0) given = desk.pass(1).given
      waits.push(Math.round((desk.now - from) / 1_000))
      desk.decline(given[0] as (typeof given)[number], 'toolchain')
      desk.leave(node)
    }
    const key = [...desk.state.tasks.values()].find(({ task }) => task.executor === 'host')?.key as string
    return { desk, waits, task: desk.task(key) }
  }

  it('waits longer and longer once operators enough have given it back', async () => {
    const { waits } = await declined(5, 50)
    assert.deepEqual(waits, [0, 0, 15, 60, 240])
  })

  it('ends undecided after as many operators as the round says', async () => {
    assert.equal((await declined(2, 3)).task.ballot.state, 'open')
    const { task, desk } = await declined(3, 3)
    assert.equal(task.ballot.state, 'undecided')
    desk.restart()
    assert.equal(desk.task(task.key).ballot.state, 'undecided')
  })

  it('is kept from the operator that gave it back, not from others', async () => {
    const desk = new Desk()
    await desk.round('r', 1, { policy: ONE })
    desk.join('a', 1, HOST)
    const [given] = desk.give()
    desk.decline(given as NonNullable<typeof given>)
    desk.join('a', 1, HOST)
    assert.deepEqual(desk.give(), [])
    desk.join('b', 1, HOST)
    assert.deepEqual(
      desk.give().map(({ node }) => node),
      ['b'],
    )
  })

  it('is tried again by the same operator when it is the only one', async () => {
    const desk = new Desk()
    await desk.round('r', 1, { policy: ONE, giveUpAfter: 2 })
    desk.join('a', 1, HOST)
    for (let time = 0; time < 4; time++) {
      let given = desk.give()
      while (given.length === 0) given = desk.pass(1).given
      desk.decline(given[0] as (typeof given)[number])
    }
    const [task] = desk.state.tasks.values()
    assert.equal(task?.ballot.state, 'open')
    assert.equal(task?.declines.get('a')?.times, 4)
  })

  it('is not suspected when nodes were stopped', async () => {
    const desk = new Desk()
    await desk.round('r', 1, { policy: ONE, giveUpAfter: 1 })
    desk.join('a', 1, HOST)
    const [given] = desk.give()
    desk.decline(given as NonNullable<typeof given>, 'shutting-down')
    assert.equal(desk.task(given?.task as string).declines.size, 0)
    desk.join('b', 1, HOST)
    assert.equal(desk.give().length, 1)
  })
})
