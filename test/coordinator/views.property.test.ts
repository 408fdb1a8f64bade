import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { readTasks } from '../../coordinator/ledger.ts'
import { mayClose } from '../../coordinator/state/closing.ts'
import type { Event } from '../../coordinator/state/events.ts'
import type { TaskEntry } from '../../coordinator/state/model.ts'
import type { TaskNames } from '../../coordinator/state/needed.ts'
import { type Remembered, State } from '../../coordinator/state/state.ts'
import { KNOWN_KEPT } from '../../coordinator/trust/model.ts'
import { caseAsItIs, caseRecord, decode, encode, taskAsItIs, tasksRecord } from '../../coordinator/views/records.ts'
import { captureChanges, type Making, Reading, readState, takeChanges, type ViewChange } from '../../coordinator/views/views.ts'
import { DEFAULT_COMPARATOR } from '../../protocol/index.ts'
import { dump } from '../support/dump.ts'
import { RecordsInMemory } from '../support/records.ts'
import { assertCounted } from '../support/recount.ts'
import { seeded } from '../support/seeded.ts'
import { type Conduct, TrustSwarm } from '../support/trust-swarm.ts'

interface Logged {
  event: Event
  names?: TaskNames
}

function plain(entries: Iterable<TaskEntry>): unknown {
  return decode(encode([...entries].sort((a, b) => a.seq - b.seq)))
}

/** What a coordinator does with its log: tasks that come back are read from the records. */
class Keeper {
  state: State
  readonly records = new RecordsInMemory()
  readonly #most: Remembered | undefined

  constructor(most?: Remembered) {
    this.#most = most
    this.state = new State(undefined, most)
  }

  async apply({ event, names }: Logged): Promise<void> {
    this.state.apply(event, names, await this.#recalled(names))
    if (event.t === 'round-closed') this.keep()
  }

  async #recalled(names: TaskNames = new Map()): Promise<TaskEntry[]> {
    return await readTasks(this.state, this.records, names)
  }

  keep(): void {
    this.records.put(takeChanges(this.state))
  }

  /** Starts again from what is kept: the events after that are to be applied. */
  async restart(): Promise<number> {
    this.state = await readState(this.records, undefined, this.#most)
    return this.state.events
  }
}

/** Closes what may be closed, where chance says so; others go on. */
class ClosingSwarm extends TrustSwarm {
  onClosed = () => {}

