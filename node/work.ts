import type { PrivateKey } from '@libp2p/interface'
import type { Logger } from 'pino'
import { type Assign, type DeclineReason, MAX_CREDITS, type Program } from '../protocol/index.ts'
import { type Sandbox, SandboxFault } from '../sandbox/index.ts'
import type { Outbox, Parcel } from './outbox.ts'
import { makeVerdict } from './runner.ts'

export interface WorkComponents {
  sandbox: Sandbox
  key: PrivateKey
  outbox: Pick<Outbox, 'put'>
  log: Logger
}

/** What the work tells the session: these are ready to be said. All may be dropped when there is no connection. */
export interface WorkEvents {
  finished(parcel: Parcel): void
  declined(nonce: string, reason: DeclineReason): void
  /** A slot is free again, however its run ended. */
  freed(): void
}

class Withdrawn extends Error {}
class Stopping extends Error {}

/**
 * What runs now. It goes on while the connection is down: its verdicts wait in the outbox.
 */
export class Work {
  readonly slots: number
  readonly #c: WorkComponents
  readonly #coordinator: string
  readonly #running = new Map<string, { controller: AbortController; done: Promise<void> }>()
  #stopping = false
  /** Runs that ended since the start, by how. */
  readonly counts = { finished: 0, declined: 0, withdrawn: 0 }

  constructor(components: WorkComponents, init: { slots: number; coordinator: string }) {
    this.#c = components
    // A coordinator lets nobody hold more, however many cores there are.
    this.slots = Math.min(init.slots, MAX_CREDITS)
    this.#coordinator = init.coordinator
  }

  get running(): string[] {
    return [...this.#running.keys()]
  }

  /** Starts an assignment. Its end is told to `events`; it never throws. */
  start(assign: Assign, program: Program, events: () => WorkEvents | null): void {
    if (this.#stopping) {
      this.#failed(assign.nonce, new Stopping('the node stops'), events)
      return
    }
    const controller = new AbortController()
    const overdue = setTimeout(() => controller.abort(new Withdrawn('past its deadline')), assign.deadlineMs)
    const done = this.#run(assign, program, controller.signal, events).finally(() => {
      clearTimeout(overdue)
      this.#running.delete(assign.nonce)
      if (!this.#stopping) events()?.freed()
    })
    this.#running.set(assign.nonce, { controller, done })
  }

  /** Stops an assignment nobody needs any more. */
  withdraw(nonce: string): void {
    this.#running.get(nonce)?.controller.abort(new Withdrawn('withdrawn'))
  }

  /** Ends everything that runs; resolves when every process is gone. */
  async stop(): Promise<void> {
    this.#stopping = true
    const all = [...this.#running.values()]
    for (const { controller } of all) controller.abort(new Stopping('the node stops'))
    await Promise.all(all.map(({ done }) => done))
  }

  async #run(assign: Assign, program: Program, signal: AbortSignal, events: () => WorkEvents | null): Promise<void> {
    const { nonce, taskId, task } = assign
    const { sandbox, key, outbox, log } = this.#c
    try {
      const parcel = await makeVerdict({ sandbox, key, coordinator: this.#coordinator }, assign, program, { signal })
      await outbox.put(parcel)
      this.counts.finished++
      log.debug({ event: 'task-finished', nonce, task: taskId, executor: task.executor })
      events()?.finished(parcel)
    } catch (error) {
      this.#failed(nonce, error as Error, events)
    }
  }

  #failed(nonce: string, error: Error, events: () => WorkEvents | null): void {
    if (error instanceof Withdrawn) {
      this.counts.withdrawn++
      this.#c.log.debug({ event: 'task-withdrawn', nonce, detail: error.message })
      return
    }
    this.counts.declined++
    const reason = reasonOf(error)
    if (reason !== 'shutting-down') this.#c.log.error({ event: 'task-declined', nonce, reason, detail: error.message })
    events()?.declined(nonce, reason)
  }
}

function reasonOf(error: Error): DeclineReason {
  if (error instanceof Stopping) return 'shutting-down'
  if (error instanceof SandboxFault) return error.code
  // What is left is the outbox, which could not be written.
  return 'disk'
}
