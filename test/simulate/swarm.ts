import { setImmediate } from 'node:timers/promises'
import type { Event } from '../../coordinator/state/events.ts'
import type { RoundEntry } from '../../coordinator/state/model.ts'
import type { RoundSpec } from '../../protocol/index.ts'
import { SimulatedCoordinator } from './coordinator.ts'
import { EventQueue } from './engine/queue.ts'
import type { Random } from './engine/random.ts'
import { Capacity, needed } from './measure/ideal.ts'
import { Meter } from './measure/meter.ts'
import { judgeRound, NOTHING, type Outcome, plus } from './measure/outcome.ts'
import { SimulatedNode } from './nodes/node.ts'
import { Post } from './nodes/post.ts'
import { type Disturbance, disturb, present } from './world/disturbance.ts'
import { type PopulationInit, populate } from './world/population.ts'
import { Workload, type WorkloadInit } from './world/workload.ts'

/** A round that a researcher asks for. */
export interface Asking {
  owner: string
  workload: WorkloadInit
}

export interface SwarmInit {
  population: PopulationInit
  spec: RoundSpec
  /** Verified before the rounds that are measured; null: the swarm is new. */
  history: Asking | null
  /** Opened together; these are measured. */
  rounds: readonly Asking[]
  disturbance: Disturbance | null
  signal: AbortSignal
}

/** When a swarm begins: any time will do. 2026-01-01. */
const BEGIN = Date.UTC(2026, 0, 1)
/** Share of the measured cases that are judged when the disturbance comes. */
const DISTURBED_AT = 0.3
const PROGRESS_STEP = 0.01
/** Steps between two looks at the world outside. */
const STEPS_AT_A_TIME = 4096
/** A round in which nothing has been judged for so long comes to no end any more. */
const STUCK_MS = 24 * 3_600_000

/** One swarm from its first round to the end of the last one that is measured. */
export class Swarm {
  readonly #init: SwarmInit
  readonly #random: Random
  readonly #queue = new EventQueue(BEGIN)
  readonly #meter = new Meter()
  readonly #capacity = new Capacity()
  readonly #coordinator: SimulatedCoordinator
  readonly #nodes: SimulatedNode[]
  readonly #workloads: Map<string, Workload>
  #disturbance: Disturbance | null
  #movedAt = BEGIN
  #openedAt = BEGIN
  #verdictsBefore = 0
  /** Seconds since the measured rounds were opened, and the share of their cases judged by then, in steps of a hundredth. */
  readonly progress: [number, number][] = []

  constructor(init: SwarmInit, random: Random) {
    this.#init = init
    this.#random = random
    this.#disturbance = init.disturbance
    const asked = [...(init.history === null ? [] : [init.history]), ...init.rounds]
    this.#workloads = new Map(asked.map(({ workload }) => [workload.name, new Workload(workload)]))
    const [queue, meter] = [this.#queue, this.#meter]
    this.#coordinator = new SimulatedCoordinator(
      { queue, meter, post: new Post(), random: random.split('coordinator') },
      {
        changed: (event) => this.#changed(event),
        presence: ({ profile }, sign) => this.#capacity.change(profile, sign, queue.now()),
      },
    )
    const workloads = [...this.#workloads.values()]
    const components = { queue, workloads, desk: this.#coordinator, meter, random: random.split('nodes') }
    this.#nodes = populate(init.population, random.split('population')).map((profile) => new SimulatedNode(components, profile))
  }

  /** Runs it to its end, or until the signal says to stop. */
  async run(): Promise<Outcome> {
    const { history, rounds, disturbance } = this.#init
    this.#coordinator.start()
    for (const node of present(this.#nodes, disturbance)) node.connect()
    if (history !== null) {
      await this.#open(history)
      await this.#until([history])
      this.#meter.reset()
    }
    this.#openedAt = this.#queue.now()
    this.#verdictsBefore = this.#coordinator.state.verdicts
    for (const asked of rounds) await this.#open(asked)
    await this.#until(rounds)
    return this.#measure(this.#openedAt)
  }

  async #open({ owner, workload }: Asking): Promise<void> {
    await this.#coordinator.open(workload.name, owner, this.#init.spec, this.#workload(workload.name))
    this.#movedAt = this.#queue.now()
  }

  async #until(asked: readonly Asking[]): Promise<void> {
    const rounds = asked.map(({ workload }) => this.#round(workload.name))
    for (let steps = 1; rounds.some(({ state }) => state === 'verifying') && !this.#init.signal.aborted; steps++) {
      if (this.#queue.now() - this.#movedAt > STUCK_MS) return
      await this.#queue.step()
      // Nothing here waits for the outside, so that without this no signal would ever arrive.
      if (steps % STEPS_AT_A_TIME === 0) await setImmediate()
    }
  }

  #changed({ t }: Event): void {
    if (t !== 'verdict' && t !== 'compared') return
    this.#movedAt = this.#queue.now()
    const judged = this.#judgedShare()
    if (judged >= (this.progress.at(-1)?.[1] ?? 0) + PROGRESS_STEP)
      this.progress.push([(this.#movedAt - this.#openedAt) / 1000, judged])
    if (this.#disturbance === null || judged < DISTURBED_AT) return
    disturb(this.#nodes, this.#disturbance, this.#queue, this.#random.split('disturbance'))
    this.#disturbance = null
  }

  #judgedShare(): number {
    const rounds = this.#init.rounds.map(({ workload }) => this.#coordinator.state.rounds.get(workload.name))
    const judged = rounds.reduce((sum, round) => sum + (round?.judged ?? 0), 0)
    return judged / rounds.reduce((sum, round) => sum + (round?.cases.length ?? 1), 0)
  }

  #measure(from: number): Outcome {
    const { state } = this.#coordinator
    const verdicts = state.verdicts - this.#verdictsBefore
    let outcome: Outcome = { ...NOTHING, swarms: 1, verdicts, wastedRatio: this.#meter.wastedRatio, ...this.#suspended() }
    let [workMs, chainMs] = [0, 0]
    for (const { workload } of this.#init.rounds) {
      const round = this.#round(workload.name)
      const least = needed(state, round, this.#workload(workload.name))
      workMs += least.workMs
      chainMs = Math.max(chainMs, least.chainMs)
      const unfinished = round.state === 'aggregated' ? 0 : 1
      outcome = plus(outcome, { ...NOTHING, ...judgeRound(state, round, this.#workload(workload.name)), unfinished })
    }
    const makespanMs = this.#queue.now() - from
    const fastest = Math.min(...this.#nodes.map(({ profile }) => profile.slowness))
    const idealMs = Math.max(this.#capacity.doneAt(from, workMs) - from, chainMs * fastest)
    return { ...outcome, makespanMs, makespanRatio: makespanMs / idealMs }
  }

  /** Operators that were suspended, whoever is behind them, from the swarm's first round on. */
  #suspended(): Pick<Outcome, 'healthySuspended' | 'caught'> {
    const healthy = new Set(this.#nodes.filter(({ profile }) => profile.behaviour.healthy).map(({ profile }) => profile.operator))
    const suspensions = this.#coordinator.state.trust.incidents.filter(({ kind }) => kind === 'suspended')
    const operators = [...new Set(suspensions.map(({ operator }) => operator))]
    const healthySuspended = operators.filter((operator) => healthy.has(operator)).length
    return { healthySuspended, caught: operators.length - healthySuspended }
  }

  #round(name: string): RoundEntry {
    return this.#coordinator.state.rounds.get(name) as RoundEntry
  }

  #workload(name: string): Workload {
    return this.#workloads.get(name) as Workload
  }
}