  close(): void {
    for (const round of [...this.state.rounds.values()]) {
      if (!mayClose(this.state, round)) continue
      this.record({ t: 'round-closed', at: this.now, round: round.id })
      this.onClosed()
    }
  }
}

const lies: Conduct = ({ truth, random }) => (random() < 0.3 ? truth.map((word) => `${word}!`) : truth)
const moody: Conduct = ({ truth, random }) => (random() < 0.1 ? null : truth)
const MAJORITY = { kind: 'majority', quorum: 2, replicas: 3 } as const

const course = fc.record({
  seed: fc.nat(1_000_000),
  honest: fc.integer({ min: 3, max: 9 }),
  liars: fc.nat(2),
  rounds: fc.array(
    fc.record({
      cases: fc.integer({ min: 1, max: 20 }),
      programs: fc.constantFrom('a', 'b', 'c'),
      majority: fc.boolean(),
      close: fc.boolean(),
      cancel: fc.boolean(),
    }),
    { minLength: 1, maxLength: 6 },
  ),
})
type Course = typeof course extends fc.Arbitrary<infer T> ? T : never

/** A swarm of which tasks come back into its own state from records, too. */
function closingSwarm(seed: number): ClosingSwarm {
  const swarm = new ClosingSwarm(seed)
  const keeper = new Keeper()
  swarm.onClosed = () => keeper.records.put(takeChanges(swarm.state))
  swarm.recall = async (names) => {
    const before = await readTasks(swarm.state, keeper.records, names)
    keeper.records.put(takeChanges(swarm.state))
    const tasks = await readTasks(swarm.state, keeper.records, names)
    assert.deepEqual(plain(before), plain(tasks), 'tasks that left are the same before there are records of what became of them')
    return tasks
  }
  return swarm
}

/** A log of rounds that share programs, under several policies, some cancelled, some closed before the next is opened. */
async function logOf({ seed, honest, liars, rounds }: Course): Promise<Logged[]> {
  const swarm = closingSwarm(seed)
  swarm.join(honest, moody)
  swarm.join(liars, lies, { prefix: 'liar' })
  for (const [n, { cases, programs, majority, close, cancel }] of rounds.entries()) {
    await swarm.open(`round ${n}`, cases, { programs, ...(majority ? { policy: MAJORITY } : {}) })
    swarm.run(cancel ? 5 * cases : undefined)
    if (cancel) swarm.cancel(`round ${n}`)
    if (close) swarm.close()
  }
  return swarm.log
}

/** Records that were made at once, and those to be made of the same state later: they are to say the same. */
interface Captured {
  makings: readonly Making[]
  made: readonly ViewChange[]
}

function capture(keeper: Keeper): Captured {
  const makings = captureChanges(keeper.state)
  const made = makings.map((make) => make())
  keeper.records.put(made)
  return { makings, made }
}

/**
 * Applies a log twice: once as it is, once starting anew from the records now and then, and compares what comes of it. Of what changes
 * in the first, records are made twice, too: at once, and when everything has gone on.
 */
async function assertKept(log: readonly Logged[], seed: number, share: number, most?: Remembered): Promise<State> {
  const random = seeded(seed)
  const whole = new Keeper(most)
  const often = new Keeper(most)
  const captured: Captured[] = []
  for (const [at, logged] of log.entries()) {
    await whole.apply(logged)
    if (random() < share) captured.push(capture(whole))
    await often.apply(logged)
    if (random() >= share && at !== log.length - 1) continue
    often.keep()
    assert.equal(await often.restart(), at + 1)
    assert.deepEqual(dump(often.state), dump(whole.state))
    assertCounted(often.state)
  }
  for (const { makings, made } of captured) for (const [n, make] of makings.entries()) assert.deepEqual(make(), made[n])
  return whole.state
}

describe('the records of a state', () => {
  it('are the state after any event: read there, and with the rest of the log, it is the same', async () => {
    await fc.assert(
      fc.asyncProperty(course, async (init) => {
        await assertKept(await logOf(init), init.seed, 0.05)
      }),
      { seed: 7, numRuns: 12 },
    )
  })

  it('are the state when more nodes and operators came than are remembered', async () => {
    const most = { nodes: 12, operators: 12 }
    const swarm = new TrustSwarm(8, most)
    swarm.join(8)
    for (let n = 0; n < 6; n++) {
      swarm.join(6, moody, { prefix: 'stranger' })
      await swarm.open(`round ${n}`, 10)
      swarm.run()
      for (const { node } of [...swarm.nodes.values()].filter(({ node }) => node.startsWith('stranger'))) swarm.leave(node)
    }
    const { nodes, trust } = await assertKept(swarm.log, 2, 0.05, most)
    assert.ok(nodes.size <= most.nodes && nodes.size > 0, `${nodes.size} nodes`)
    const operators = [...trust.operators.values()].length
    assert.ok(operators <= most.operators && operators > 0, `${operators} operators`)
  })

  it('are the state while batches gather, are checked, stand and are opened again', async () => {
    const swarm = new TrustSwarm(6)
    let turned = false
    swarm.join(12)
    swarm.join(2, (asked) => (turned ? asked.truth.map((word) => `${word}!`) : asked.truth), { prefix: 'liar' })
    await swarm.open('first', 40)
    swarm.run()
    turned = true
    await swarm.open('second', 200)
    swarm.run()
    const { trust } = await assertKept(swarm.log, 1, 0.01)
    const states = [...trust.batches.values()].map(({ state }) => state)
    for (const state of ['stood', 'reopened'] as const) assert.ok(states.includes(state), `no batch ${state}`)
    assert.ok(trust.incidents.length > 0)
  })

  it('are read of tasks that newcomers were tried by and are not any more', async () => {
    const swarm = closingSwarm(9)
    swarm.join(10)
    await swarm.open('first', KNOWN_KEPT / 2 + 20, { programs: 'a' })
    swarm.run()
    swarm.close()
    // They come to be known: by answers of the first round's tasks, of which the last stay for that alone.
    swarm.join(6, undefined, { prefix: 'newcomer' })
    await swarm.open('second', KNOWN_KEPT / 2 + 20, { programs: 'b' })
    swarm.run()
    const away = swarm.state.changes.gone.size
    assert.ok(away > 0, 'none left after it had changed')
    await swarm.open('third', KNOWN_KEPT / 2 + 20, { programs: 'a' })
    swarm.run()
  })

  it('say what was so when they were begun, where no two answers have the same digits and many cases share a program', async () => {
    const swarm = new TrustSwarm(4)
    swarm.join(9, ({ truth, random }) => truth.map((word) => `${word}~${random() / 5}`))
    for (const [n, name] of ['first', 'second', 'third'].entries()) {
      await swarm.open(name, 30, {
        programs: 'shared',
        compare: DEFAULT_COMPARATOR,
        ...(n % 2 === 0 ? { policy: MAJORITY } : {}),
      })
      swarm.run(n < 2 ? 60 : undefined)
    }
    const kinds = swarm.log.map(({ event }) => event.t)
    assert.ok(kinds.filter((kind) => kind === 'measured').length > 30)
    await assertKept(swarm.log, 5, 0.1)
  })

  it('say what was so when they were begun of everything that a task or case can change in itself', async () => {
    const swarm = new ClosingSwarm(3)
    swarm.join(8)
    const round = await swarm.open('first', 2, { compare: DEFAULT_COMPARATOR })
    swarm.run()
    const [task] = [...swarm.state.tasks.values()]
    const [item] = round.cases
    const [vote] = task?.votes ?? []
    assert.ok(task !== undefined && item !== undefined && vote?.trust !== undefined && task.trust !== null)
    task.arrivals.push({ vote, as: undefined })
    const [taskNow, itemNow] = [taskAsItIs(task), caseAsItIs(item)]
    const said = () => [tasksRecord([taskNow]), caseRecord(itemNow, false)]
    const before = said()
    task.users.push({ round: 'other', index: 7, side: 'cpp' })
    task.distances.learn([{ a: 'a', b: 'b', tolerances: 1 }])
    task.distances.add(vote.cells.map((cell) => ({ ...cell, output: `${cell.output}!` })))
    task.trust.answers++
    vote.trust.again.push({} as (typeof vote.trust.again)[number])
    vote.trust.spent = !vote.trust.spent
    task.arrivals.shift()
    item.strict = { ...item.strict, cpp: { isolated: 'key' } }
    item.judgement = null
    assert.deepEqual(said(), before)
    const after = [tasksRecord([task]), caseRecord(item, false)]
    assert.ok(after.every((text, n) => text !== before[n]))
  })

  it('hold no round, case or task twice, and of a closed round all', async () => {
    const swarm = new ClosingSwarm(3)
    const records = new RecordsInMemory()
    swarm.join(8)
    const round = await swarm.open('first', 10)
    swarm.run()
    const tasks = new Map([...swarm.state.tasks])
    swarm.close()
    records.put(takeChanges(swarm.state))
    assert.equal(swarm.state.rounds.size, 0)
    const reading = new Reading(records)
    const again = (await reading.round('first')).round
    assert.deepEqual(again.cases, round.cases)
    assert.deepEqual((await reading.head('first'))?.counts, round.counts)
    const kept = await reading.tasks(new Set([...tasks.values()].map(({ id }) => id)))
    assert.deepEqual(plain(kept), plain(tasks.values()))
  })
})
