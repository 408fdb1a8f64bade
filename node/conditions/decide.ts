import type { Band, PreferenceValues } from '../preferences/schema.ts'
import { type BandMemory, isOver } from './bands.ts'
import type { Fact, Facts, GpuFact } from './facts.ts'
import type { Orders } from './orders.ts'
import type { Answer, Limits, Permission, WhyNot } from './permission.ts'
import { Schedule } from './schedule.ts'

/** All that a decision rests on, beside the time. */
export interface Situation {
  preferences: PreferenceValues
  orders: Orders
  facts: Facts
  /** Of the machine, bytes. */
  memoryBytes: number
}

/** One thing that stands against it, and when it goes by itself. */
interface Obstacle {
  code: WhyNot
  why: string
  until: number | null
}

const GIB = 1024 ** 3
const MIB = 1024 ** 2
const MINUTE_MS = 60_000
/** Of the limit of other programs' processor time, at which programs begin again. */
const LOAD_RESUME_SHARE = 0.8
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

function takeObstacles({ preferences, orders, facts }: Situation, at: number): Obstacle[] {
  const { disk, network } = preferences
  const most = network['mib-a-day']
  return [
    ...when(isLeaving(orders, at), 'leaving', 'It ends as soon as nothing runs any more, as asked.'),
    ...seen(facts.disk, 'disk', 'how full the disk is', ({ freeBytes, totalBytes, ownBytes }) => {
      const mostGib = Math.min((totalBytes * disk['most-percent']) / 100 / GIB, disk['most-gib'] ?? Number.POSITIVE_INFINITY)
      return [
        ...when(freeBytes < disk['keep-free-gib'] * GIB, 'disk', `Less than ${disk['keep-free-gib']} GiB of the disk are free.`),
        ...when(ownBytes > mostGib * GIB, 'disk', `Its files take more than ${mostGib.toFixed(1)} GiB of the disk.`),
      ]
    }),
    ...(most === null
      ? []
      : seen(facts.networkToday, 'network', 'how much was sent and received today', ({ bytes, until }) =>
          when(bytes >= most * MIB && at < until, 'network', `The ${most} MiB of network for today are used up.`, until),
        )),
  ]
}

/** What stands against programs of one kind, whatever they run on. */
function commonObstacles(situation: Situation, bands: BandMemory, at: number, kind: Kind): Obstacle[] {
  const { preferences, orders, facts } = situation
  const { paused, snoozedUntil } = orders
  const schedule = new Schedule(preferences.schedule, kind)
  return [
    ...when(paused, 'paused', 'Paused, until it is resumed.'),
    ...when(snoozedUntil !== null && at < snoozedUntil, 'snoozed', 'Paused for a while.', snoozedUntil),
    ...(schedule.isOpen(at)
      ? []
      : when(true, 'schedule', `The schedule has no time for ${PROGRAMS[kind]} now.`, schedule.opensAt(at))),
    ...useObstacles(situation, at, kind),
    ...(preferences['on-battery']
      ? []
      : seen(facts.onBattery, 'battery', 'whether the machine is on battery', (is) =>
          when(is, 'battery', 'The machine is on battery.'),
        )),
    ...programObstacles(facts, preferences['pause-while-running']),
    ...bandObstacles(bandsOf(situation), 'cpu', bands, at),
    ...hookObstacles(situation),
  ]
}

function cpuObstacles(situation: Situation, bands: BandMemory, at: number): Obstacle[] {
  return commonObstacles(situation, bands, at, 'cpu')
}

function gpuObstacles(situation: Situation, gpu: GpuFact, bands: BandMemory, at: number): Obstacle[] {
  const { preferences } = situation
  const isOff = preferences.gpu.off.some((name) => name === String(gpu.index) || name === gpu.uuid)
  return [
    ...when(isOff, 'gpu-off', 'This GPU is switched off.'),
    ...otherPrograms(situation, bands, at),
    ...(preferences.gpu['share-with-others']
      ? []
      : seen(gpu.others, 'gpu-unknown', 'whether others compute on this GPU', (others) =>
          when(others.length > 0, 'gpu-others', `Another program, ${others[0]}, computes on this GPU.`),
        )),
    ...bandObstacles(bandsOf(situation), gpu.uuid, bands, at),
  ]
}

