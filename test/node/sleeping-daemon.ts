import { spawn } from 'node:child_process'
import { once } from 'node:events'
import pino from 'pino'
import { Daemon } from '../../node/index.ts'
import type { Sandbox } from '../../sandbox/index.ts'
import { anytime } from '../support/anytime.ts'
import { FakeMachine } from '../support/fake-machine.ts'

/*
 * A node as its owner has it, in a process of its own, whose programs are processes that sleep: it says their numbers, and ends by
 * SIGTERM as the command does.
 */
export interface SleepingArguments {
  data: string
  coordinator: string
}

class Sleeping extends FakeMachine {
  override async execute(...[, , , { signal }]: Parameters<Sandbox['execute']>): Promise<never> {
    const child = spawn('sleep', ['600'], { stdio: 'ignore' })
    const gone = once(child, 'exit')
    signal.addEventListener('abort', () => child.kill('SIGKILL'), { once: true })
    process.send?.(child.pid)
    await gone
    throw signal.reason
  }
}

const { data, coordinator } = JSON.parse(process.argv[2] ?? '') as SleepingArguments
anytime(data)
const stop = new AbortController()
process.on('SIGTERM', () => stop.abort())
process.on('disconnect', () => process.exit(1))
const log = pino({ level: 'silent' })
const init = { data, coordinator, slots: 2, cache: data, page: null, log, signal: stop.signal }
const daemon = await Daemon.start(init, async () => new Sleeping())
await daemon.wanted
await daemon.stop()
process.disconnect()
process.exit()
