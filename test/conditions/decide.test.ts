import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { BandMemory } from '../../node/conditions/bands.ts'
import { REST_MS } from '../../node/conditions/bands.ts'
import { decide } from '../../node/conditions/decide.ts'
import { type Facts, known, unknown } from '../../node/conditions/facts.ts'
import type { Orders } from '../../node/conditions/orders.ts'
import { type Answer, mayRun, type Permission, type WhyNot } from '../../node/conditions/permission.ts'
import { COOL, GPU, HOUR_MS, MINUTE_MS, MONDAY_NOON as NOW, situation } from './situation.ts'

const NONE: BandMemory = new Map()
const GB = 1e9

function permission(yaml: string, change: Partial<Facts> = {}, orders: Partial<Orders> = {}): Permission {
  return decide(situation(NOW, yaml, change, orders), NOW, NONE).permission
}

/** What an answer comes to: `yes`, or why not. */
function word(answer: Answer): 'yes' | WhyNot {
  return answer.may ? 'yes' : answer.code
}

interface Row {
  id: string
  yaml?: string
  facts?: Partial<Facts>
  orders?: Partial<Orders>
  cpu: 'yes' | WhyNot
  gpu: 'yes' | WhyNot
  take?: 'yes' | WhyNot
  /** Minutes from now; null: not by waiting. */
  gpuUntil?: number | null
}

const inUse = { idle: known({ since: null }) }
const lately = { idle: known({ since: NOW - MINUTE_MS }) }
const gpus = (change: Partial<typeof COOL>) => ({ gpus: known([{ ...COOL, ...change }]) })

