import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { Ballot } from '../../coordinator/rules/ballot.ts'
import { confide } from '../../coordinator/rules/confident.ts'
import { batchCredibility, checksNeeded } from '../../coordinator/rules/credibility.ts'
import type { Event } from '../../coordinator/state/events.ts'
import type { RoundEntry, TaskEntry } from '../../coordinator/state/model.ts'
import { State } from '../../coordinator/state/state.ts'
import { ADMISSION_ANSWERS } from '../../coordinator/trust/model.ts'
import type { ConfidencePolicy } from '../../protocol/index.ts'
import { assertCounted } from '../support/recount.ts'
import { type Conduct, POLICY, TrustSwarm } from '../support/trust-swarm.ts'

const lies: Conduct = ({ truth }) => truth.map((word) => `${word} or not`)

/** Runs nothing: what it is given mostly succeeds. */
const lazy: Conduct = ({ truth }) => truth.map((word) => word.replace('runtime_error', 'success'))

/** A swarm in which twelve honest operators are established. */
async function established(seed: number, count = 12): Promise<TrustSwarm> {
  const swarm = new TrustSwarm(seed)
  swarm.join(count)
  await swarm.open('first', 40)
  swarm.run()
  assert.equal(swarm.state.trust.operators.established, count)
  return swarm
}

function tasksOf({ state }: TrustSwarm, { tasks }: RoundEntry): TaskEntry[] {
  return [...tasks].map((key) => state.tasks.get(key) as TaskEntry)
}

/** Every cell of a round is decided, as its program really is, with the confidence asked for. */
function assertRight(swarm: TrustSwarm, round: RoundEntry): void {
  assert.equal(round.state, 'aggregated')
  for (const entry of tasksOf(swarm, round)) {
    const truth = swarm.truth(entry)
    for (const [test, cell] of entry.ballot.cells.entries()) {
      assert.equal(cell?.output, truth[test], entry.key)
      assert.ok((cell?.confidence ?? 0) >= (entry.policy as ConfidencePolicy).theta)
    }
  }
}

function answersA(swarm: TrustSwarm, round: RoundEntry): number {
  const tasks = tasksOf(swarm, round)
  return tasks.reduce((sum, { votes, trust }) => sum + votes.length + (trust?.answers ?? 0), 0) / tasks.length
}

function kinds({ state }: TrustSwarm): string[] {
  return state.trust.incidents.map(({ kind, operator }) => `${operator} ${kind}`)
}

describe('a swarm that nobody knows yet', () => {
  it('replicates until enough operators are established, and marks what it decided before', async () => {
    const swarm = new TrustSwarm(1)
    swarm.join(12)
    const round = await swarm.open('first', 40)
    swarm.run()
    assertRight(swarm, round)
    const tasks = tasksOf(swarm, round)
    assert.ok(tasks.some(({ trust }) => trust?.bootstrap) && tasks.some(({ trust }) => !trust?.bootstrap))
    const atFirst = tasks.filter(({ trust }) => trust?.bootstrap)
    assert.ok(atFirst.every(({ votes }) => votes.length >= 3))
    assert.deepEqual(kinds(swarm), [])
  })

  it('never establishes one that always says that all is well, though most of what it is given is', async () => {
    for (let seed = 0; seed < 20; seed++) {
      const swarm = new TrustSwarm(seed)
      swarm.join(1, lazy, { prefix: 'lazy' })
      swarm.join(10)
      for (const name of ['first', 'second']) {
        const round = await swarm.open(name, 40)
        swarm.run()
        assertRight(swarm, round)
      }
      assert.deepEqual(
        kinds(swarm).filter((incident) => incident !== 'op lazy0 suspended'),
        [],
      )
      assert.notEqual(swarm.state.trust.operators.standingOf('op lazy0'), 'established', `seed ${seed}`)
      assert.equal(
        swarm.log.some(({ event }) => event.t === 'drawn' && event.batch.includes('op lazy0')),
        false,
        `seed ${seed}`,
      )
    }
  })

  it('tries who lacks nothing but failing answers by such at once, and is over long before the round is', async () => {
    for (const seed of [1, 2, 3]) {
      const swarm = new TrustSwarm(seed)
      swarm.join(14)
      const round = await swarm.open('first', 200)
      // One translation of twenty fails: most have ten answers confirmed before they have met one that does.
      for (const [at, program] of [...swarm.failing].entries()) if (at % 10 !== 0) swarm.failing.delete(program)
      swarm.run(undefined, 2)
      const tasks = tasksOf(swarm, round)
      assertRight(swarm, round)
      const early = tasks.filter(({ trust }) => trust?.bootstrap).length
      assert.ok(early < tasks.length / 2, `seed ${seed}: ${early} of ${tasks.length} tasks were decided before it was over`)
    }
  })

  it('is not believed when it has one operator with many nodes', async () => {
    const swarm = new TrustSwarm(2)
    swarm.join(50, lies, { operator: 'one' })
    const round = await swarm.open('first', 5)
    swarm.run()
    assert.equal(round.state, 'verifying')
    for (const { votes, ballot } of tasksOf(swarm, round)) {
      assert.equal(votes.length, 1)
      assert.equal(ballot.state, 'open')
    }
  })
})

