import { Dispatcher } from '../../coordinator/dispatch/dispatcher.ts'
import { hasSameFill } from '../../coordinator/rules/judge.ts'
import type { Event } from '../../coordinator/state/events.ts'
import type { CaseEntry, RoundEntry } from '../../coordinator/state/model.ts'
import { nameTasks, type TaskNames } from '../../coordinator/state/needed.ts'
import { State } from '../../coordinator/state/state.ts'
import { dueDraws, dueExcuses } from '../../coordinator/trust/due.ts'
import { abilityFor, classOf, DEFAULT_TEST_MEMORY_BYTES, type RoundSpec, SIDES, type Side } from '../../protocol/index.ts'
import type { EventQueue } from './engine/queue.ts'
import type { Random } from './engine/random.ts'
import type { Meter } from './measure/meter.ts'
import type { Desk, Said, SimulatedNode } from './nodes/node.ts'
import type { Post } from './nodes/post.ts'
import type { Workload } from './world/workload.ts'

export interface CoordinatorComponents {
  queue: EventQueue
  meter: Meter
  post: Post
  random: Random
}

/** Who looks on. */
export interface Watcher {
  changed(event: Event): void
  /** A node came (1) or went (-1). */
  presence(node: SimulatedNode, sign: 1 | -1): void
}

/** How often deadlines are looked at, as in the work service. */
const TICK_MS = 1_000

/**
 * The coordinator of a simulated swarm: the production state, rules and dispatcher under a simulated network and clock.
 * What stands here instead of the work service and the comparer only carries messages and events between them.
 */
export class SimulatedCoordinator implements Desk {
  readonly state = new State()
  readonly #c: CoordinatorComponents
  readonly #dispatcher: Dispatcher
  readonly #nodes = new Map<string, SimulatedNode>()
  readonly #watcher: Watcher
  /** What batches and those who confirm are drawn by: a whole number less than so many. */
  readonly #lots: (below: number) => number
  /** Incidents that were acted upon. */
  #heeded = 0
  #awake = false

  constructor(components: CoordinatorComponents, watcher: Watcher) {
    this.#c = components
    this.#watcher = watcher
    const lots = components.random.split('lots')
    this.#lots = (below) => lots.integer(below)
    const nonces = components.random.split('nonces')
    const nonce = () =>
      Array.from({ length: 4 }, () =>
        nonces
          .integer(2 ** 32)
          .toString(16)
          .padStart(8, '0'),
      ).join('')
    this.#dispatcher = new Dispatcher({ state: this.state, nonce, random: this.#lots }, components.queue.now())
  }

