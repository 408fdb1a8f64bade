import type { PrivateKey } from '@libp2p/interface'
import type { Logger } from 'pino'
import { type Assign, type DeclineReason, MAX_CREDITS, type Program } from '../protocol/index.ts'
import { type Execution, type Sandbox, SandboxFault } from '../sandbox/index.ts'
import { Allotments } from './allotments.ts'
import type { Outbox, Parcel } from './outbox.ts'
import { makeVerdict } from './runner.ts'
import type { Job, RunEnd, RunListener } from './runs.ts'

export interface WorkComponents {
  sandbox: Sandbox
  key: PrivateKey
  outbox: Pick<Outbox, 'put'>
  log: Logger
  /** Whoever keeps what ran. */
  listener?: RunListener
}

/** What the work tells the session: these are ready to be said. All may be dropped when there is no connection. */
export interface WorkEvents {
  finished(parcel: Parcel): void
  declined(nonce: string, reason: DeclineReason): void
  /** A slot is free again, however its run ended. */
  freed(): void
}

class Withdrawn extends Error {}
class Overdue extends Withdrawn {}
class Stopping extends Error {}
class Unwanted extends Error {}

interface Held extends Job {
  events: () => WorkEvents | null
  controller: AbortController
  overdue: NodeJS.Timeout
  /** Milliseconds since 1970; null while it waits for a slot. */
  startedAt: number | null
  done: Promise<void>
}

/** A run that has begun, for people. */
export interface Running {
  assign: Assign
  coordinator: string
  startedAt: number
}

/**
 * What runs now, of all coordinators: so many programs at a time as there are slots; what else was given waits its turn. It goes
 * on while connections are down: its verdicts wait in the outbox.
 */
export class Work {
  readonly slots: number
  readonly allotments: Allotments
  readonly #c: WorkComponents
  readonly #held = new Map<string, Held>()
  readonly #idle = new Set<() => void>()
  #stopping = false
  /** Runs that ended since the start, by how. */
  readonly counts = { finished: 0, declined: 0, withdrawn: 0 }

  constructor(components: WorkComponents, init: { slots: number }) {
    this.#c = components
    // A coordinator lets nobody hold more, however many cores there are.
    this.slots = Math.min(init.slots, MAX_CREDITS)
    this.allotments = new Allotments(this.slots)
  }

