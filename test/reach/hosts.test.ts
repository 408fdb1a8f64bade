import assert from 'node:assert/strict'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { writeCases } from '../support/cases.ts'
import { scratch } from '../support/scratch.ts'
import { runRound } from './net/run.ts'
import { World } from './net/world.ts'

/** A share of all packets. */
const LOSS = 0.02
/** Each way between a site and the relay: 80 ms there and back, twice that between the sites. */
const DELAY_MS = 40
/** The long form has more cases, and cuts for longer than silence is borne: `npm run soak:hosts`. */
const IS_LONG = process.env.KERNELSWARM_LONG === '1'
const [CASES, TEST_MS, CUT_MS] = IS_LONG ? [240, 100, 60_000] : [60, 40, 3_000]

const missing = await World.missing()

test('hosts of their own: a round through routers and a relay, with loss, delay, a cut line, new addresses', {
  skip: missing === null ? false : `1 test of hosts of its own skipped: ${missing}`,
}, async (t) => {
  const folder = await scratch(t)
  const cases = await writeCases(join(folder, 'cases.jsonl'), CASES)
  // Two programs a case, two nodes that agree.
  const plan = { cases, verdicts: 4 * CASES, testMs: TEST_MS, cutMs: CUT_MS }
  const near = join(folder, 'near')
  const far = join(folder, 'far')
  for (const place of [near, far]) await mkdir(place)
  const loopback = await runRound(null, near, plan)
  const world = await World.make(t, { loss: LOSS })
  await world.delay(DELAY_MS)
  const hosts = await runRound(world, far, plan)
  t.diagnostic(`loopback ${loopback.seconds.toFixed(1)} s, hosts of their own ${hosts.seconds.toFixed(1)} s`)
  for (const { what, at, stood } of hosts.events)
    t.diagnostic(`${at.toFixed(1)} s: ${what}; verdicts again after ${stood.toFixed(1)} s`)
  assert.equal(hosts.judged, CASES)
  assert.equal(hosts.undecided, 0)
  assert.equal(hosts.outcomes, loopback.outcomes)
  assert.equal(hosts.twice, 0, 'no node has two votes on a task')
  assert.equal(hosts.waiting, 0, 'every verdict was acknowledged or is not wanted any more')
  assert.equal(hosts.events.length, 4)
})
