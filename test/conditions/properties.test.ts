import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { type BandMemory, isOver } from '../../node/conditions/bands.ts'
import { decide } from '../../node/conditions/decide.ts'
import { known, unknown } from '../../node/conditions/facts.ts'
import { NO_ORDERS } from '../../node/conditions/orders.ts'
import { type Answer, mayRun } from '../../node/conditions/permission.ts'
import { Schedule, type ScheduleRule } from '../../node/conditions/schedule.ts'
import type { Situation } from '../../node/conditions/situation.ts'
import { DEFAULT_PREFERENCES } from '../../node/preferences/schema.ts'
import { COOL, GPU, HOUR_MS, MINUTE_MS, quiet } from './situation.ts'

/** Clocks go forward and back in these, by an hour or by half of one, and on the southern half at other times of the year. */
const ZONES = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'America/Santiago', 'UTC']
const YEAR = { min: Date.UTC(2026, 0, 1), max: Date.UTC(2026, 11, 31) }
const DAY_NAMES = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']

const clock = fc
  .tuple(fc.nat(23), fc.constantFrom(0, 1, 15, 30, 59))
  .map(([hours, minutes]) => `${String(hours).padStart(2, '0')}:${String(minutes).padStart(2, '0')}`)
const days = fc
  .tuple(fc.constantFrom(...DAY_NAMES), fc.option(fc.constantFrom(...DAY_NAMES)))
  .map(([a, b]) => (b === null ? a : `${a}-${b}`))
const rule: fc.Arbitrary<ScheduleRule> = fc
  .record({ days, from: clock, to: clock, for: fc.constantFrom('cpu' as const, 'gpu' as const, 'both' as const) })
  .filter(({ from, to }) => from !== to)

/** Around the nights in which clocks are changed, half of the time. */
const instant = fc.oneof(
  fc.integer(YEAR),
  fc
    .constantFrom('2026-03-08', '2026-03-29', '2026-04-05', '2026-09-06', '2026-10-04', '2026-10-25', '2026-11-01')
    .chain((day) => fc.integer({ min: -36, max: 36 }).map((half) => Date.parse(`${day}T12:00Z`) + half * HOUR_MS + 12_345)),
)

function inZone<T>(zone: string, act: () => T): T {
  const before = process.env.TZ
  process.env.TZ = zone
  try {
    return act()
  } finally {
    if (before === undefined) delete process.env.TZ
    else process.env.TZ = before
  }
}

/** What the rules say, told by the clock on the wall alone. */
function saysOpen(rules: readonly ScheduleRule[], at: number): boolean {
  const wall = new Date(at)
  const time = `${String(wall.getHours()).padStart(2, '0')}:${String(wall.getMinutes()).padStart(2, '0')}`
  return rules.some(({ days: text, from, to }) => {
    const [first = '', last = first] = text.split('-')
    const on = (day: number) => {
      for (let one = DAY_NAMES.indexOf(first); ; one = (one + 1) % 7) {
        if (one === day) return true
        if (one === DAY_NAMES.indexOf(last)) return false
      }
    }
    const today = wall.getDay()
    if (from < to) return on(today) && time >= from && time < to
    return (on(today) && time >= from) || (on((today + 6) % 7) && time < to)
  })
}

describe('a schedule', () => {
  it('is open as the clock on the wall says, over changed clocks and the end of the week, and opens when it says', () => {
    fc.assert(
      fc.property(fc.constantFrom(...ZONES), fc.array(rule, { minLength: 1, maxLength: 3 }), instant, (zone, rules, at) =>
        inZone(zone, () => {
          const all = rules.map((one) => ({ ...one, for: 'both' as const }))
          const schedule = new Schedule(all, 'cpu')
          assert.equal(schedule.isOpen(at), saysOpen(all, at))
          const opens = schedule.opensAt(at)
          assert.ok(opens >= at && opens - at <= 8 * 24 * HOUR_MS)
          assert.ok(saysOpen(all, opens))
          if (opens === at) return
          // Not a minute too late.
          assert.equal(saysOpen(all, opens - 1), false)
          for (let minute = at; minute < opens; minute += 29 * MINUTE_MS) assert.equal(saysOpen(all, minute), false)
        }),
      ),
      { numRuns: 300 },
    )
  })

  it('is open where nothing is said of that kind', () => {
    assert.ok(new Schedule([{ days: 'mon', from: '10:00', to: '11:00', for: 'gpu' }], 'cpu').isOpen(0))
  })
})

