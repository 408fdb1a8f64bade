import type { BandMemory } from './bands.ts'
import type { Facts, GpuFact } from './facts.ts'
import { bandObstacles } from './held-limits.ts'
import { type Obstacle, seen, when } from './obstacle.ts'
import { Schedule } from './schedule.ts'
import { isLeaving, type Situation, useOf } from './situation.ts'

const GIB = 1024 ** 3
const MIB = 1024 ** 2

type Kind = 'cpu' | 'gpu'
const PROGRAMS: Readonly<Record<Kind, string>> = { cpu: 'programs on the processor', gpu: 'programs on the GPU' }

/** What stands against taking work. */
export function takeObstacles({ preferences, orders, facts }: Situation, at: number): Obstacle[] {
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
    ...bandObstacles(situation, 'cpu', bands, at),
    ...hookObstacles(situation),
  ]
}

export function cpuObstacles(situation: Situation, bands: BandMemory, at: number): Obstacle[] {
  return commonObstacles(situation, bands, at, 'cpu')
}

export function gpuObstacles(situation: Situation, gpu: GpuFact, bands: BandMemory, at: number): Obstacle[] {
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
    ...bandObstacles(situation, gpu.uuid, bands, at),
  ]
}

/** A GPU that cannot be looked at may be used by who asks nothing of it. */
export function otherGpuObstacles(situation: Situation, bands: BandMemory, at: number): Obstacle[] {
  const { facts, preferences } = situation
  const {
    off,
    'share-with-others': shared,
    'temperature-celsius': hot,
    'power-watts': power,
    'fan-percent': fan,
  } = preferences.gpu
  // Which it is cannot be told either: it may be one that is off.
  const asked = off.length > 0 || !shared || hot !== null || power !== null || fan !== null
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
