import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Preferences } from '../preferences/preferences.ts'
import type { BandMemory } from './bands.ts'
import { decide } from './decide.ts'
import { type Facts, NO_FACTS, unknown } from './facts.ts'
import { NO_ORDERS, type Orders, type OrdersFile } from './orders.ts'
import type { Gate, Permission } from './permission.ts'
import type { Source } from './sources/source.ts'

/** How often sources are asked whose time has come: how long somebody who comes back waits for his machine. */
export const LOOK_EVERY_MS = 5_000
/** A source that takes longer says nothing. nvidia-smi takes seconds where it wakes the driver. */
const LONGEST_LOOK_MS = 20_000
/** How long a start waits for what is slow. Until it has answered its facts are unknown. */
const FIRST_LOOK_MS = 10_000
/** Sources end by their signal; one that does not is not waited for. */
const CLOSING_MS = 1_000
/** Longest snooze, minutes: what is longer is a pause. */
const MAX_SNOOZE_MINUTES = 7 * 24 * 60

export interface ConditionsComponents {
  preferences: Pick<Preferences, 'value' | 'onChange' | 'refresh' | 'set'>
  orders: Pick<OrdersFile, 'read' | 'write'>
  sources: readonly Source[]
  log: Logger
}

export interface ConditionsInit {
  /** Of the machine. */
  memoryBytes: number
  /**
   * The clock, milliseconds.
   * @default Date.now
   */
  now?: () => number
}

/** Watches machine, preferences and what its owner says, and tells what the node may do. */
export class Conditions implements Gate, AsyncDisposable {
  readonly #c: ConditionsComponents
  readonly #memoryBytes: number
  readonly #now: () => number
  readonly #listeners = new Set<() => void>()
  readonly #askedAt = new Map<Source, number>()
  readonly #asking = new Map<Source, Promise<void>>()
  readonly #closed = new AbortController()
  readonly #stopListening: () => void
  #facts: Facts = NO_FACTS
  #orders: Orders
  #bands: BandMemory = new Map()
  #permission: Permission
  #timer: NodeJS.Timeout | undefined

  private constructor(components: ConditionsComponents, init: ConditionsInit, orders: Orders) {
    this.#c = components
    this.#memoryBytes = init.memoryBytes
    this.#now = init.now ?? Date.now
    this.#orders = orders
    this.#permission = this.#decide()
    this.#stopListening = components.preferences.onChange(() => this.#consider())
  }

  /**
   * Looks at everything once. Afterwards it looks by itself, if `watch` is called.
   * @throws UsageError where the orders of its owner cannot be read
   */
  static async open(components: ConditionsComponents, init: ConditionsInit): Promise<Conditions> {
    const conditions = new Conditions(components, init, await components.orders.read())
    await Promise.race([conditions.look(), sleep(FIRST_LOOK_MS, undefined, { ref: false })])
    return conditions
  }

  get permission(): Permission {
    return this.#permission
  }

  /** What was seen last. */
  get facts(): Facts {
    return this.#facts
  }

