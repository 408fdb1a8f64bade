import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { generateKeyPair } from '@libp2p/crypto/keys'
import pino from 'pino'
import { Conditions } from '../../node/conditions/conditions.ts'
import { type Facts, known, unknown } from '../../node/conditions/facts.ts'
import { NO_ORDERS } from '../../node/conditions/orders.ts'
import type { Source } from '../../node/conditions/sources/source.ts'
import { DEFAULT_PREFERENCES, type PreferenceValues } from '../../node/preferences/schema.ts'
import { HOLD_MS, Work } from '../../node/work.ts'
import type { Assign, DeclineReason, ExecutorName, Program } from '../../protocol/index.ts'
import { ROUND_DEFAULTS } from '../../protocol/index.ts'
import { type Sandbox, UNMEASURED } from '../../sandbox/index.ts'
import { FakeSandbox } from '../support/fake-sandbox.ts'
import { seeded } from '../support/seeded.ts'
import { COOL, GPU, MINUTE_MS, MONDAY_NOON, preferences, quiet } from './situation.ts'

/** More of them: `KERNELSWARM_WEEKS=20 node --test test/conditions/week.test.ts`. */
const WEEKS = Number(process.env.KERNELSWARM_WEEKS ?? 1)
const WEEK_MINUTES = 7 * 24 * 60
const SLOTS = 3
const PROGRAM = { v: 1, side: 'cpp', code: 'int f();', wrapper: '', tests: ['wrapper(f);'] } as Program
const YAML = `
schedule:
  - { days: mon-fri, from: 17:30, to: 08:30 }
  - { days: sat-sun, from: 00:00, to: 24:00 }
  - { days: wed, from: 12:00, to: 14:00, for: cpu }
in-use: { processors-percent: 34, memory-percent: 40 }
pause-while-running: [blender]
gpu-pause-while-running: [game]
network: { mib-a-day: 100 }
hook: { command: sun }
`

/** A machine with its people, drawn by lot: each minute something may be otherwise. */
class Machine {
  now = MONDAY_NOON
  facts: Facts = quiet(MONDAY_NOON, { hook: known(0) })
  readonly #random: () => number
  constructor(random: () => number) {
    this.#random = random
  }