describe('a limit with hysteresis', () => {
  it('never changes inside its band, and never goes on before its rest is over', () => {
    const values = fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 1, maxLength: 60 })
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 99 }), fc.integer({ min: 1, max: 100 }), (course, resume, stop) => {
        fc.pre(resume < stop)
        const band = { 'stop-at': stop, 'resume-at': resume }
        let since: number | undefined
        for (const [step, value] of course.entries()) {
          const now = step * 10_000
          const { over } = isOver(since, value, band, now)
          if (value > resume && value < stop) assert.equal(over, since !== undefined, 'inside the band it stays what it was')
          if (value >= stop) assert.ok(over)
          if (since !== undefined && !over) assert.ok(now - since >= 60_000)
          since = over ? (since ?? now) : undefined
        }
      }),
    )
  })
})

const number = (max: number) => fc.integer({ min: 0, max })
const orUnknown = <T>(value: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 4, arbitrary: value.map(known) }, { weight: 1, arbitrary: fc.constant(unknown('so')) })

/** Machines, wishes and orders of all kinds. */
const situations = (now: number): fc.Arbitrary<Situation> =>
  fc.record({
    preferences: fc
      .record({
        'idle-after-minutes': number(90),
        'on-battery': fc.boolean(),
        schedule: fc.array(rule, { maxLength: 2 }),
        idle: fc.record({ cpu: fc.boolean(), gpu: fc.boolean() }),
        'in-use': fc.record({ cpu: fc.boolean(), gpu: fc.boolean() }),
        network: fc.record({ 'mib-a-day': fc.constantFrom(null, 10) }),
      })
      .map((change) => ({
        ...DEFAULT_PREFERENCES,
        ...change,
        idle: { ...DEFAULT_PREFERENCES.idle, ...change.idle },
        'in-use': { ...DEFAULT_PREFERENCES['in-use'], ...change['in-use'] },
      })),
    orders: fc
      .record({
        paused: fc.boolean(),
        snoozedUntil: fc.option(number(10).map((hours) => now + (hours - 2) * HOUR_MS)),
      })
      .map((orders) => ({ ...NO_ORDERS, ...orders })),
    facts: fc
      .record({
        idle: orUnknown(fc.option(number(100).map((minutes) => now - minutes * MINUTE_MS)).map((since) => ({ since }))),
        onBattery: orUnknown(fc.boolean()),
        otherCpu: orUnknown(fc.constantFrom(0.01, 0.22, 0.3)),
        networkToday: orUnknown(fc.record({ bytes: fc.constantFrom(1, 2e7), until: fc.constant(now + 3 * HOUR_MS) })),
        gpus: orUnknown(fc.constantFrom(40, 80, 90).map((celsius) => [{ ...COOL, temperatureCelsius: known(celsius) }])),
      })
      .map((change) => quiet(now, change)),
    memoryBytes: fc.constant(2 ** 34),
  })
/** Limits that were over before, since some seconds. */
const memories = (now: number): fc.Arbitrary<BandMemory> =>
  fc
    .subarray(['cpu other-cpu', `${GPU} gpu-hot`])
    .chain((names) => number(90).map((seconds) => new Map(names.map((name) => [name, now - seconds * 1000]))))

describe('what is said of the time', () => {
  it('is true: at that time, and not before it, it may, if nothing else has changed', () => {
    const cases = instant.chain((now) => fc.tuple(fc.constant(now), situations(now), memories(now)))
    let told = 0
    fc.assert(
      fc.property(cases, fc.double({ min: 0, max: 1, noNaN: true }), ([now, situation, before], share) => {
        const first = decide(situation, now, before)
        const answers = (at: number): Answer[] => {
          const { permission } = decide(situation, at, first.memory)
          return [permission.take, permission.cpu, mayRun(permission, 'gpu', GPU)]
        }
        for (const [which, answer] of answers(now).entries()) {
          if (answer.may || answer.until === null) continue
          told++
          assert.ok(answer.until > now)
          assert.equal(answers(answer.until)[which]?.may, true, `${answer.code} until then`)
          assert.equal(answers(answer.until - 1)[which]?.may, false, `${answer.code} not before`)
          assert.equal(
            answers(now + Math.floor((answer.until - now) * share * 0.999))[which]?.may,
            false,
            `${answer.code} between`,
          )
        }
      }),
      { numRuns: 1500 },
    )
    assert.ok(told > 100, `${told} times were told`)
  })

  it('waits without end where waiting does not help', () => {
    const now = YEAR.min
    fc.assert(
      fc.property(situations(now), number(14 * 24), (situation, hours) => {
        const first = decide(situation, now, new Map())
        const { cpu } = first.permission
        if (cpu.may || cpu.until !== null) return
        assert.equal(decide(situation, now + hours * HOUR_MS, first.memory).permission.cpu.may, false)
      }),
    )
  })
})