describe('a swarm of established operators', () => {
  it('answers once, draws what to check when all answers are in, and decides all that stands', async () => {
    const swarm = await established(3)
    const round = await swarm.open('second', 400)
    swarm.run()
    assertRight(swarm, round)
    assert.ok(answersA(swarm, round) < 1.12, String(answersA(swarm, round)))
    const names = new Set(tasksOf(swarm, round).map(({ key }) => key))
    const drawn = swarm.log.flatMap(({ event }, at) =>
      event.t === 'drawn' && event.tasks.some((key) => names.has(key)) ? [at] : [],
    )
    const stood = [...swarm.state.trust.batches.values()].filter((batch) => batch.round === 'second' && batch.state === 'stood')
    assert.equal(stood.length, 12)
    for (const { passed } of stood) assert.equal(passed.size, checksNeeded(POLICY.f, POLICY.theta))
    // Every first answer is in before anything is drawn.
    const answered = swarm.log.slice(0, drawn[0]).filter(({ event }) => event.t === 'assigned' && names.has(event.task))
    assert.equal(answered.length, names.size)
  })

  it('replicates what is too little to draw from', async () => {
    const swarm = await established(4)
    const round = await swarm.open('second', 10)
    swarm.run()
    assertRight(swarm, round)
    assert.equal(answersA(swarm, round), 3)
  })

  it('finds one that lies once it is believed, takes back what it said, and lets it come back', async () => {
    const swarm = new TrustSwarm(5)
    let turned = false
    swarm.join(12)
    swarm.join(1, (asked) => (turned ? lies(asked) : asked.truth), { prefix: 'liar' })
    await swarm.open('first', 40)
    swarm.run()
    const { operators } = swarm.state.trust
    assert.equal(operators.standingOf('op liar12'), 'established')
    turned = true
    const second = await swarm.open('second', 200)
    swarm.run()
    assertRight(swarm, second)
    assert.equal(operators.standingOf('op liar12'), 'suspended')
    assert.ok(kinds(swarm).every((incident) => incident.startsWith('op liar12 ')))
    const suspended = swarm.state.trust.incidents.find(({ kind }) => kind === 'suspended')
    assert.ok(swarm.state.trust.incidents.some(({ reopened }) => reopened > 0))
    assert.ok(suspended?.task !== null && suspended?.tests.length)
    // Nothing is asked of it but what is known, and that it gets wrong as well.
    const since = swarm.log.findIndex(({ event }) => event.at > (suspended?.at ?? 0))
    const given = swarm.log
      .slice(since)
      .flatMap(({ event }) => (event.t === 'assigned' && event.operator === 'op liar12' ? [event.as] : []))
    assert.ok(given.every((as) => as === 'admission'))
    turned = false
    swarm.now += 24 * 60 * 60_000
    const third = await swarm.open('third', 200)
    swarm.run()
    assertRight(swarm, third)
    assert.equal(kinds(swarm).at(-1), 'op liar12 returned')
    assert.equal(operators.standingOf('op liar12'), 'established')
  })

  it('draws by lot who confirms: many nodes of one operator confirm no more than one node of another', async () => {
    const swarm = await established(12, 9)
    swarm.join(30, undefined, { operator: 'large' })
    await swarm.open('second', 60)
    swarm.run()
    assert.equal(swarm.state.trust.operators.standingOf('large'), 'established')
    const round = await swarm.open('third', 400)
    const from = swarm.log.length
    swarm.run()
    assertRight(swarm, round)
    const answered = new Set<string>()
    const by = new Map<string, { first: number; checks: number }>()
    for (const { event } of swarm.log.slice(from)) {
      if (event.t !== 'assigned' || event.as !== undefined) continue
      const counts = by.get(event.operator) ?? { first: 0, checks: 0 }
      if (answered.has(event.task)) counts.checks++
      else counts.first++
      answered.add(event.task)
      by.set(event.operator, counts)
    }
    const { first = 0, checks = 0 } = by.get('large') ?? {}
    const sum = (of: 'first' | 'checks') => [...by.values()].reduce((total, counts) => total + counts[of], 0)
    assert.ok(first / sum('first') > 0.3, `${first} of ${sum('first')} first answers`)
    assert.ok(checks / sum('checks') < 0.3, `${checks} of ${sum('checks')} checks`)
  })

  it('ends a reopened batch as one that never decided for the time being', async () => {
    let checked = 0
    await fc.assert(
      fc.asyncProperty(fc.nat(), async (seed) => {
        const swarm = new TrustSwarm(seed)
        let turned = false
        swarm.join(12)
        swarm.join(2, (asked) => (turned ? lies(asked) : asked.truth), { prefix: 'liar' })
        await swarm.open('first', 40)
        swarm.run()
        turned = true
        await swarm.open('second', 200)
        swarm.run()
        const reopened = [...swarm.state.trust.batches.values()].filter(({ state }) => state === 'reopened')
        for (const key of reopened.flatMap(({ tasks }) => [...tasks])) {
          const { policy, tests, votes, ballot } = swarm.state.tasks.get(key) as TaskEntry
          if (votes.some(({ trust }) => trust?.batch != null)) continue
          const fresh = votes
            .filter(({ trust }) => trust?.void === false)
            .map((vote) => {
              const { newcomer = false, excused = false } = vote.trust ?? {}
              const again = (vote.trust?.again ?? []).map(({ cells }) => cells)
              return { ...vote, credibility: 1 - POLICY.f, alone: null, newcomer, again, excused, drawn: false }
            })
          const anew = confide(policy as ConfidencePolicy, tests, fresh, { replicate: true })
          const said = ({ state, cells }: Ballot) => [state, ...cells.map((cell) => cell?.output)]
          assert.deepEqual(said(anew), said(ballot))
          checked++
        }
      }),
      { seed: 43, numRuns: 5 },
    )
    assert.ok(checked > 0)
  })

  it('remembers what every vote was worth when its ballot ended, so that the ballot can be counted again', async () => {
    const swarm = new TrustSwarm(11)
    let turned = false
    swarm.join(12)
    swarm.join(2, (asked) => (turned ? lies(asked) : asked.truth), { prefix: 'liar' })
    await swarm.open('first', 40)
    swarm.run()
    turned = true
    await swarm.open('second', 200)
    swarm.run()
    let checked = 0
    for (const { policy, tests, votes, ballot, counted, trust } of swarm.state.tasks.values()) {
      if (ballot.state !== 'decided') continue
      assert.ok(counted !== null && trust?.abandoned === false)
      const { f } = policy as ConfidencePolicy
      const weighed = votes.slice(0, counted).flatMap((vote) => {
        const basis = vote.trust?.counted
        if (vote.trust === undefined || basis == null) return []
        const { checks, again, excused, drawn } = basis
        const credibility = checks === null ? 1 - f : batchCredibility(f, checks)
        const repeats = vote.trust.again.slice(0, again).map(({ cells }) => cells)
        return [{ ...vote, credibility, alone: null, newcomer: vote.trust.newcomer, again: repeats, excused, drawn }]
      })
      const anew = confide(policy as ConfidencePolicy, tests, weighed, { replicate: true })
      assert.deepEqual([anew.state, anew.cells], [ballot.state, ballot.cells])
      checked++
    }
    assert.equal(checked, 480)
    const batches = [...swarm.state.trust.batches.values()].filter(({ state }) => state === 'stood')
    assert.ok(batches.length > 0 && batches.every(({ drawnAt }) => drawnAt !== null))
    for (const { standing, establishedAt, shown } of swarm.state.trust.operators.values()) {
      assert.equal(establishedAt !== null, standing === 'established')
      if (standing === 'established') assert.ok(shown.length >= ADMISSION_ANSWERS)
    }
  })

  it('suspends nobody for programs that say now this, now that', async () => {
    const SEEDS = 12
    const dice: Conduct = ({ truth, task, random }) =>
      task.key < 'bafyreicz' ? truth.map((word) => `${word} ${random() < 0.5}`) : truth
    let strikes = 0
    for (let seed = 1; seed <= SEEDS; seed++) {
      const swarm = new TrustSwarm(seed)
      swarm.join(14, dice)
      await swarm.open('first', 60)
      swarm.run()
      const round = await swarm.open('second', 200)
      swarm.run()
      // What is not settled when everybody has answered waits for further operators.
      const live = tasksOf(swarm, round).filter((task) => swarm.state.isLive(task))
      assert.ok(live.every(({ votes }) => votes.length === swarm.nodes.size))
      // A coin that falls alike nine times passes for a steady answer: who said otherwise is demoted then, and comes back by itself.
      assert.ok(kinds(swarm).length <= 1 && kinds(swarm).every((kind) => kind.endsWith('demoted')), String(kinds(swarm)))
      strikes += [...swarm.state.trust.operators.values()].reduce((sum, one) => sum + one.strikes, 0)
      const undecided = tasksOf(swarm, round).filter(({ ballot }) => ballot.state === 'undecided').length
      assert.ok(undecided > 0, 'some were found out')
    }
    assert.ok(strikes <= SEEDS, `${strikes} strikes in ${SEEDS} swarms`)
  })

  it('tells a machine with bad memory from a liar: it is demoted or suspended in the end, and strikes nobody else', async () => {
    // So few answers for so much confidence are replicated, and what such a machine says agrees with nobody.
    const swarm = await established(8)
    swarm.join(1, ({ truth, random }) => (random() < 0.15 ? [`${truth[0]} ${random()}`, ...truth.slice(1)] : truth), {
      prefix: 'bad',
    })
    for (const name of ['second', 'third', 'fourth']) {
      const round = await swarm.open(name, 200, { policy: { ...POLICY, theta: 0.999 } })
      swarm.run()
      assertRight(swarm, round)
    }
    for (const { operator, strikes } of swarm.state.trust.operators.values())
      if (!operator.includes('bad')) assert.equal(strikes, 0)
    assert.notEqual(swarm.state.trust.operators.standingOf('op bad12'), 'established')
  })

  it('decides in one class what another one says differently, and strikes nobody for it', async () => {
    const swarm = new TrustSwarm(9)
    swarm.join(8)
    swarm.join(8, lies, { class: 'other' })
    for (const name of ['first', 'second']) {
      const round = await swarm.open(name, 100)
      swarm.run()
      assert.equal(round.state, 'aggregated')
      for (const { ballot, votes } of tasksOf(swarm, round)) {
        for (const cell of ballot.cells) {
          const own = votes.filter((vote) => vote.class === cell?.class)
          assert.ok(own.length > 0 && (cell?.votes ?? 0) <= own.length)
          assert.ok(own.every(({ cells }) => cells.some(({ output }) => output === cell?.output)))
        }
        assert.equal(ballot.state, 'decided')
      }
    }
    assert.deepEqual(kinds(swarm), [])
    for (const { strikes } of swarm.state.trust.operators.values()) assert.equal(strikes, 0)
  })
})