  pass(): void {
    this.now += MINUTE_MS
    const change: (() => Partial<Facts>)[] = [
      () => ({ idle: known({ since: null }) }),
      () => ({ idle: known({ since: this.now }) }),
      () => ({ idle: known({ since: this.now - 60 * MINUTE_MS }) }),
      () => ({ idle: unknown('logind does not answer') }),
      () => ({ otherCpu: known(this.#pick([0.01, 0.05, 0.22, 0.24, 0.3, 0.9])) }),
      () => ({ onBattery: known(this.#random() < 0.3) }),
      () => ({ programs: known(new Set(this.#random() < 0.3 ? [this.#pick(['blender', 'game'])] : ['sshd'])) }),
      () => ({ gpus: known([{ ...COOL, temperatureCelsius: known(this.#pick([40, 70, 74, 78, 84, 86])) }]) }),
      () => ({ gpus: this.#random() < 0.3 ? unknown('nvidia-smi fails') : known([COOL]) }),
      () => ({ hook: known(this.#random() < 0.2 ? 1 : 0) }),
      () => quiet(this.now, { hook: known(0) }),
      () => quiet(this.now, { hook: known(0) }),
    ]
    if (this.#random() < 0.15) this.facts = { ...this.facts, ...this.#pick(change)() }
    this.facts = { ...this.facts, networkToday: known({ bytes: 0, until: this.now + 60 * MINUTE_MS }) }
  }

  #pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.#random() * items.length)] as T
  }
}

/**
 * What of the wishes is broken, told of the machine alone and in other words than the code's: nobody wants this to run now.
 * Values inside a band say nothing by themselves.
 */
function mustNotRun(executor: ExecutorName, { now, facts }: Machine, paused: boolean): string | null {
  const wall = new Date(now)
  const minute = wall.getHours() * 60 + wall.getMinutes()
  const weekend = wall.getDay() === 0 || wall.getDay() === 6
  // The night before a Monday ends with Sunday; that before a Saturday goes on.
  const night = minute >= 17 * 60 + 30 || (minute < 8 * 60 + 30 && wall.getDay() !== 1)
  const lunch = executor !== 'gpu' && wall.getDay() === 3 && minute >= 12 * 60 && minute < 14 * 60
  if (paused) return 'paused'
  if (!weekend && !night && !lunch) return 'not in the schedule'
  if (!facts.onBattery.known || facts.onBattery.value) return 'on battery'
  if (!facts.otherCpu.known || facts.otherCpu.value >= 0.25) return 'others are busy'
  if (!facts.hook.known || facts.hook.value !== 0) return 'the command says no'
  const running = facts.programs.known ? facts.programs.value : new Set(['blender'])
  if (running.has('blender')) return 'blender runs'
  if (executor !== 'gpu') return null
  if (running.has('game')) return 'a game runs'
  const { idle, gpus } = facts
  if (!idle.known || idle.value.since === null || now - idle.value.since < 3 * MINUTE_MS) return 'somebody is there'
  const gpu = gpus.known ? gpus.value?.[0] : undefined
  if (gpu === undefined) return 'the GPU cannot be seen'
  const { temperatureCelsius: celsius } = gpu
  return celsius.known && (celsius.value ?? 0) < 85 ? null : 'the GPU is hot'
}

/** Programs that run until they are told to end, or aborted. */
class Programs extends FakeSandbox {
  readonly gpuUuid = GPU
  readonly alive = new Set<{ executor: ExecutorName; memoryBytes: number; end: () => void }>()
  aborted = 0

  override async execute(...[, executor, limits, { signal }]: Parameters<Sandbox['execute']>) {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const one = { executor, memoryBytes: limits.memoryBytes, end: resolve }
    const onAbort = () => {
      this.aborted++
      reject(signal.reason)
    }
    this.alive.add(one)
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      if (signal.aborted) onAbort()
      await promise
    } finally {
      this.alive.delete(one)
      signal.removeEventListener('abort', onAbort)
    }
    const test = {
      status: 'success' as const,
      output: new Uint8Array(),
      findings: [],
      detail: '',
      wallMs: 1,
      measured: UNMEASURED,
    }
    return { environment: this.environment(executor), tests: [test], compileMs: 1 }
  }
}

/** What was decided is done in a few turns of the event loop. */
async function settled(): Promise<void> {
  for (let turns = 0; turns < 8; turns++) await turn()
}

describe('a week under changing conditions', () => {
  for (let seed = 1; seed <= WEEKS; seed++) {
    it(`no program runs in a minute in which it may not (seed ${seed})`, async (t) => {
      t.mock.timers.enable({ apis: ['setTimeout'] })
      const random = seeded(seed)
      const machine = new Machine(random)
      const tells = Object.keys(machine.facts) as (keyof Facts)[]
      const source: Source = { name: 'the machine', tells, everyMs: () => 0, look: async () => machine.facts }
      const values: PreferenceValues = { ...DEFAULT_PREFERENCES, ...preferences(YAML) }
      const held = { value: values, onChange: () => () => {}, refresh: async () => {}, set: async () => {} }
      const orders = { read: async () => NO_ORDERS, write: async () => {} }
      const log = pino({ level: 'silent' })
      const memoryBytes = 8 * 1024 ** 3
      await using conditions = await Conditions.open(
        { preferences: held, orders, sources: [source], log },
        { memoryBytes, now: () => machine.now },
      )
      const sandbox = new Programs(undefined, ['host', 'emulated', 'gpu'])
      const key = await generateKeyPair('Ed25519')
      const work = new Work({ sandbox, key, outbox: { put: async () => {} }, log, gate: conditions }, { slots: SLOTS })
      work.allotments.add('coordinator', 1)
      const declined: DeclineReason[] = []
      const events = { finished() {}, declined: (_: string, reason: DeclineReason) => void declined.push(reason), freed() {} }
      let [given, ranMinutes, gpuMinutes, forbidden] = [0, 0, 0, 0]

      for (let minute = 0; minute < WEEK_MINUTES; minute++) {
        machine.pass()
        if (random() < 0.002) await conditions.snooze(1 + Math.floor(random() * 90))
        if (random() < 0.001) await conditions.pause()
        if (random() < 0.01) await conditions.resume()
        await conditions.look()
        await settled()
        t.mock.timers.tick(HOLD_MS)
        await settled()
        const { paused, snoozedUntil } = conditions.orders
        for (const { executor } of sandbox.alive) {
          const why = mustNotRun(executor, machine, paused || (snoozedUntil ?? 0) > machine.now)
          assert.equal(why, null, `${executor} runs at ${new Date(machine.now)}`)
        }
        const { limits } = conditions.permission
        assert.ok(sandbox.alive.size <= Math.max(1, Math.floor(SLOTS * limits.slotShare)), 'more slots than allowed')
        const used = [...sandbox.alive].reduce((sum, one) => sum + one.memoryBytes, 0)
        assert.ok(used <= limits.memoryBytes, 'more memory than allowed')
        if (mustNotRun('gpu', machine, false) !== null) forbidden++
        ranMinutes += sandbox.alive.size > 0 ? 1 : 0
        gpuMinutes += [...sandbox.alive].some(({ executor }) => executor === 'gpu') ? 1 : 0

        for (const one of [...sandbox.alive]) if (random() < 0.1) one.end()
        await settled()
        while (work.heldOf('coordinator').length < work.limit('coordinator')) {
          const executor = (['host', 'emulated', 'gpu'] as const)[given++ % 3] as ExecutorName
          work.start(assignment(`n${given}`, executor), PROGRAM, 'coordinator', () => events)
        }
        await settled()
      }
      await work.stop()
      assert.equal(sandbox.alive.size, 0)
      // The week was not all quiet, and not all forbidden; what was stopped was run again, and nothing was lost on the way.
      assert.ok(ranMinutes > WEEK_MINUTES / 10 && gpuMinutes > WEEK_MINUTES / 50, `${ranMinutes} ${gpuMinutes}`)
      assert.ok(forbidden > WEEK_MINUTES / 10 && sandbox.aborted > 50, `${forbidden} ${sandbox.aborted}`)
      assert.equal(work.counts.finished + work.counts.declined, given)
      assert.ok(declined.every((reason) => reason === 'shutting-down'))
    })
  }
})

function assignment(nonce: string, executor: ExecutorName): Assign {
  return {
    t: 'assign',
    nonce,
    taskId: 'task',
    task: { v: 1, program: 'cid', executor, pass: 'plain', limits: ROUND_DEFAULTS.limits },
    deadlineMs: 7 * 24 * 60 * MINUTE_MS,
  } as unknown as Assign
}