/** The volunteers' wishes of the design, a row or more each. */
const ROWS: Row[] = [
  { id: 'idle for an hour', cpu: 'yes', gpu: 'yes' },
  { id: 'in use: the processor works, the GPU waits', facts: inUse, cpu: 'yes', gpu: 'in-use', gpuUntil: null },
  { id: 'idle for a minute: the GPU waits for three', facts: lately, cpu: 'yes', gpu: 'in-use', gpuUntil: 2 },
  {
    id: 'idle for as long as the owner says',
    yaml: 'idle-after-minutes: 10',
    facts: lately,
    cpu: 'yes',
    gpu: 'in-use',
    gpuUntil: 9,
  },
  {
    id: 'whether it is idle is unknown',
    facts: { idle: unknown('logind does not answer') },
    cpu: 'yes',
    gpu: 'in-use',
    gpuUntil: null,
  },
  {
    id: 'other limits in use: no processor either',
    yaml: 'in-use: { cpu: false }',
    facts: inUse,
    cpu: 'in-use',
    gpu: 'in-use',
    take: 'in-use',
  },
  { id: 'other limits in use: the GPU too', yaml: 'in-use: { gpu: true }', facts: inUse, cpu: 'yes', gpu: 'yes' },
  { id: 'only while it is in use', yaml: 'idle: { gpu: false }', cpu: 'yes', gpu: 'in-use', gpuUntil: null },
  { id: 'inside the schedule', yaml: 'schedule: [{ days: mon, from: 11:00, to: 13:00 }]', cpu: 'yes', gpu: 'yes' },
  {
    id: 'outside the schedule',
    yaml: 'schedule: [{ days: mon-fri, from: 22:00, to: 07:00 }]',
    cpu: 'schedule',
    gpu: 'schedule',
    take: 'schedule',
    gpuUntil: 10 * 60,
  },
  {
    id: 'a schedule of the GPU alone',
    yaml: 'schedule: [{ from: 13:30, to: 14:00, for: gpu }]',
    cpu: 'yes',
    gpu: 'schedule',
    gpuUntil: 90,
  },
  { id: 'on battery', facts: { onBattery: known(true) }, cpu: 'battery', gpu: 'battery', take: 'battery' },
  { id: 'on battery, as its owner allows', yaml: 'on-battery: true', facts: { onBattery: known(true) }, cpu: 'yes', gpu: 'yes' },
  { id: 'whether on battery is unknown', facts: { onBattery: unknown('no answer') }, cpu: 'battery', gpu: 'battery' },
  { id: 'others are busy', facts: { otherCpu: known(0.3) }, cpu: 'other-cpu', gpu: 'other-cpu', gpuUntil: null },
  {
    id: 'others are busy, and nobody minds',
    yaml: 'other-cpu-percent: null',
    facts: { otherCpu: known(0.9) },
    cpu: 'yes',
    gpu: 'yes',
  },
  { id: 'a named program runs', yaml: 'pause-while-running: [SSHD]', cpu: 'program-runs', gpu: 'program-runs' },
  { id: 'a program named for the GPU runs', yaml: 'gpu-pause-while-running: [sshd]', cpu: 'yes', gpu: 'program-runs' },
  { id: 'a named program does not run', yaml: 'pause-while-running: [blender]', cpu: 'yes', gpu: 'yes' },
  {
    id: 'which programs run is unknown',
    yaml: 'pause-while-running: [blender]',
    facts: { programs: unknown('no /proc') },
    cpu: 'program-runs',
    gpu: 'program-runs',
  },
  { id: 'the command says yes', yaml: 'hook: { command: sun }', facts: { hook: known(0) }, cpu: 'yes', gpu: 'yes' },
  {
    id: 'the command says no',
    yaml: 'hook: { command: sun }',
    facts: { hook: known(3) },
    cpu: 'hook',
    gpu: 'hook',
    take: 'hook',
  },
  { id: 'the command does not end', yaml: 'hook: { command: sun }', facts: { hook: unknown('late') }, cpu: 'hook', gpu: 'hook' },
  { id: 'one GPU off, by index', yaml: 'gpu: { off: [0] }', cpu: 'yes', gpu: 'gpu-off', gpuUntil: null },
  { id: 'one GPU off, by UUID', yaml: `gpu: { off: [${GPU}] }`, cpu: 'yes', gpu: 'gpu-off' },
  { id: 'another GPU off', yaml: 'gpu: { off: [1] }', cpu: 'yes', gpu: 'yes' },
  { id: 'others compute on the GPU', facts: gpus({ others: known(['python3']) }), cpu: 'yes', gpu: 'gpu-others' },
  {
    id: 'they may',
    yaml: 'gpu: { share-with-others: true }',
    facts: gpus({ others: known(['python3']) }),
    cpu: 'yes',
    gpu: 'yes',
  },
  { id: 'a hot GPU', facts: gpus({ temperatureCelsius: known(85) }), cpu: 'yes', gpu: 'gpu-hot', gpuUntil: null },
  { id: 'a GPU that says no temperature', facts: gpus({ temperatureCelsius: unknown('N/A') }), cpu: 'yes', gpu: 'gpu-unknown' },
  {
    id: 'a GPU that draws too much',
    yaml: 'gpu: { power-watts: { stop-at: 200, resume-at: 150 } }',
    facts: gpus({ powerWatts: known(210) }),
    cpu: 'yes',
    gpu: 'gpu-power',
  },
  {
    id: 'a loud GPU',
    yaml: 'gpu: { fan-percent: { stop-at: 60, resume-at: 40 } }',
    facts: gpus({ fanPercent: known(61) }),
    cpu: 'yes',
    gpu: 'gpu-fan',
  },
  {
    id: 'a GPU without a fan is not loud',
    yaml: 'gpu: { fan-percent: { stop-at: 60, resume-at: 40 } }',
    facts: gpus({ fanPercent: known(null) }),
    cpu: 'yes',
    gpu: 'yes',
  },
  { id: 'GPUs that cannot be seen', facts: { gpus: unknown('nvidia-smi fails') }, cpu: 'yes', gpu: 'gpu-unknown' },
  { id: 'no nvidia-smi', facts: { gpus: known(null) }, cpu: 'yes', gpu: 'gpu-unknown' },
  {
    id: 'no nvidia-smi, and nothing asked of the GPU',
    yaml: 'gpu: { share-with-others: true, temperature-celsius: null }',
    facts: { gpus: known(null) },
    cpu: 'yes',
    gpu: 'yes',
  },
  {
    id: 'no nvidia-smi, nothing asked, and some GPU is off: this one may be it',
    yaml: 'gpu: { share-with-others: true, temperature-celsius: null, off: [1] }',
    facts: { gpus: known(null) },
    cpu: 'yes',
    gpu: 'gpu-unknown',
  },
  { id: 'paused', orders: { paused: true }, cpu: 'paused', gpu: 'paused', take: 'paused', gpuUntil: null },
  { id: 'snoozed', orders: { snoozedUntil: NOW + HOUR_MS }, cpu: 'snoozed', gpu: 'snoozed', take: 'snoozed', gpuUntil: 60 },
  { id: 'a snooze that is over', orders: { snoozedUntil: NOW }, cpu: 'yes', gpu: 'yes' },
  { id: 'finishing: what runs goes on', orders: { finishing: true }, cpu: 'yes', gpu: 'yes', take: 'leaving' },
  { id: 'three tasks, then leave', orders: { tasksLeft: 3 }, cpu: 'yes', gpu: 'yes', take: 'yes' },
  { id: 'no task left', orders: { tasksLeft: 0 }, cpu: 'yes', gpu: 'yes', take: 'leaving' },
  { id: 'until a time that is past', orders: { finishAt: NOW }, cpu: 'yes', gpu: 'yes', take: 'leaving' },
  { id: 'until a time to come', orders: { finishAt: NOW + 1 }, cpu: 'yes', gpu: 'yes', take: 'yes' },
  {
    id: 'a full disk',
    facts: { disk: known({ totalBytes: 500 * GB, freeBytes: 0.05 * GB, ownBytes: GB }) },
    cpu: 'yes',
    gpu: 'yes',
    take: 'disk',
  },
  {
    id: 'its own files are too large',
    yaml: 'disk: { most-gib: 2 }',
    facts: { disk: known({ totalBytes: 500 * GB, freeBytes: 100 * GB, ownBytes: 3 * GB }) },
    cpu: 'yes',
    gpu: 'yes',
    take: 'disk',
  },
  {
    id: 'the network of the day is used up',
    yaml: 'network: { mib-a-day: 10 }',
    facts: { networkToday: known({ bytes: 10 * 1024 ** 2, until: NOW + HOUR_MS }) },
    cpu: 'yes',
    gpu: 'yes',
    take: 'network',
  },
  {
    id: 'snoozed into a time of no schedule',
    yaml: 'schedule: [{ from: 12:00, to: 12:30 }]',
    orders: { snoozedUntil: NOW + HOUR_MS },
    cpu: 'snoozed',
    gpu: 'snoozed',
    gpuUntil: 24 * 60,
  },
]

