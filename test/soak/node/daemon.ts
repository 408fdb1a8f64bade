import { setTimeout as sleep } from 'node:timers/promises'
import { Daemon } from '../../../node/index.ts'
import { FakeMachine } from '../../support/fake-machine.ts'
import { honest } from '../../support/fake-sandbox.ts'
import { hearingLog, type NodeSaid } from '../acknowledged.ts'

/*
 * A node as its owner has it, in a process of its own, to be killed: it answers honestly after some milliseconds, and writes down
 * what was acknowledged to it before it forgets the verdict.
 */
export interface DaemonArguments {
  data: string
  coordinator: string
  /** File of the nonces that were acknowledged, a line each. */
  acknowledged: string
  /** Longest time one program takes. */
  delayMs: number
  slots: number
}

const { data, coordinator, acknowledged, delayMs, slots } = JSON.parse(process.argv[2] ?? '') as DaemonArguments
const log = hearingLog(acknowledged)
const machine = new FakeMachine(async (...order) => {
  await sleep(Math.random() * delayMs)
  return await honest(...order)
})
// Asked what it holds, it says it without what is only to be collected.
process.on('message', () => {
  globalThis.gc?.()
  process.send?.({ t: 'heap', bytes: process.memoryUsage().heapUsed } satisfies NodeSaid)
})
const stop = new AbortController()
process.on('SIGTERM', () => stop.abort())
const init = { data, coordinator, slots, cache: data, page: null, log, signal: stop.signal }
const daemon = await Daemon.start(init, async () => machine)
await daemon.wanted
await daemon.stop()
process.exit()
