import type { BandMemory } from './bands.ts'
import { stepBands } from './held-limits.ts'
import type { Obstacle } from './obstacle.ts'
import { cpuObstacles, gpuObstacles, otherGpuObstacles, takeObstacles } from './obstacles.ts'
import type { Answer, Limits, Permission } from './permission.ts'
import { gpusOf, isLeaving, type Situation, useOf } from './situation.ts'

/** Looks into the future for the end of all obstacles: each ends another, so this is more than there are. */
const MAX_STEPS = 32

/**
 * What a node may do: of what its owner wants, what is seen of the machine, and the time. A pure function.
 * @param memory what the decision before has returned: limits with hysteresis depend on it
 */
export function decide(situation: Situation, now: number, memory: BandMemory): { permission: Permission; memory: BandMemory } {
  const bands = stepBands(situation, now, memory)
  const onCpu = (at: number) => cpuObstacles(situation, bands, at)
  const onGpus = gpusOf(situation.facts).map((gpu): [string, ObstaclesAt] => [
    gpu.uuid,
    (at) => gpuObstacles(situation, gpu, bands, at),
  ])
  const onOthers = (at: number) => otherGpuObstacles(situation, bands, at)
  const kinds = [onCpu, ...(onGpus.length > 0 ? onGpus.map(([, obstacles]) => obstacles) : [onOthers])]
  const permission = {
    take: takeAnswer((at) => takeObstacles(situation, at), kinds, now),
    cpu: answerOf(onCpu, now),
    gpus: new Map(onGpus.map(([uuid, obstacles]): [string, Answer] => [uuid, answerOf(obstacles, now)])),
    otherGpus: answerOf(onOthers, now),
    limits: limitsOf(situation, now),
    leaving: isLeaving(situation.orders, now),
  }
  return { permission, memory: bands }
}

type ObstaclesAt = (at: number) => Obstacle[]

/** May it at `now`; else the first obstacle says why, and all of them when they are gone. */
function answerOf(obstacles: ObstaclesAt, now: number): Answer {
  const [first] = obstacles(now)
  return first === undefined ? { may: true } : { may: false, code: first.code, why: first.why, until: clearFrom(obstacles, now) }
}

/** When, from a time on, nothing stands against it; null where waiting alone does not bring that about. */
function clearFrom(obstacles: ObstaclesAt, from: number): number | null {
  let at = from
  for (let step = 0; step < MAX_STEPS; step++) {
    const ends = obstacles(at).map(({ until }) => until)
    if (ends.length === 0) return at
    if (ends.includes(null)) return null
    at = Math.max(...(ends as number[]))
  }
  return null
}

/** Work is taken where something may run, and nothing stands against taking it. */
function takeAnswer(take: ObstaclesAt, kinds: readonly ObstaclesAt[], now: number): Answer {
  const own = answerOf(take, now)
  const first = own.may ? firstToEnd(kinds.map((kind) => answerOf(kind, now))) : own
  if (first.may) return first
  let at: number | null = now
  for (let step = 0; step < MAX_STEPS; step++) {
    const taken = clearFrom(take, at)
    const some = taken === null ? null : earliest(kinds.map((kind) => clearFrom(kind, taken)))
    if (some === null) return { ...first, until: null }
    if (some === taken) return { ...first, until: some }
    at = some
  }
  return { ...first, until: null }
}

/** The answer of what may run, or may run first again. */
function firstToEnd(answers: readonly Answer[]): Answer {
  const byEnd = (answer: Answer) => (answer.may ? 0 : (answer.until ?? Number.POSITIVE_INFINITY))
  return answers.reduce((first, answer) => (byEnd(answer) < byEnd(first) ? answer : first))
}

function earliest(times: readonly (number | null)[]): number | null {
  const known = times.filter((time) => time !== null)
  return known.length === 0 ? null : Math.min(...known)
}

function limitsOf(situation: Situation, now: number): Limits {
  const { state } = useOf(situation, now)
  const limits = situation.preferences[state]
  return {
    slotShare: limits['processors-percent'] / 100,
    cpuShare: limits['cpu-time-percent'] / 100,
    gpuShare: limits['gpu-time-percent'] / 100,
    memoryBytes: Math.floor((situation.memoryBytes * limits['memory-percent']) / 100),
    tasksLeft: situation.orders.tasksLeft,
  }
}