describe('what a node may do', () => {
  for (const { id, yaml = '', facts, orders, cpu, gpu, take, gpuUntil } of ROWS) {
    it(id, () => {
      const found = permission(yaml, facts, orders)
      const onGpu = mayRun(found, 'gpu', GPU)
      assert.deepEqual({ cpu: word(found.cpu), gpu: word(onGpu) }, { cpu, gpu })
      if (take !== undefined) assert.equal(word(found.take), take)
      if (gpuUntil !== undefined) {
        assert.ok(!onGpu.may)
        assert.equal(onGpu.until, gpuUntil === null ? null : NOW + gpuUntil * MINUTE_MS)
      }
      for (const answer of [found.cpu, onGpu, found.take]) if (!answer.may) assert.match(answer.why, /^[A-Z\d].*\.$/s, id)
    })
  }

  it('has other caps idle and in use', () => {
    const yaml = 'in-use: { processors-percent: 50, cpu-time-percent: 25, gpu-time-percent: 30 }\nidle: { memory-percent: 75 }\n'
    assert.deepEqual(permission(yaml, inUse).limits, {
      slotShare: 0.5,
      cpuShare: 0.25,
      gpuShare: 0.3,
      memoryBytes: 8 * 1024 ** 3,
      tasksLeft: null,
    })
    assert.deepEqual(permission(yaml).limits, {
      slotShare: 1,
      cpuShare: 1,
      gpuShare: 1,
      memoryBytes: 12 * 1024 ** 3,
      tasksLeft: null,
    })
  })

  it('takes one GPU where another is hot', () => {
    const second = { ...COOL, index: 1, uuid: 'GPU-second', temperatureCelsius: known(90) }
    const { gpus, take } = permission('', { gpus: known([COOL, second]) })
    assert.deepEqual(
      [...gpus].map(([uuid, answer]) => [uuid, word(answer)]),
      [
        [GPU, 'yes'],
        ['GPU-second', 'gpu-hot'],
      ],
    )
    assert.equal(take.may, true)
  })

  it('begins again at the lower value, and not before a rest', () => {
    let memory = NONE
    const at = (minutes: number, celsius: number) => {
      const now = NOW + minutes * MINUTE_MS
      const decided = decide(situation(now, '', gpus({ temperatureCelsius: known(celsius) })), now, memory)
      memory = decided.memory
      return mayRun(decided.permission, 'gpu', GPU)
    }
    const course = [
      [0, 84],
      [1, 85],
      [2, 80],
      [3, 76],
      [4, 75],
      [5, 84],
      [6, 86],
    ].map(([minutes, celsius]) => word(at(minutes as number, celsius as number)))
    assert.deepEqual(course, ['yes', 'gpu-hot', 'gpu-hot', 'gpu-hot', 'yes', 'yes', 'gpu-hot'])
    const cooled = at(6.5, 40)
    assert.ok(!cooled.may)
    assert.equal(cooled.until, NOW + 6 * MINUTE_MS + REST_MS)
  })
})
