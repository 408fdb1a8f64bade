import { openSync, writeSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import pino from 'pino'
import { Daemon, type MachineSandbox } from '../../../node/index.ts'
import { FakeSandbox, honest } from '../../support/fake-sandbox.ts'

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

/** What the process says. */
export type DaemonSaid = { t: 'connected' } | { t: 'accepted'; nonce: string }

class Machine extends FakeSandbox implements MachineSandbox {
  readonly compileStatus = { nvcc: null, says: 'a stand-in' } as unknown as MachineSandbox['compileStatus']
  readonly gpu = { used: false, says: 'none', checker: '' }
}

const { data, coordinator, acknowledged, delayMs, slots } = JSON.parse(process.argv[2] ?? '') as DaemonArguments
const file = openSync(acknowledged, 'a')
const say = (said: DaemonSaid) => process.send?.(said)

function hear(text: string): void {
  const line = JSON.parse(text) as { event?: string; nonce?: string }
  if (line.event === 'connected') say({ t: 'connected' })
  if (line.event !== 'verdict-accepted' || line.nonce === undefined) return
  writeSync(file, `${line.nonce}\n`)
  say({ t: 'accepted', nonce: line.nonce })
}

process.on('disconnect', () => process.exit())
const log = pino({ level: 'debug', base: null }, { write: hear })
const machine = new Machine(async (...order) => {
  await sleep(Math.random() * delayMs)
  return await honest(...order)
})
const daemon = await Daemon.start({ data, coordinator, slots, cache: data, page: null, log }, async () => machine)
process.on('SIGTERM', () => void daemon.stop().then(() => process.exit()))
