import type { Band } from '../preferences/schema.ts'
import { type BandMemory, isOver } from './bands.ts'
import type { Fact, GpuFact } from './facts.ts'
import { type Obstacle, seen, when } from './obstacle.ts'
import type { WhyNot } from './permission.ts'
import { gpusOf, type Situation } from './situation.ts'

/** Of the limit of other programs' processor time, at which programs begin again. */
const LOAD_RESUME_SHARE = 0.8

/** A limit with hysteresis, and what is held against it. */
interface Held {
  /** `cpu`, or a GPU's UUID. */
  of: string
  code: WhyNot
  band: NonNullable<Band>
  fact: Fact<number | null>
  why: string
  what: string
}

/** All limits with hysteresis that are set. */
function bandsOf({ preferences, facts }: Situation): Held[] {
  const { 'other-cpu-percent': most, gpu: limits } = preferences
  const load: Held[] =
    most === null
      ? []
      : [
          {
            of: 'cpu',
            code: 'other-cpu',
            band: { 'stop-at': most, 'resume-at': most * LOAD_RESUME_SHARE },
            fact: facts.otherCpu.known ? { known: true, value: facts.otherCpu.value * 100 } : facts.otherCpu,
            why: `Other programs use ${most} % of the processors, or have until just now.`,
            what: 'what other programs use of the processors',
          },
        ]
  const rows = (gpu: GpuFact): [WhyNot, Band, Fact<number | null>, string, string][] => [
    ['gpu-hot', limits['temperature-celsius'], gpu.temperatureCelsius, 'This GPU is too hot', 'the temperature of this GPU'],
    ['gpu-power', limits['power-watts'], gpu.powerWatts, 'This GPU draws too much power', 'the power of this GPU'],
    ['gpu-fan', limits['fan-percent'], gpu.fanPercent, 'The fan of this GPU is too fast', 'the fan of this GPU'],
  ]
  const ofGpus = gpusOf(facts).flatMap((gpu) =>
    rows(gpu).flatMap(([code, band, fact, why, what]): Held[] =>
      band === null ? [] : [{ of: gpu.uuid, code, band, fact, why: `${why}, or has been until just now.`, what }],
    ),
  )
  return [...load, ...ofGpus]
}

/**
 * What of the limits stands against it at a time.
 * @param of `cpu`, which stands against all kinds, or a GPU's UUID
 */
export function bandObstacles(situation: Situation, of: string, bands: BandMemory, at: number): Obstacle[] {
  return bandsOf(situation)
    .filter((held) => held.of === of)
    .flatMap(({ code, band, fact, why, what }) => {
      return seen(fact, of === 'cpu' ? 'other-cpu' : 'gpu-unknown', what, (value) => {
        const since = bands.get(nameOf(of, code))
        if (value === null || since === undefined) return []
        const state = isOver(since, value, band, at)
        return state.over ? when(true, code, why, state.until) : []
      })
    })
}

/** What is over its limit now, and since when. What cannot be seen stays as it was. */
export function stepBands(situation: Situation, now: number, before: BandMemory): BandMemory {
  const after = new Map<string, number>()
  for (const { of, code, band, fact } of bandsOf(situation)) {
    const name = nameOf(of, code)
    const since = before.get(name)
    const isStill = fact.known ? fact.value !== null && isOver(since, fact.value, band, now).over : since !== undefined
    if (isStill) after.set(name, since ?? now)
  }
  return after
}

function nameOf(of: string, code: WhyNot): string {
  return `${of} ${code}`
}
