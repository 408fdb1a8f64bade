import type { CellVote } from '../../../coordinator/rules/ballot.ts'
import type { TaskEntry } from '../../../coordinator/state/model.ts'
import { type Environment, Pass, type Resources } from '../../../protocol/index.ts'
import { UNMEASURED } from '../../../sandbox/types.ts'
import { ENVIRONMENT } from '../../support/environment.ts'
import type { EventQueue } from '../engine/queue.ts'
import type { Random } from '../engine/random.ts'
import type { Meter } from '../measure/meter.ts'
import type { Workload } from '../world/workload.ts'
import type { Behaviour } from './behaviour.ts'

/** What a node is, before anything has happened. */
export interface Profile {
  id: string
  operator: string
  behaviour: Behaviour
  cpu: string
  /** Tasks at a time. */
  slots: number
  /** How many times as long as the machine whose times were recorded. */
  slowness: number
  /** One way to the coordinator, milliseconds. */
  latencyMs: number
  region: number
}

/** What a node says about a task it ran. */
export interface Said {
  nonce: string
  cells: readonly CellVote[]
  environment: Environment
  resources: Resources
}

/** The coordinator as a node sees it. */
export interface Desk {
  joined(node: SimulatedNode, holding: readonly string[]): void
  left(node: SimulatedNode): void
  want(node: SimulatedNode, credits: number): void
  verdict(node: SimulatedNode, said: Said): void | Promise<void>
}

export interface NodeComponents {
  queue: EventQueue
  workloads: readonly Workload[]
  desk: Desk
  meter: Meter
  random: Random
}

/** Spread of one machine's times from run to run, as the deviation of the logarithm. */
const RUN_SPREAD = 0.1
/** Mean of what travel takes beyond a node's own latency, milliseconds. */
const JITTER_MS = 5
/** A cut node comes back after about this long. */
const RECONNECT_MS = 5_000

/**
 * A volunteer's node: asks for work for every free slot, runs it for as long as its machine takes, returns what its
 * behaviour says. As the real one it keeps running while it is cut off and sends what waits when it is back.
 */
export class SimulatedNode {
  readonly profile: Profile
  readonly environments: readonly Environment[]
  readonly #c: NodeComponents
  readonly #random: Random
  readonly #running = new Map<string, { startedAt: number; entry: TaskEntry }>()
  /** Verdicts that were not acknowledged. */
  readonly #outbox = new Map<string, Said>()
  #connected = false
  #gone = false
  #answered = 0
  /** When what was sent last arrives, by direction: a stream keeps its order. */
  readonly #arrives = { up: 0, down: 0 }

  constructor(components: NodeComponents, profile: Profile) {
    this.#c = components
    this.profile = profile
    this.#random = components.random.split(profile.id)
    this.environments = (['host', 'emulated'] as const).map((executor) => ({
      ...ENVIRONMENT,
      executor,
      passes: [...Pass.options],
      cpu: profile.cpu,
    }))
  }

  get isConnected(): boolean {
    return this.#connected
  }

  connect(): void {
    if (this.#connected || this.#gone) return
    this.#connected = true
    const holding = [...this.#running.keys(), ...this.#outbox.keys()]
    this.#up(() => this.#c.desk.joined(this, holding))
    for (const said of this.#outbox.values()) this.#up(() => this.#c.desk.verdict(this, said))
    const free = this.profile.slots - this.#running.size
    if (free > 0) this.#up(() => this.#c.desk.want(this, free))
  }

  /** The connection is gone; the machine goes on. */
  disconnect(): void {
    if (!this.#connected) return
    this.#connected = false
    this.#c.desk.left(this)
  }

  /** The coordinator ended the connection; it is tried again, as nodes do. */
  cut(): void {
    this.disconnect()
    this.#c.queue.after(RECONNECT_MS * (0.5 + this.#random.uniform()), () => this.connect())
  }

  /** Leaves for good without a word. */
  vanish(): void {
    this.#gone = true
    this.disconnect()
    for (const nonce of [...this.#running.keys()]) this.#stop(nonce)
  }

  /** Takes a task, as the coordinator says; it travels first. */
  assign(nonce: string, entry: TaskEntry): void {
    this.#down(() => {
      if (this.#gone) return
      this.#running.set(nonce, { startedAt: this.#c.queue.now(), entry })
      const { behaviour, slowness } = this.profile
      const ms = this.#workloadOf(entry).taskMs(entry.task) * slowness * behaviour.effort
      this.#c.queue.after(ms * this.#random.logNormal(1, RUN_SPREAD), () => this.#finish(nonce))
    })
  }

  /** A verdict was accepted or refused: it need not be sent again. */
  acknowledge(nonce: string): void {
    this.#down(() => this.#outbox.delete(nonce))
  }

  withdraw(nonce: string): void {
    this.#down(() => {
      if (this.#stop(nonce)) this.#free()
    })
  }

  /** Ends a run, whether it came to its end or not. @returns false when it does not run */
  #stop(nonce: string): boolean {
    const run = this.#running.get(nonce)
    if (run === undefined) return false
    this.#running.delete(nonce)
    if (this.profile.behaviour.healthy) this.#c.meter.ran(nonce, this.#c.queue.now() - run.startedAt)
    return true
  }

  #finish(nonce: string): void {
    const run = this.#running.get(nonce)
    if (run === undefined) return
    const cells = this.#answer(run.entry)
    // Who never answers never has the slot free again either.
    if (cells === null) return
    this.#stop(nonce)
    this.#answered++
    const took = Math.round(this.#c.queue.now() - run.startedAt) + this.profile.behaviour.clockOffMs
    const environment = this.environments.find(({ executor }) => executor === run.entry.task.executor) as Environment
    const said = { nonce, cells, environment, resources: { compileMs: 0, runMs: took, ...UNMEASURED } }
    this.#outbox.set(nonce, said)
    this.#up(() => this.#c.desk.verdict(this, said))
    this.#free()
  }

  #answer(entry: TaskEntry): readonly CellVote[] | null {
    const workload = this.#workloadOf(entry)
    const tests = Array.from({ length: entry.tests }, (_, test) => test)
    return this.profile.behaviour.answer({
      node: this.profile.id,
      entry,
      ran: tests.map((test) => this.#random.pick(workload.possible(entry.task, test, this.profile.cpu))),
      guess: tests.map((test) => workload.likeliest(entry.task, test)),
      answered: this.#answered,
      random: this.#random,
    })
  }

  #workloadOf({ task }: TaskEntry): Workload {
    const workload = this.#c.workloads.find((one) => one.has(task))
    if (workload === undefined) throw new Error(`no workload has ${task.program}`)
    return workload
  }

  #free(): void {
    this.#up(() => this.#c.desk.want(this, 1))
  }

  /** Says something to the coordinator; what is under way when the connection ends is lost with it. */
  #up(say: () => void | Promise<void>): void {
    this.#travel('up', say)
  }

  #down(hear: () => unknown): void {
    this.#travel('down', () => {
      hear()
    })
  }

  #travel(direction: 'up' | 'down', arrive: () => void | Promise<void>): void {
    if (!this.#connected) return
    const { queue } = this.#c
    const at = Math.max(this.#arrives[direction], queue.now() + this.profile.latencyMs + this.#random.exponential(JITTER_MS))
    this.#arrives[direction] = at
    queue.after(at - queue.now(), () => (this.#connected ? arrive() : undefined))
  }
}