/** A GPU that cannot be looked at may be used by who asks nothing of it. */
function otherGpuObstacles(situation: Situation, bands: BandMemory, at: number): Obstacle[] {
  const { facts, preferences } = situation
  const { 'share-with-others': shared, 'temperature-celsius': hot, 'power-watts': power, 'fan-percent': fan } = preferences.gpu
  const asked = !shared || hot !== null || power !== null || fan !== null
  const why = facts.gpus.known ? 'nvidia-smi does not tell of it' : facts.gpus.why
  return [...when(asked, 'gpu-unknown', `How this GPU is cannot be seen (${why}).`), ...otherPrograms(situation, bands, at)]
}

function otherPrograms(situation: Situation, bands: BandMemory, at: number): Obstacle[] {
  return [
    ...commonObstacles(situation, bands, at, 'gpu'),
    ...programObstacles(situation.facts, situation.preferences['gpu-pause-while-running']),
  ]
}

function useObstacles(situation: Situation, at: number, kind: Kind): Obstacle[] {
  const { preferences, facts } = situation
  const { state, idleAt, why } = useOf(situation, at)
  if (preferences[state][kind]) return []
  const until = state === 'in-use' && preferences.idle[kind] ? idleAt : null
  if (state === 'idle')
    return when(true, 'in-use', `The preferences have no time for ${PROGRAMS[kind]} while nobody uses the machine.`)
  return when(true, 'in-use', facts.idle.known ? 'Somebody uses this machine.' : why, until)
}

/** In which of the two states the machine is; one that cannot be told is in use. */
function useOf({ preferences, facts }: Situation, at: number): { state: 'idle' | 'in-use'; idleAt: number | null; why: string } {
  if (!facts.idle.known) {
    return { state: 'in-use', idleAt: null, why: `Whether somebody uses this machine cannot be seen (${facts.idle.why}).` }
  }
  const { since } = facts.idle.value
  const idleAt = since === null ? null : since + preferences['idle-after-minutes'] * MINUTE_MS
  return { state: idleAt !== null && at >= idleAt ? 'idle' : 'in-use', idleAt, why: '' }
}

function programObstacles({ programs }: Facts, names: readonly string[]): Obstacle[] {
  if (names.length === 0) return []
  return seen(programs, 'program-runs', 'which programs run', (running) => {
    const found = names.find((name) => running.has(name.toLowerCase()))
    return when(found !== undefined, 'program-runs', `The program ${found} is running.`)
  })
}

function hookObstacles({ preferences, facts }: Situation): Obstacle[] {
  if (preferences.hook.command === null) return []
  return seen(facts.hook, 'hook', 'what the command of the preferences says', (status) =>
    when(status !== 0, 'hook', `The command of the preferences says no (exit status ${status}).`),
  )
}

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

function bandObstacles(all: readonly Held[], of: string, bands: BandMemory, at: number): Obstacle[] {
  // What other programs use of the processors stands against all kinds, and is named once.
  return all
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
function stepBands(situation: Situation, now: number, before: BandMemory): BandMemory {
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

function isLeaving({ finishing, tasksLeft, finishAt }: Orders, at: number): boolean {
  return finishing || tasksLeft === 0 || (finishAt !== null && at >= finishAt)
}

type Kind = 'cpu' | 'gpu'
const PROGRAMS: Readonly<Record<Kind, string>> = { cpu: 'programs on the processor', gpu: 'programs on the GPU' }

function gpusOf({ gpus }: Facts): readonly GpuFact[] {
  return gpus.known ? (gpus.value ?? []) : []
}

function when(holds: boolean, code: WhyNot, why: string, until: number | null = null): Obstacle[] {
  return holds ? [{ code, why, until }] : []
}

/** What follows from a fact; one that is unknown stands against it. */
function seen<T>(fact: Fact<T>, code: WhyNot, what: string, obstacles: (value: T) => Obstacle[]): Obstacle[] {
  if (fact.known) return obstacles(fact.value)
  return when(true, code, `Nobody can tell ${what} (${fact.why}).`)
}
