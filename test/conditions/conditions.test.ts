import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import pino from 'pino'
import { Conditions } from '../../node/conditions/conditions.ts'
import { type Facts, known } from '../../node/conditions/facts.ts'
import { OrdersFile } from '../../node/conditions/orders.ts'
import { type Answer, mayRun } from '../../node/conditions/permission.ts'
import type { Source } from '../../node/conditions/sources/source.ts'
import { Preferences } from '../../node/preferences/preferences.ts'
import { scratch } from '../support/scratch.ts'
import { GPU, HOUR_MS, MINUTE_MS, MONDAY_NOON, quiet } from './situation.ts'

const log = pino({ level: 'silent' })
const tells = Object.keys(quiet(0)) as (keyof Facts)[]

/** A quiet machine, whose clock is set by hand. */
async function machine(t: TestContext, folder: string, sources: readonly Source[] = []) {
  const clock = { now: MONDAY_NOON }
  const quietly: Source = { name: 'machine', tells, everyMs: () => 24 * HOUR_MS, look: async (_, now) => quiet(now) }
  const preferences = await Preferences.open(folder, { log })
  const orders = new OrdersFile(join(folder, 'orders.json'))
  const components = { preferences, orders, sources: [quietly, ...sources], log }
  const conditions = await Conditions.open(components, { memoryBytes: 2 ** 33, now: () => clock.now })
  t.after(async () => {
    preferences[Symbol.dispose]()
    await conditions[Symbol.asyncDispose]()
  })
  return { conditions, clock, preferences }
}

const word = (answer: Answer) => (answer.may ? 'yes' : answer.code)

describe('the orders of the owner', () => {
  it('pause holds at once and over restarts, until resume', async (t) => {
    const folder = await scratch(t)
    const { conditions } = await machine(t, folder)
    const told: string[] = []
    conditions.onChange(() => told.push(word(conditions.permission.take)))
    const written = conditions.pause()
    assert.equal(word(conditions.permission.cpu), 'paused')
    await written
    const again = (await machine(t, folder)).conditions
    assert.equal(word(again.permission.take), 'paused')
    await again.resume()
    assert.equal(word(again.permission.take), 'yes')
    assert.equal(word((await machine(t, folder)).conditions.permission.take), 'yes')
    assert.deepEqual(told, ['paused'])
  })

  it('a snooze ends by itself, over restarts too', async (t) => {
    const folder = await scratch(t)
    const until = await (await machine(t, folder)).conditions.snooze(30)
    assert.equal(until, MONDAY_NOON + 30 * MINUTE_MS)
    const { conditions, clock } = await machine(t, folder)
    const { take } = conditions.permission
    assert.ok(!take.may && take.code === 'snoozed' && take.until === until)
    clock.now = until
    await conditions.look()
    assert.equal(word(conditions.permission.take), 'yes')
    await assert.rejects(conditions.snooze(0), RangeError)
    await assert.rejects(conditions.snooze(60 * 24 * 365), RangeError)
  })

  it('so many tasks, then leave; finish; until a time: forgotten by the next start', async (t) => {
    const folder = await scratch(t)
    const { conditions, clock } = await machine(t, folder)
    await conditions.finishAfter(2)
    conditions.taskEnded()
    assert.deepEqual([conditions.permission.limits.tasksLeft, conditions.permission.leaving], [1, false])
    conditions.taskEnded()
    assert.deepEqual([word(conditions.permission.take), conditions.permission.leaving], ['leaving', true])
    assert.equal((await machine(t, folder)).conditions.permission.leaving, false)
    await conditions.resume()
    await conditions.finish()
    assert.equal(conditions.permission.leaving, true)
    await conditions.resume()
    await conditions.finishAt(clock.now + HOUR_MS)
    assert.equal(conditions.permission.leaving, false)
    clock.now += HOUR_MS
    await conditions.look()
    assert.equal(conditions.permission.leaving, true)
  })

  it('a GPU is switched off and on in the preferences, by either of its names', async (t) => {
    const folder = await scratch(t)
    const { conditions, preferences } = await machine(t, folder)
    const gpu = () => word(mayRun(conditions.permission, 'gpu', GPU))
    await conditions.switchGpu('0', false)
    assert.deepEqual([gpu(), preferences.value.gpu.off], ['gpu-off', [GPU]])
    assert.equal(word((await machine(t, folder)).conditions.permission.gpus.get(GPU) as Answer), 'gpu-off')
    await conditions.switchGpu('0', true)
    assert.deepEqual([gpu(), preferences.value.gpu.off], ['yes', []])
  })

  it('a pause that cannot be read is not forgotten', async (t) => {
    const folder = await scratch(t)
    await writeFile(join(folder, 'orders.json'), '{"paused":')
    await assert.rejects(machine(t, folder), /orders\.json: not as this node writes it/)
  })
})

describe('sources', () => {
  it('that fail make what they tell unknown, and come back', async (t) => {
    let fails = true
    const source: Source = {
      name: 'flaky',
      tells: ['onBattery'],
      everyMs: () => 0,
      look: async () => {
        if (fails) throw new Error('no answer')
        return { onBattery: known(false) }
      },
    }
    const { conditions } = await machine(t, await scratch(t), [source])
    const { cpu } = conditions.permission
    assert.ok(!cpu.may && cpu.code === 'battery')
    assert.match(cpu.why, /no answer/)
    fails = false
    await conditions.look()
    assert.equal(word(conditions.permission.cpu), 'yes')
  })

  it('that hang hold up nobody, are ended by their limit and are not asked twice at a time', async (t) => {
    // Nothing else keeps this process waiting for a limit.
    const awake = setInterval(() => {}, 1_000)
    t.after(() => clearInterval(awake))
    let asked = 0
    const hanging = Promise.withResolvers<Partial<Facts>>()
    const source: Source = {
      name: 'the supply',
      tells: ['onBattery'],
      everyMs: () => 0,
      longestMs: () => 50,
      look: () => {
        asked++
        return hanging.promise
      },
    }
    const { conditions } = await machine(t, await scratch(t), [source])
    await conditions.look()
    const { cpu } = conditions.permission
    assert.ok(!cpu.may)
    assert.match(cpu.why, /the supply does not answer/)
    assert.equal(asked, 1)
    hanging.resolve({ onBattery: known(false) })
  })

  it('are asked when their time has come', async (t) => {
    let asked = 0
    const source: Source = {
      name: 'slow',
      tells: ['hook'],
      everyMs: () => MINUTE_MS,
      look: async () => ({ hook: known(asked++) }),
    }
    const { conditions, clock } = await machine(t, await scratch(t), [source])
    for (let step = 0; step < 24; step++) {
      clock.now += 5_000
      await conditions.look()
    }
    assert.equal(asked, 3)
  })
})
