import { z } from 'zod'

const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const
const MINUTES_A_DAY = 1440
const WEEK = 7 * MINUTES_A_DAY
const MINUTE_MS = 60_000

const days = z.string().regex(/^(sun|mon|tue|wed|thu|fri|sat)(-(sun|mon|tue|wed|thu|fri|sat))?$/, {
  error: 'expected a day or days, such as mon or mon-fri',
})
const clock = z.string('expected a time, such as 22:30').regex(/^(([01]?\d|2[0-3]):[0-5]\d|24:00)$/, {
  error: 'expected a time from 00:00 to 24:00',
})

/** A time of the week at which programs may run. One that ends before it begins ends on the next day. */
export const ScheduleRule = z
  .strictObject({ days: days.default('sun-sat'), from: clock, to: clock, for: z.enum(['cpu', 'gpu', 'both']).default('both') })
  .refine((rule) => rule.from !== rule.to, {
    path: ['to'],
    error: 'expected another time than from; a whole day is 00:00 to 24:00',
  })
export type ScheduleRule = z.infer<typeof ScheduleRule>

/** Minutes of the week, from Sunday 00:00; the end is not in it, and may be past the week's. */
type Interval = readonly [begin: number, end: number]

/** The hours of one kind of work; none: at any time. Times are local, by the zone of this process. */
export class Schedule {
  readonly #open: Interval[]
  constructor(rules: readonly ScheduleRule[], kind: 'cpu' | 'gpu') {
    this.#open = rules.filter((rule) => rule.for === 'both' || rule.for === kind).flatMap(intervalsOf)
  }

  isOpen(at: number): boolean {
    return this.#open.length === 0 || this.#open.some((interval) => holds(interval, minuteOfWeek(at)))
  }

  /**
   * When it is open next, milliseconds; `at` itself where it is open. Clocks that are put forward or back meanwhile count: a
   * time that a clock jumps over begins at the jump, one that comes twice is open twice.
   */
  opensAt(at: number): number {
    let from = at
    while (!this.isOpen(from)) {
      const opens = minuteStart(from) + this.#minutesUntilOpen(minuteOfWeek(from)) * MINUTE_MS
      from = clockChange(from, opens) ?? opens
    }
    return from
  }

  /** As clocks go that nobody changes. */
  #minutesUntilOpen(minute: number): number {
    return Math.min(...this.#open.map(([begin]) => (begin - minute + WEEK) % WEEK))
  }
}

function intervalsOf({ days, from, to }: ScheduleRule): Interval[] {
  const [begin, end] = [minutes(from), minutes(to)]
  return daysOf(days).map((day): Interval => {
    const start = day * MINUTES_A_DAY
    return [start + begin, start + (end > begin ? end : end + MINUTES_A_DAY)]
  })
}

function daysOf(text: string): number[] {
  const [first = 0, last = first] = text.split('-').map((day) => DAYS.indexOf(day as (typeof DAYS)[number]))
  return Array.from({ length: ((last - first + 7) % 7) + 1 }, (_, at) => (first + at) % 7)
}

function minutes(clock: string): number {
  const [hours = 0, rest = 0] = clock.split(':').map(Number)
  return hours * 60 + rest
}

function holds([begin, end]: Interval, minute: number): boolean {
  return (minute >= begin && minute < end) || (minute + WEEK >= begin && minute + WEEK < end)
}

function minuteOfWeek(at: number): number {
  const date = new Date(at)
  return date.getDay() * MINUTES_A_DAY + date.getHours() * 60 + date.getMinutes()
}

function minuteStart(at: number): number {
  return Math.floor(at / MINUTE_MS) * MINUTE_MS
}

/** The first minute after `from`, up to `to`, from which clocks go otherwise; null where there is none. */
function clockChange(from: number, to: number): number | null {
  const before = new Date(from).getTimezoneOffset()
  if (new Date(to).getTimezoneOffset() === before) return null
  let [same, other] = [Math.floor(from / MINUTE_MS), Math.floor(to / MINUTE_MS)]
  while (other - same > 1) {
    const middle = Math.floor((same + other) / 2)
    if (new Date(middle * MINUTE_MS).getTimezoneOffset() === before) same = middle
    else other = middle
  }
  return other * MINUTE_MS
}