describe('decisions of earlier rounds', () => {
  it('are reused at the same confidence, and topped up where more is asked for', async () => {
    const swarm = await established(10)
    const before = swarm.state.verdicts
    const same = await swarm.open('second', 40, { programs: 'first' })
    swarm.run()
    assertRight(swarm, same)
    assert.equal(swarm.state.verdicts, before)
    const sure = await swarm.open('third', 40, { programs: 'first', policy: { ...POLICY, theta: 0.9999 } })
    swarm.run()
    assertRight(swarm, sure)
    for (const { votes } of tasksOf(swarm, sure)) {
      const borrowed = votes.filter(({ trust }) => trust?.borrowed).length
      assert.ok(borrowed > 0 && votes.length > borrowed && votes.length <= 5, `${borrowed} of ${votes.length}`)
    }
  })
})

describe('the log', () => {
  const mixed = fc.record({ seed: fc.nat(), liars: fc.nat(3), turn: fc.integer({ min: 5, max: 60 }) })

  async function course({ seed, liars, turn }: { seed: number; liars: number; turn: number }): Promise<TrustSwarm> {
    const swarm = new TrustSwarm(seed)
    swarm.join(9, ({ truth, random }) => (random() < 0.003 ? lies({ truth } as Parameters<Conduct>[0]) : truth))
    swarm.join(liars, (asked) => (asked.count > turn ? lies(asked) : asked.truth), { prefix: 'liar' })
    for (const name of ['first', 'second']) {
      await swarm.open(name, 60)
      swarm.run()
    }
    return swarm
  }

  it('gives the same state when it is read anew, and what was decided is never decided otherwise', async () => {
    await fc.assert(
      fc.asyncProperty(mixed, async (given) => {
        const swarm = await course(given)
        const state = new State()
        const finals = new Map<string, string>()
        for (const { event, names } of swarm.log) {
          state.apply(event, names)
          for (const key of state.touched) {
            const { ballot } = state.tasks.get(key) as TaskEntry
            if (ballot.state === 'open' || ballot.state === 'provisional') assert.ok(!finals.has(key), `${key} opened again`)
            else assert.equal(finals.get(key) ?? summary(ballot), summary(ballot))
            if (ballot.state === 'decided' || ballot.state === 'undecided') finals.set(key, summary(ballot))
          }
          state.touched.clear()
        }
        assertCounted(state)
        assert.deepEqual(standings(state), standings(swarm.state))
        assert.deepEqual(state.trust.incidents, swarm.state.trust.incidents)
        for (const [key, entry] of swarm.state.tasks) assert.deepEqual(state.tasks.get(key)?.ballot, entry.ballot)
      }),
      { seed: 41, numRuns: 6 },
    )
  })

  it('takes no verdict twice, nor one of an assignment that was withdrawn: both change nothing, whenever they come', async () => {
    const { log } = await course({ seed: 11, liars: 2, turn: 20 })
    const verdicts = log.flatMap(({ event }) => (event.t === 'verdict' ? [event] : []))
    assert.ok(verdicts.length > 100)
    // Of some assignments the verdict comes after they were withdrawn, or comes twice.
    const faults = fc.array(fc.record({ which: fc.nat(verdicts.length - 1), twice: fc.boolean() }), { maxLength: 8 })
    fc.assert(
      fc.property(faults, (given) => {
        const [state, plain] = [new State(), new State()]
        const faulty = new Map(given.map(({ which, twice }) => [verdicts[which]?.nonce, twice]))
        for (const { event, names } of log) {
          const twice = event.t === 'verdict' ? faulty.get(event.nonce) : undefined
          if (event.t !== 'verdict' || twice === undefined) {
            if (!isPossible(state, event)) return
            state.apply(event, names)
            plain.apply(event, names)
            continue
          }
          const first: Event = twice ? event : { t: 'ended', at: event.at, nonce: event.nonce, how: 'withdrawn', reason: 'test' }
          state.apply(first, names)
          plain.apply(first, names)
          assert.throws(() => state.apply(event), /is not open/)
          assert.deepEqual(opinions(state), opinions(plain))
        }
      }),
      { seed: 42, numRuns: 12 },
    )
  })
})

function summary(ballot: TaskEntry['ballot']): string {
  return JSON.stringify([ballot.state, ballot.cells])
}

/** Whether an event of a course can happen where that has gone otherwise. */
function isPossible({ assignments, trust }: State, event: Event): boolean {
  if (event.t === 'verdict' || event.t === 'ended') return assignments.has(event.nonce)
  return event.t !== 'drawn' || [...trust.batches.values()].some(({ id, state }) => id === event.batch && state !== 'reopened')
}

function opinions(state: State) {
  const votes = [...state.tasks.values()].map((entry) => [entry.votes.length, entry.ballot])
  return { votes, standings: standings(state), verdicts: state.verdicts, finals: state.finals }
}

function standings({ trust }: State) {
  return [...trust.operators.values()].map(({ operator, standing, passed, judged, strikes, setbacks }) => {
    return { operator, standing, passed, judged, strikes, setbacks }
  })
}