  /** Nonces of what is held of a coordinator, whether it has begun or waits for a slot. */
  heldOf(coordinator: string): string[] {
    return [...this.#held.values()].filter((held) => held.coordinator === coordinator).map(({ assign }) => assign.nonce)
  }

  /** Whether nothing is held. */
  get isIdle(): boolean {
    return this.#held.size === 0
  }

  /** Calls when nothing is held any more. @returns what ends that */
  onIdle(listener: () => void): () => void {
    this.#idle.add(listener)
    return () => this.#idle.delete(listener)
  }

  /** What has begun. */
  get running(): Running[] {
    return [...this.#held.values()].flatMap(({ assign, coordinator, startedAt }) =>
      startedAt === null ? [] : [{ assign, coordinator, startedAt }],
    )
  }

  /** Takes an assignment; it starts when a slot is free. Its end is told to `events`; it never throws. */
  start(assign: Assign, program: Program, coordinator: string, events: () => WorkEvents | null): void {
    const controller = new AbortController()
    const overdue = setTimeout(() => this.#end(assign.nonce, new Overdue('past its deadline')), assign.deadlineMs)
    const held: Held = { assign, program, coordinator, events, controller, overdue, startedAt: null, done: Promise.resolve() }
    this.#held.set(assign.nonce, held)
    if (this.#stopping) this.#end(assign.nonce, new Stopping('the node stops'))
    else this.#fill()
  }

  /** Stops an assignment nobody needs any more. */
  withdraw(nonce: string): void {
    this.#end(nonce, new Withdrawn('withdrawn'))
  }

  /** Gives back what the node's owner does not want, as far as it has come. */
  refuse(isUnwanted: (assign: Assign) => boolean): void {
    for (const { assign } of [...this.#held.values()]) {
      if (isUnwanted(assign)) this.#end(assign.nonce, new Unwanted("the node's owner does not want it"))
    }
  }

  /** Ends everything that runs; resolves when every process is gone. */
  async stop(): Promise<void> {
    this.#stopping = true
    const all = [...this.#held.values()]
    for (const { assign } of all) this.#end(assign.nonce, new Stopping('the node stops'))
    await Promise.all(all.map(({ done }) => done))
  }

  /** What runs is stopped, and says so when its processes are gone; what waits is dropped now. */
  #end(nonce: string, why: Error): void {
    const held = this.#held.get(nonce)
    if (held === undefined) return
    if (held.startedAt !== null) {
      held.controller.abort(why)
      return
    }
    this.#drop(held)
    this.#failed(held, why)
  }

  #drop({ assign, overdue, events }: Held): void {
    clearTimeout(overdue)
    this.#held.delete(assign.nonce)
    if (this.isIdle) for (const listener of this.#idle) listener()
    if (this.#stopping) return
    this.#fill()
    events()?.freed()
  }

  /** Starts as many of those that wait as there are slots. */
  #fill(): void {
    const waiting = [...this.#held.values()].filter(({ startedAt }) => startedAt === null)
    let free = this.slots - (this.#held.size - waiting.length)
    while (free-- > 0 && waiting.length > 0) {
      const whose = this.allotments.next([...new Set(waiting.map(({ coordinator }) => coordinator))])
      const [held] = waiting.splice(
        waiting.findIndex(({ coordinator }) => coordinator === whose),
        1,
      )
      if (held !== undefined) this.#begin(held)
    }
  }

  #begin(held: Held): void {
    held.startedAt = Date.now()
    const since = performance.now()
    this.#c.listener?.began(held)
    held.done = this.#run(held).finally(() => {
      this.allotments.spent(held.coordinator, performance.now() - since)
      this.#drop(held)
    })
  }

  async #run(held: Held): Promise<void> {
    const { assign, program, coordinator, controller, events } = held
    const { sandbox, key, outbox, log, listener } = this.#c
    const { nonce, taskId, task } = assign
    try {
      const { parcel, execution } = await makeVerdict({ sandbox, key, coordinator }, assign, program, controller)
      await outbox.put(parcel)
      this.counts.finished++
      log.debug({ event: 'task-finished', nonce, task: taskId, executor: task.executor })
      listener?.finished(nonce, execution satisfies Execution)
      events()?.finished(parcel)
    } catch (error) {
      this.#failed(held, error as Error)
    }
  }

  #failed(held: Held, error: Error): void {
    const { assign, events } = held
    const { nonce } = assign
    const { log, listener } = this.#c
    const end = endOf(error)
    listener?.ended(held, end)
    if (end.how === 'withdrawn') {
      this.counts.withdrawn++
      log.debug({ event: 'task-withdrawn', nonce, detail: end.detail })
      return
    }
    const { reason, detail } = end
    this.counts.declined++
    if (reason !== 'shutting-down' && reason !== 'unwanted') log.error({ event: 'task-declined', nonce, reason, detail })
    events()?.declined(nonce, reason)
  }
}

function endOf(error: Error): RunEnd {
  const detail = error.message
  if (error instanceof Overdue) return { how: 'withdrawn', overdue: true, detail }
  if (error instanceof Withdrawn) return { how: 'withdrawn', overdue: false, detail }
  return { how: 'declined', reason: reasonOf(error), detail }
}

function reasonOf(error: Error): DeclineReason {
  if (error instanceof Stopping) return 'shutting-down'
  if (error instanceof Unwanted) return 'unwanted'
  if (error instanceof SandboxFault) return error.code
  // What is left is the outbox, which could not be written.
  return 'disk'
}
