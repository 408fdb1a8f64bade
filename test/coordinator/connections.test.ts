import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type SharedCase, secrecy } from '../../coordinator/rules/secrecy.ts'
import { byPrograms, mayShowIn } from '../../coordinator/sharing.ts'
import { Connections, type Pair } from '../../coordinator/state/connections.ts'

interface Known extends Pair {
  standing: SharedCase['standing']
}

/** Cases as a state has them, and the index over them. */
class Cases {
  readonly all: Known[] = []
  readonly busy = new Set<string>()
  /** How many cases were looked at. */
  looked = 0
  readonly connections = new Connections((program) => this.#besides(program))
  readonly #using = new Map<string, Set<Known>>()

  join(pair: Pair): void {
    const item: Known = { ...pair, standing: 'open' }
    this.all.push(item)
    for (const program of [pair.cpp, pair.cuda]) this.#using.set(program, (this.#using.get(program) ?? new Set()).add(item))
    this.connections.join(pair)
  }

  settle(item: Known, standing: 'judged' | 'abandoned'): void {
    item.standing = standing
    this.connections.settle(item, standing === 'judged')
  }

  leave(item: Known): void {
    this.all.splice(this.all.indexOf(item), 1)
    for (const program of [item.cpp, item.cuda]) this.#using.get(program)?.delete(item)
    this.connections.leave(item, item.standing === 'judged')
  }

  setBusy(program: string, isBusy: boolean): void {
    if (this.busy.has(program) === isBusy) return
    if (isBusy) this.busy.add(program)
    else this.busy.delete(program)
    this.connections.setBusy(program, isBusy)
  }

  /** As the rule is told of them. */
  shared(): SharedCase[] {
    return this.all.map(({ cpp, cuda, standing }) => {
      return { programs: [cpp, cuda], standing: this.busy.has(cpp) || this.busy.has(cuda) ? 'open' : standing }
    })
  }

  *#besides(program: string): Generator<string> {
    for (const { cpp, cuda } of this.#using.get(program) ?? []) {
      this.looked++
      yield* [cpp, cuda]
    }
  }
}

const CPP = [...'abcdefgh']
const CUDA = [...'ABCDEFGH']
const pair = fc.record({ cpp: fc.constantFrom(...CPP), cuda: fc.constantFrom(...CUDA) })
const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ how: fc.constant('join' as const), pair }) },
  { weight: 11, arbitrary: fc.record({ how: fc.constantFrom('judged', 'judged', 'abandoned', 'leave', 'leave'), at: fc.nat() }) },
  // Two of them only: were more of them busy, hardly anything could be shown.
  fc.record({ how: fc.constantFrom('busy', 'idle', 'idle'), program: fc.constantFrom('a', 'A') }),
  fc.record({ how: fc.constant('ask' as const), program: fc.constantFrom(...CPP, ...CUDA) }),
)
const left = fc.array(fc.record({ pair, standing: fc.constantFrom('judged', 'abandoned') }), { maxLength: 4 })

function take(cases: Cases, one: typeof step extends fc.Arbitrary<infer T> ? T : never): void {
  if ('pair' in one) cases.join(one.pair)
  else if (one.how === 'ask') cases.connections.standingOf(one.program)
  else if ('program' in one) cases.setBusy(one.program, one.how === 'busy')
  else {
    const ready = cases.all.filter(({ standing }) => (standing === 'open') === (one.how !== 'leave'))
    const item = ready[one.at % Math.max(1, ready.length)]
    if (item === undefined) return
    if (one.how === 'leave') cases.leave(item)
    else cases.settle(item, one.how === 'judged' ? 'judged' : 'abandoned')
  }
}

test('what is kept says what the secrecy rule says, whatever came and went', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 10, maxLength: 100, size: 'max' }), left, (steps, gone) => {
      const cases = new Cases()
      for (const one of steps) take(cases, one)
      const beside = gone.map(({ pair: { cpp, cuda }, standing }): SharedCase => {
        return { programs: [cpp, cuda], standing: standing === 'judged' ? 'judged' : 'abandoned' }
      })
      for (const more of [[], beside]) {
        const all = byPrograms([...cases.shared(), ...more])
        const rule = secrecy((program) => all.get(program) ?? [])
        const kept = mayShowIn(cases, byPrograms(more))
        for (const program of [...CPP, ...CUDA])
          assert.equal(kept(program), rule(program), `${program} of ${JSON.stringify(all)}`)
      }
    }),
    { numRuns: 2_000 },
  )
})

test('what came apart and was joined to something larger is still told apart', () => {
  const cases = new Cases()
  const come = (cpp: string, cuda: string) => {
    cases.join({ cpp, cuda })
    return cases.all.at(-1) as Known
  }
  const gone = (item: Known) => {
    cases.settle(item, 'judged')
    cases.leave(item)
  }
  for (const cuda of 'QRSTUV') come('large', cuda)
  const [first, between, apart] = [come('a', 'X'), come('b', 'X'), come('c', 'X')]
  come('b', 'Y')
  gone(first)
  const again = come('a', 'Z')
  gone(between)
  come('large', 'Y')
  for (const item of [apart, again]) cases.settle(item, 'judged')
  const standings = ['Z', 'a', 'X', 'c', 'b', 'Y', 'Q'].map((program) => cases.connections.standingOf(program))
  assert.deepEqual(standings, ['judged', 'judged', 'judged', 'judged', 'open', 'open', 'open'])
})

test('an answer costs no walk over those who share a program, and a round that goes costs one', () => {
  const COUNT = 3_000
  const cases = new Cases()
  const asked = () => {
    const mayShow = mayShowIn(cases)
    return cases.all.filter(({ cuda }) => mayShow('shared') && mayShow(cuda)).length
  }
  for (let n = 0; n < COUNT; n++) cases.join({ cpp: 'shared', cuda: `sample ${n}` })
  for (const item of cases.all.slice(1)) cases.settle(item, 'judged')
  assert.equal(asked(), 0)
  cases.settle(cases.all[0] as Known, 'judged')
  assert.equal(asked(), COUNT)
  assert.equal(cases.looked, 0, 'as long as cases only come')
  for (const item of cases.all.slice(COUNT / 2)) cases.leave(item)
  assert.equal(asked(), COUNT / 2)
  assert.equal(asked(), COUNT / 2)
  assert.ok(cases.looked <= COUNT, `${cases.looked} cases were looked at: each from both its programs, once`)
})

test('what has left memory is asked for at the cost of itself, however much of it is shared', () => {
  const COUNT = 3_000
  const cases = new Cases()
  for (let n = 0; n < COUNT; n++) cases.join({ cpp: 'shared', cuda: `sample ${n}` })
  for (const item of cases.all) cases.settle(item, 'judged')
  let standings = 0
  const { connections } = cases
  const standingOf = (program: string) => {
    standings++
    return connections.standingOf(program)
  }
  const counting = { standingOf, partOf: (program: string) => connections.partOf(program) }
  const gone = cases.all.map(({ cpp, cuda }): SharedCase => ({ programs: [cpp, cuda], standing: 'judged' }))
  const mayShow = mayShowIn({ connections: counting }, byPrograms(gone))
  assert.equal(gone.filter(({ programs }) => programs.every(mayShow)).length, COUNT)
  assert.ok(standings <= 3 * COUNT, `${standings} looks`)
})