  get orders(): Orders {
    return this.#orders
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Looks from now on by itself, until closed. */
  watch(): void {
    this.#timer ??= setInterval(() => void this.look(), LOOK_EVERY_MS)
    this.#timer.unref()
  }

  /** Asks the sources whose time has come, and decides anew. Never throws: a source that fails has facts that are unknown. */
  async look(): Promise<void> {
    const { preferences, sources } = this.#c
    await preferences.refresh()
    const now = this.#now()
    const due = sources.filter((source) => {
      const every = source.everyMs(preferences.value)
      return !this.#asking.has(source) && now - (this.#askedAt.get(source) ?? Number.NEGATIVE_INFINITY) >= every
    })
    this.#consider()
    await Promise.all(due.map((source) => this.#ask(source, now)))
  }

  /** Nothing runs, and nothing is taken, until `resume`, also over restarts. @throws UsageError when it cannot be written down */
  async pause(): Promise<void> {
    await this.#order({ paused: true })
  }

  /** Takes back pause, snooze and every order to end. @throws UsageError */
  async resume(): Promise<void> {
    await this.#order(NO_ORDERS)
  }

  /** A pause that ends by itself. @returns when, milliseconds of the clock. @throws RangeError, UsageError */
  async snooze(minutes: number): Promise<number> {
    if (!(minutes > 0 && minutes <= MAX_SNOOZE_MINUTES)) throw new RangeError(`expected 1 to ${MAX_SNOOZE_MINUTES} minutes`)
    const until = this.#now() + minutes * 60_000
    await this.#order({ snoozedUntil: until })
    return until
  }

  /** Takes no more work, and leaves when nothing runs any more. */
  async finish(): Promise<void> {
    await this.#order({ finishing: true })
  }

  /** The same after so many more tasks. @throws RangeError */
  async finishAfter(tasks: number): Promise<void> {
    if (!(Number.isInteger(tasks) && tasks >= 0)) throw new RangeError('expected a number of tasks')
    await this.#order({ tasksLeft: tasks })
  }

  /** The same from a time on, milliseconds of the clock. */
  async finishAt(at: number): Promise<void> {
    await this.#order({ finishAt: at })
  }

  /** Switches a GPU on or off, in the preferences. @param name index or UUID. @throws UsageError */
  async switchGpu(name: string, on: boolean): Promise<void> {
    const { preferences } = this.#c
    const gpus = this.#facts.gpus.known ? (this.#facts.gpus.value ?? []) : []
    const gpu = gpus.find(({ index, uuid }) => String(index) === name || uuid === name)
    const same = new Set([name, ...(gpu === undefined ? [] : [String(gpu.index), gpu.uuid])])
    const others = preferences.value.gpu.off.filter((off) => !same.has(off))
    await preferences.set(['gpu', 'off'], on ? others : [...others, gpu?.uuid ?? name])
  }

  taskEnded(): void {
    const { tasksLeft } = this.#orders
    if (tasksLeft === null || tasksLeft === 0) return
    this.#orders = { ...this.#orders, tasksLeft: tasksLeft - 1 }
    this.#consider()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer)
    this.#closed.abort(new Error('closed'))
    this.#stopListening()
    await Promise.race([Promise.all(this.#asking.values()), sleep(CLOSING_MS, undefined, { ref: false })])
    this.#listeners.clear()
  }

  /** Holds at once; is on disk when it resolves. */
  async #order(change: Partial<Orders>): Promise<void> {
    this.#orders = { ...this.#orders, ...change }
    this.#consider()
    await this.#c.orders.write(this.#orders)
  }

  async #ask(source: Source, now: number): Promise<void> {
    this.#askedAt.set(source, now)
    const { value } = this.#c.preferences
    const late = AbortSignal.timeout(source.longestMs?.(value) ?? LONGEST_LOOK_MS)
    const signal = AbortSignal.any([this.#closed.signal, late])
    const asked = source.look(value, now, { signal }).catch((error: Error) => this.#unknown(source, error))
    // One that does not even end by its signal is not asked again before it has.
    this.#asking.set(
      source,
      asked.then(() => void this.#asking.delete(source)),
    )
    const seen = await Promise.race([asked, aborted(signal)])
    this.#facts = { ...this.#facts, ...(seen ?? this.#unknown(source, signal.reason as Error)) }
    this.#consider()
  }

  #unknown(source: Source, error: Error): Partial<Facts> {
    const why = error.name === 'TimeoutError' ? `${source.name} does not answer` : error.message
    return Object.fromEntries(source.tells.map((name) => [name, unknown(why)]))
  }

  #consider(): void {
    if (this.#closed.signal.aborted) return
    const before = textOf(this.#permission)
    this.#permission = this.#decide()
    if (textOf(this.#permission) === before) return
    this.#c.log.debug({ event: 'permission', ...this.#permission, gpus: Object.fromEntries(this.#permission.gpus) })
    for (const listener of this.#listeners) listener()
  }

  #decide(): Permission {
    const situation = {
      preferences: this.#c.preferences.value,
      orders: this.#orders,
      facts: this.#facts,
      memoryBytes: this.#memoryBytes,
    }
    const { permission, memory } = decide(situation, this.#now(), this.#bands)
    this.#bands = memory
    return permission
  }
}

/** Resolves to null when the signal aborts. */
function aborted(signal: AbortSignal): Promise<null> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(null)
    signal.addEventListener('abort', () => resolve(null), { once: true })
  })
}

function textOf({ gpus, ...rest }: Permission): string {
  return JSON.stringify([rest, [...gpus]])
}
