import { join } from 'node:path'
import type { Logger } from 'pino'
import { loadIdentity, makeFolder, peerIdOf, VERSION } from '../../protocol/index.ts'
import type { MachineSandbox } from '../../sandbox/index.ts'
import { Conditions } from '../conditions/conditions.ts'
import { OrdersFile } from '../conditions/orders.ts'
import { machineSources } from '../conditions/sources/machine.ts'
import { History } from '../history/history.ts'
import type { RunRecord } from '../history/record.ts'
import { machineMemoryBytes } from '../memory.ts'
import { Preferences } from '../preferences/preferences.ts'
import { readRefusals } from '../refusals.ts'
import { Volunteer, type VolunteerInit, type VolunteerParts } from '../volunteer.ts'
import { claim, release } from './claim.ts'
import { startControl } from './control.ts'
import type { Face } from './face.ts'
import { RUNS_LOOKED_AT } from './limits.ts'
import { type PageServer, startPage } from './page.ts'
import {
  explain,
  gpuFacts,
  gpuNotes,
  type NodeStatus,
  type Phase,
  REJECTED_SHOWN,
  type RejectedStatus,
  rejectedStatus,
  runningStatus,
} from './status.ts'

/** What its owner does not want, in the data folder. */
export const REFUSALS_FILE = 'refused.json'
const ORDERS_FILE = 'orders.json'

export interface DaemonInit extends Pick<VolunteerInit, 'data' | 'coordinator' | 'lan' | 'slots' | 'memoryBytes' | 'name'> {
  /** How long what ran is kept, milliseconds. @default HISTORY_MS */
  historyMs?: number
  /** Folder of compiled programs. */
  cache: string
  /** Where the page is served; null: nowhere. A port that is taken is replaced by a free one. */
  page: { port: number } | null
  log: Logger
  /** Has it end, as `requestStop` does, also while it starts. */
  signal: AbortSignal
}

/** Its owner wanted it to end before it had begun: what was being tested then goes with the process. */
export class EndedEarly extends Error {}

/**
 * A node as its owner has it: one a data folder, to be asked and told things by a socket in that folder and by a page on this
 * machine, within the owner's preferences. Parts are started in the order in which they need each other, the socket before the
 * sandbox is tested, and stopped in the reverse one.
 */
export class Daemon implements Face, AsyncDisposable {
  readonly #init: DaemonInit
  readonly #preferences: Preferences
  readonly #conditions: Conditions
  readonly #history: History
  readonly #parts: (() => Promise<unknown>)[]
  readonly #startedAt = Date.now()
  readonly #wanted = Promise.withResolvers<string>()
  #sandbox: MachineSandbox | null = null
  #volunteer: Volunteer | null = null
  #page: PageServer | null = null
  #phase: Phase = 'testing'
  #node: string | null = null
  #rejected: readonly RejectedStatus[] | null = null
  #stopped: Promise<void> | null = null

  private constructor(
    init: DaemonInit,
    preferences: Preferences,
    conditions: Conditions,
    history: History,
    parts: (() => Promise<unknown>)[],
  ) {
    this.#init = init
    this.#preferences = preferences
    this.#conditions = conditions
    this.#history = history
    this.#parts = parts
  }

  /**
   * Starts a node on its folder. `openSandbox` opens and tests the sandbox; it throws where this machine is not to join.
   * @throws UsageError naming what cannot be used, and the process that has the folder
   * @throws EndedEarly
   */
  static async start(init: DaemonInit, openSandbox: () => Promise<MachineSandbox>): Promise<Daemon> {
    const { data, log } = init
    const parts: (() => Promise<unknown>)[] = []
    try {
      await makeFolder(data, { secret: true })
      const outbox = await claim(data)
      // The volunteer closes it, once there is one; it may be closed twice.
      parts.unshift(async () => {
        await outbox.close()
        await release(data)
      })
      const preferences = await Preferences.open(data, { log })
      parts.unshift(async () => preferences[Symbol.dispose]())
      const orders = new OrdersFile(join(data, ORDERS_FILE))
      const daemons: Daemon[] = []
      const isGpuBusy = () => daemons[0]?.isGpuBusy ?? false
      const { sources, network } = await machineSources({ data, cache: init.cache, isGpuBusy })
      const memoryBytes = machineMemoryBytes()
      const conditions = await Conditions.open({ preferences, orders, sources, log }, { memoryBytes })
      parts.unshift(() => conditions[Symbol.asyncDispose]())
      conditions.watch()
      const history = await History.open(join(data, 'history'), {
        log,
        ...(init.historyMs === undefined ? {} : { keepMs: init.historyMs }),
      })
      parts.unshift(() => history.close())
      const daemon = new Daemon(init, preferences, conditions, history, parts)
      daemons.push(daemon)
      await daemon.#begin({ outbox, onBytes: (bytes) => network.count(bytes) }, openSandbox)
      return daemon
    } catch (error) {
      await stopAll(parts)
      throw error
    }
  }

  /** Resolves to why, when its owner wants it to end, or it has finished what it was to finish. */
  get wanted(): Promise<string> {
    return this.#wanted.promise
  }

  get history(): History {
    return this.#history
  }

  get conditions(): Conditions {
    return this.#conditions
  }

  /** Whether a program of ours is on a GPU now. */
  get isGpuBusy(): boolean {
    return this.#volunteer?.work.running.some(({ assign }) => assign.task.executor === 'gpu') ?? false
  }

  /** Takes effect when whoever runs it hears of it. */
  requestStop(why = 'stopped by its owner'): void {
    this.#phase = 'stopping'
    this.#wanted.resolve(why)
  }