  start(): void {
    this.#c.queue.after(TICK_MS, () => {
      for (const ended of this.#dispatcher.tick(this.#now)) this.#giveBack(ended)
      for (const excused of dueExcuses(this.state, this.#now)) this.#record(excused)
      this.#wake()
      this.start()
    })
  }

  /** Opens a round with all its cases and seals it. */
  async open(round: string, owner: string, spec: RoundSpec, workload: Workload): Promise<void> {
    const cases = workload.cases()
    const names = await nameTasks(spec, cases)
    this.#record({ t: 'round-opened', at: this.#now, round, owner, spec, casesDigest: round })
    this.#record({ t: 'cases-added', at: this.#now, round, from: 0, cases }, names)
    this.#record({ t: 'round-sealed', at: this.#now, round })
  }

  joined(node: SimulatedNode, holding: readonly string[]): void {
    const { id, operator } = node.profile
    this.#nodes.set(id, node)
    this.#watcher.presence(node, 1)
    const able = node.environments.flatMap((environment) =>
      environment.passes.map((pass) => [abilityFor({ ...environment, pass }), classOf(environment, pass)] as const),
    )
    const applicant = { node: id, operator, abilities: new Set(able.map(([ability]) => ability)), classes: new Map(able) }
    const memoryBytes = DEFAULT_TEST_MEMORY_BYTES
    for (const ended of this.#dispatcher.joined({ ...applicant, memoryBytes }, holding, this.#now)) this.#record(ended)
    this.#wake()
  }

  left(node: SimulatedNode): void {
    const { id } = node.profile
    if (!this.#nodes.delete(id)) return
    this.#watcher.presence(node, -1)
    this.#dispatcher.left(id, this.#now)
  }

  want({ profile }: SimulatedNode, credits: number): void {
    this.#dispatcher.wants(profile.id, credits)
    this.#wake()
  }

  async verdict(node: SimulatedNode, said: Said): Promise<void> {
    const { nonce } = said
    const { id } = node.profile
    const assignment = this.state.assignments.get(nonce)
    const entry = assignment === undefined ? undefined : this.state.tasks.get(assignment.task)
    if (assignment?.node !== id || entry === undefined) return node.acknowledge(nonce)
    const record = await this.#c.post.deliver(node, said, assignment, entry)
    if (record === 'cut') return node.cut()
    node.acknowledge(nonce)
    this.#dispatcher.learn(id, record !== 'refused', this.#now)
    if (record === 'refused') {
      this.#record({ t: 'ended', at: this.#now, nonce, how: 'expired', reason: 'rejected' })
      return
    }
    this.#record({ t: 'verdict', at: this.#now, ...record })
    this.#c.meter.counted(nonce)
    for (const ended of this.#dispatcher.unneeded(entry, this.#now)) this.#giveBack(ended)
  }

  get #now(): number {
    return this.#c.queue.now()
  }

  #giveBack(ended: Extract<Event, { t: 'ended' }>): void {
    const node = this.state.assignments.get(ended.nonce)?.node ?? ''
    this.#record(ended)
    this.#nodes.get(node)?.withdraw(ended.nonce)
  }

  #record(event: Event, names?: TaskNames): void {
    this.state.apply(event, names)
    this.#compareAll()
    this.#watcher.changed(event)
    this.#wake()
  }

  /** Gives out work once for all that asks for it in this instant. */
  #wake(): void {
    if (this.#awake) return
    this.#awake = true
    this.#c.queue.after(0, () => {
      this.#awake = false
      this.#draw()
      this.#heedIncidents()
      for (let given = this.#dispatcher.next(this.#now); given !== null; given = this.#dispatcher.next(this.#now)) {
        this.#record(given)
        const entry = this.state.tasks.get(given.task)
        if (entry !== undefined) this.#nodes.get(given.node)?.assign(given.nonce, entry)
      }
    })
  }

  /** Draws the checks of batches that are ripe. */
  #draw(): void {
    const due = () => dueDraws(this.state, this.#lots, this.#now)
    for (let drawn = due(); drawn.length > 0; drawn = due()) for (const event of drawn) this.#record(event)
  }

  /** What suspended operators hold is given to others. */
  #heedIncidents(): void {
    const { trust } = this.state
    const fresh = trust.incidentsAfter(this.#heeded)
    this.#heeded = trust.reported
    for (const { kind, nodes } of fresh) {
      if (kind === 'suspended') for (const ended of this.#dispatcher.takeBack(nodes, this.#now)) this.#giveBack(ended)
    }
  }

  /** As the comparer does; outputs are equal where their texts are, since no simulated value is near another one. */
  #compareAll(): void {
    for (const { round, index } of [...this.state.comparing.values()]) {
      const entry = this.state.rounds.get(round) as RoundEntry
      const item = entry.cases[index] as CaseEntry
      const equal = Array.from({ length: item.tests }, (_, test) => this.#equal(entry, item, test))
      const fill = (side: Side) => equal.map((_, test) => hasSameFill(this.state.evidence(entry, item, test)[side]))
      this.#record({ t: 'compared', at: this.#now, round, index, equal, fill: { cpp: fill('cpp'), cuda: fill('cuda') } })
    }
  }

  #equal(round: RoundEntry, item: CaseEntry, test: number): boolean | null {
    const evidence = this.state.evidence(round, item, test)
    const outputOf = (side: Side) => {
      const cell = evidence[side].strict.isolated
      return cell?.status === 'success' ? cell.output : null
    }
    const [a, b] = SIDES.map(outputOf)
    return a === null || b === null ? null : a === b
  }
}
