import type { PrivateKey } from '@libp2p/interface'
import type { Logger } from 'pino'
import { type Assign, type DeclineReason, MAX_CREDITS, type Program } from '../protocol/index.ts'
import { type Execution, type Sandbox, SandboxFault } from '../sandbox/index.ts'
import { Allotments } from './allotments.ts'
import { type Gate, mayRun, OPEN_GATE, type Permission } from './conditions/permission.ts'
import type { Outbox, Parcel } from './outbox.ts'
import { makeVerdict } from './runner.ts'
import type { Job, RunEnd, RunListener } from './runs.ts'

/**
 * How long an assignment is kept that may not run for now: long enough for a page that somebody looks up. After that others get it.
 */
export const HOLD_MS = 60_000
/** A stop waits so long for programs to be gone; a driver may hold one for longer. Then it is given back all the same. */
export const STOP_MS = 1_500
/** Of the GPU: one program has it, the next makes its context. What is built beyond them waits in a slot of the processor. */
const GPU_SLOTS = 2

export interface WorkComponents {
  sandbox: Sandbox
  key: PrivateKey
  outbox: Pick<Outbox, 'put'>
  log: Logger
  /** Whoever keeps what ran. */
  listener?: RunListener
  /** What may run, and how much. @default OPEN_GATE */
  gate?: Gate
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
/** It may not run any more: its run is ended, and begun anew when it may. */
class Suspended extends Error {}

interface Held extends Job {
  events: () => WorkEvents | null
  controller: AbortController
  overdue: NodeJS.Timeout
  /** Milliseconds since 1970; null while it waits for a slot. */
  startedAt: number | null
  /** Whether it is built, and has only the GPU to wait for. */
  built: boolean
  /** Whether the listener knows of it: begun anew it is the same run. */
  told: boolean
  /** Gives it back after a while in which it may not run. */
  hold: NodeJS.Timeout | undefined
  /** Why it has ended for good, also where its processes are not gone yet. */
  ended: Error | null
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
 *
 * A program for the GPU is built in a slot as any, and then moves to one of the GPU's own: while it waits for the GPU and runs
 * there, others are built and run on the processor.
 *
 * Programs run only while the gate says so. One that may not any more is ended with all its processes, and begun anew when it may,
 * or given back: there is no verdict of a run that was stopped.
 */
export class Work {
  readonly slots: number
  readonly allotments: Allotments
  readonly #c: WorkComponents
  readonly #gate: Gate
  readonly #stopListening: () => void
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
    this.#gate = components.gate ?? OPEN_GATE
    this.#stopListening = this.#gate.onChange(() => {
      this.#suspend()
      this.#fill()
    })
  }

  /** Nonces of what is held of a coordinator, whether it has begun or waits for a slot. */
  heldOf(coordinator: string): string[] {
    return [...this.#held.values()].filter((held) => held.coordinator === coordinator).map(({ assign }) => assign.nonce)
  }

  /** Most assignments that may be under way with a coordinator now, those asked for included. */
  limit(coordinator: string): number {
    const { take, limits } = this.#gate.permission
    if (!take.may) return 0
    const own = Math.min(this.allotments.limit(coordinator), slotsOf(this.slots, this.#gate.permission))
    const most = Math.min(own + this.#onGpu(coordinator), MAX_CREDITS)
    if (limits.tasksLeft === null) return most
    const others = this.#held.size - this.heldOf(coordinator).length + this.allotments.askedOfOthers(coordinator)
    return Math.min(most, limits.tasksLeft - others)
  }

  /** How many of a coordinator's are in slots of the GPU. */
  #onGpu(coordinator: string): number {
    const built = [...this.#held.values()].filter((held) => held.built)
    return built.slice(0, GPU_SLOTS).filter((held) => held.coordinator === coordinator).length
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
    const overdue = setTimeout(() => this.#overdue(assign.nonce), assign.deadlineMs)
    const held: Held = {
      ...{ assign, program, coordinator, events, controller, overdue },
      ...{ startedAt: null, built: false, told: false, hold: undefined, ended: null, done: Promise.resolve() },
    }
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

  /** Ends everything that runs, and gives it back; resolves when every process is gone, or after `STOP_MS`. */
  async stop(): Promise<void> {
    this.#stopping = true
    this.#stopListening()
    const why = new Stopping('the node stops')
    const all = [...this.#held.values()]
    for (const { assign } of all) this.#end(assign.nonce, why)
    const { promise: late, resolve } = Promise.withResolvers<void>()
    const clock = setTimeout(resolve, STOP_MS)
    await Promise.race([Promise.all(all.map(({ done }) => done)), late])
    clearTimeout(clock)
    for (const held of [...this.#held.values()]) {
      this.#drop(held)
      this.#failed(held, why)
    }
  }

  /** One that was late because it might not run is no loss. */
  #overdue(nonce: string): void {
    const mayNot = this.#held.get(nonce)?.hold !== undefined
    this.#end(nonce, mayNot ? new Stopping('it may not run for now') : new Overdue('past its deadline'))
  }

  /** What runs is stopped, and says so when its processes are gone; what waits is dropped now. */
  #end(nonce: string, why: Error): void {
    const held = this.#held.get(nonce)
    if (held === undefined) return
    held.ended ??= why
    if (held.startedAt !== null) {
      held.controller.abort(why)
      return
    }
    this.#drop(held)
    this.#failed(held, why)
  }

  #drop({ assign, overdue, hold, events }: Held): void {
    clearTimeout(overdue)
    clearTimeout(hold)
    this.#held.delete(assign.nonce)
    if (this.isIdle) for (const listener of this.#idle) listener()
    if (this.#stopping) return
    this.#fill()
    events()?.freed()
  }

  /** Stops what may not run any more, the last ones where it is only too much. */
  #suspend(): void {
    const budget = new Budget(this.slots, this.#gate.permission)
    for (const held of this.#held.values()) {
      if (held.startedAt === null) continue
      if (!this.#may(held) || !budget.take(held)) held.controller.abort(new Suspended('it may not run for now'))
    }
  }

  /** Starts as many of those that wait as there are slots, and memory, and may run. */
  #fill(): void {
    if (this.#stopping) return
    const budget = new Budget(this.slots, this.#gate.permission)
    const waiting: Held[] = []
    for (const held of this.#held.values()) {
      if (held.startedAt !== null) budget.take(held)
      else if (this.#may(held)) waiting.push(held)
      else held.hold ??= setTimeout(() => this.#end(held.assign.nonce, new Stopping('it may not run for now')), HOLD_MS)
    }
    while (waiting.length > 0) {
      const whose = this.allotments.next([...new Set(waiting.map(({ coordinator }) => coordinator))])
      const [held] = waiting.splice(
        waiting.findIndex(({ coordinator }) => coordinator === whose),
        1,
      )
      if (held !== undefined && budget.take(held)) this.#begin(held)
    }
  }

  #may({ assign }: Held): boolean {
    return mayRun(this.#gate.permission, assign.task.executor, this.#c.sandbox.gpuUuid ?? null).may
  }

  #begin(held: Held): void {
    held.startedAt = Date.now()
    const since = performance.now()
    clearTimeout(held.hold)
    held.hold = undefined
    if (!held.told) this.#c.listener?.began(held)
    held.told = true
    held.done = this.#run(held).then((end) => {
      this.allotments.spent(held.coordinator, performance.now() - since)
      if (end === 'over') this.#drop(held)
      else this.#wait(held)
    })
  }

  /** @returns `suspended` where it was ended because it may not run for now. It never throws */
  async #run(held: Held): Promise<'over' | 'suspended'> {
    const { assign, program, coordinator, controller, events } = held
    const { sandbox, key, outbox, log, listener } = this.#c
    const { nonce, taskId, task } = assign
    try {
      const options = { signal: controller.signal, onBuilt: () => this.#built(held) }
      const { parcel, execution } = await makeVerdict({ sandbox, key, coordinator }, assign, program, options)
      await outbox.put(parcel)
      this.counts.finished++
      this.#gate.taskEnded()
      log.debug({ event: 'task-finished', nonce, task: taskId, executor: task.executor })
      listener?.finished(nonce, execution satisfies Execution)
      events()?.finished(parcel)
    } catch (error) {
      if (controller.signal.reason instanceof Suspended && held.ended === null) return 'suspended'
      // Given back already, where a stop has not waited for it.
      if (this.#held.get(nonce) === held) this.#failed(held, held.ended ?? (error as Error))
    }
    return 'over'
  }

  /** Its slot of the processor is free, where the GPU has one for it. */
  #built(held: Held): void {
    if (this.#stopping) return
    held.built = true
    this.#fill()
    held.events()?.freed()
  }

  /** It waits for its next turn. */
  #wait(held: Held): void {
    held.controller = new AbortController()
    held.startedAt = null
    held.built = false
    this.#c.log.debug({ event: 'task-suspended', nonce: held.assign.nonce })
    // Ended for good since: what waits is dropped at once.
    if (held.ended !== null) this.#end(held.assign.nonce, held.ended)
    this.#fill()
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

function slotsOf(slots: number, { limits }: Permission): number {
  return Math.max(1, Math.floor(slots * limits.slotShare))
}

/** Slots and memory that are left. */
class Budget {
  #slots: number
  #gpuSlots = GPU_SLOTS
  #bytes: number
  constructor(slots: number, permission: Permission) {
    this.#slots = slotsOf(slots, permission)
    this.#bytes = permission.limits.memoryBytes
  }

  /** Takes what an assignment may use, if there is as much. */
  take({ assign, built }: Held): boolean {
    const { memoryBytes } = assign.task.limits
    const onGpu = built && this.#gpuSlots > 0
    if ((!onGpu && this.#slots < 1) || this.#bytes < memoryBytes) return false
    if (onGpu) this.#gpuSlots -= 1
    else this.#slots -= 1
    this.#bytes -= memoryBytes
    return true
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