  /** Ends a pause, whoever has made it. @throws UsageError when it cannot be written down */
  async resume(): Promise<void> {
    await this.#conditions.resume()
    this.#volunteer?.resume()
  }

  /** Reads anew what its owner does not want, and gives back what of it there is. @throws UsageError */
  async readRefusals(): Promise<void> {
    this.#volunteer?.refuse(await readRefusals(join(this.#init.data, REFUSALS_FILE)))
  }

  async status(): Promise<NodeStatus> {
    const { data } = this.#init
    const { permission, facts } = this.#conditions
    const volunteer = this.#volunteer
    const sandbox = this.#sandbox
    const running = volunteer?.work.running ?? []
    const coordinators = volunteer?.memberships ?? []
    const situation = { phase: this.#phase, running: running.length, permission, coordinators }
    const gpu = sandbox?.executors.includes('gpu') ? (sandbox.environment('gpu').gpu?.model ?? null) : null
    return {
      v: 1,
      version: VERSION,
      pid: process.pid,
      node: this.#node,
      data,
      startedAt: this.#startedAt,
      phase: this.#phase,
      ...explain({ ...situation, pause: volunteer?.losses.pause ?? null }),
      notes: [...this.#notes()],
      slots: volunteer?.work.slots ?? this.#init.slots,
      running: running.map((one) => runningStatus(one, gpu)),
      tally: { ...this.#history.tally },
      rejected: await this.#rejectedLately(),
      coordinators,
      executors: sandbox?.executors ?? [],
      gpu: sandbox?.gpu ?? null,
      gpus: gpuFacts(facts.gpus, permission),
      limits: permission.limits,
      page: this.#page?.url ?? null,
    }
  }

  /** Runs that fit, the newest first; at most so many, of the last ones. */
  async runs(limit: number, fits: (record: RunRecord) => boolean = () => true): Promise<RunRecord[]> {
    const found: RunRecord[] = []
    let looked = 0
    for await (const record of this.#history.runs()) {
      if (fits(record)) found.push(record)
      if (found.length >= limit || ++looked >= RUNS_LOOKED_AT) break
    }
    return found
  }

  /** Ends what runs, gives it back, and leaves. May be called twice. */
  async stop(): Promise<void> {
    this.#phase = 'stopping'
    this.#stopped ??= stopAll(this.#parts)
    await this.#stopped
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  async #begin(given: Pick<VolunteerParts, 'outbox' | 'onBytes'>, openSandbox: () => Promise<MachineSandbox>): Promise<void> {
    const { data, coordinator, lan = false, slots, memoryBytes, name, log, page, signal } = this.#init
    const onAbort = () => this.requestStop('a signal')
    signal.addEventListener('abort', onAbort, { once: true })
    this.#parts.unshift(async () => signal.removeEventListener('abort', onAbort))
    if (signal.aborted) onAbort()
    this.#node = peerIdOf(await loadIdentity(join(data, 'node.key')))
    const control = await startControl(data, this)
    this.#parts.unshift(() => control.close())
    const refusals = await readRefusals(join(data, REFUSALS_FILE))
    const wanted = this.wanted.then((why) => Promise.reject(new EndedEarly(why)))
    wanted.catch(() => {})
    const sandbox = await Promise.race([openSandbox(), wanted])
    this.#sandbox = sandbox
    const room = { ...(memoryBytes === undefined ? {} : { memoryBytes }), ...(name === undefined ? {} : { name }) }
    const parts = { ...given, sandbox, history: this.#history, gate: this.#conditions }
    const volunteer = await Volunteer.start({ data, coordinator, lan, slots, ...room, refusals, log }, parts)
    this.#parts.unshift(() => volunteer.stop())
    this.#volunteer = volunteer
    if (page !== null) {
      const server = await startPage(data, this, page)
      this.#page = server
      this.#parts.unshift(() => server.close())
    }
    if (this.#phase === 'testing') this.#phase = 'working'
    this.#followLeaving(volunteer)
  }

  /** Its owner wants it to end when nothing runs any more. */
  #followLeaving(volunteer: Volunteer): void {
    const look = () => {
      if (this.#conditions.permission.leaving && volunteer.work.isIdle) this.#wanted.resolve('it has finished')
    }
    const ends = [this.#conditions.onChange(look), volunteer.work.onIdle(look)]
    this.#parts.unshift(async () => {
      for (const end of ends) end()
    })
    look()
  }

  *#notes(): Generator<string> {
    const { problem } = this.#preferences
    if (problem !== null) yield `The preferences file is not right, and what held before goes on: ${problem}`
    if (this.#sandbox !== null) yield* gpuNotes(this.#sandbox.gpu, this.#sandbox.executors)
    if (this.#history.dropped > 0) yield `Of what ran ${this.#history.dropped} entries could not be kept (see the log).`
    for (const { notices } of this.#volunteer?.memberships ?? []) if (notices[0] !== undefined) yield notices[0].message
  }

  async #rejectedLately(): Promise<readonly RejectedStatus[]> {
    const { tally } = this.#history
    // A pass over what ran is worth it only where there is something to find.
    if (tally.rejected + tally.disagreed === 0) return []
    const found = await this.runs(REJECTED_SHOWN, (record) => rejectedStatus(record) !== null)
    return found.flatMap((record) => rejectedStatus(record) ?? [])
  }
}

/** Stops every part even when one fails, then reports all that failed. */
async function stopAll(parts: (() => Promise<unknown>)[]): Promise<void> {
  const errors: unknown[] = []
  for (const stop of parts.splice(0)) await stop().catch((error: unknown) => errors.push(error))
  if (errors.length > 0) throw new AggregateError(errors, 'some parts of the node did not stop cleanly')
}
