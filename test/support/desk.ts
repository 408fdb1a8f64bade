import { type AssignedEvent, Dispatcher, type EndedEvent } from '../../coordinator/dispatch/dispatcher.ts'
import type { CellVote } from '../../coordinator/rules/ballot.ts'
import type { Applicant } from '../../coordinator/rules/dispatch.ts'
import type { CaseRecord, Event } from '../../coordinator/state/events.ts'
import type { NodeEntry, TaskEntry } from '../../coordinator/state/model.ts'
import { nameTasks } from '../../coordinator/state/needed.ts'
import { State } from '../../coordinator/state/state.ts'
import { ROUND_DEFAULTS, type RoundSpec } from '../../protocol/index.ts'
import { UNMEASURED } from '../../sandbox/types.ts'
import { ENVIRONMENT } from './environment.ts'

/** Plain runs only, of programs that print words. */
const SPEC: RoundSpec = { ...ROUND_DEFAULTS, rule: 'compat', passes: [], compare: { kind: 'exact' }, v: 1, name: 'r' }

export interface NodeInit {
  operator?: string
  /** @default both executors, plain runs */
  abilities?: readonly string[]
  class?: string
  memoryBytes?: number
  holding?: readonly string[]
}

/** A dispatcher and its state, without a network: time passes when it is told to. */
export class Desk {
  state = new State()
  now = 1_000_000
  dispatcher: Dispatcher
  /** All that was recorded. */
  readonly log: Event[] = []
  readonly #names = new Map<Event, Map<string, string>>()
  readonly #classes = new Map<string, string>()
  readonly #mayHold: ((record: NodeEntry | undefined) => number) | null
  #nonces = 0

  /** @param init.mayHold how many assignments a node may hold, by its record. @default as many as any */
  constructor({ mayHold = null }: { mayHold?: ((record: NodeEntry | undefined) => number) | null } = {}) {
    this.#mayHold = mayHold
    this.dispatcher = this.#dispatcherOn(this.state)
  }

  #dispatcherOn(state: State): Dispatcher {
    const nonce = () => (this.#nonces++).toString(16).padStart(32, '0')
    const mayHold = this.#mayHold
    const held = mayHold === null ? {} : { mayHold: (node: string) => mayHold(state.nodes.get(node)) }
    return new Dispatcher({ state, nonce, random: () => 0, ...held }, this.now)
  }

  /** Starts again from the log, as a coordinator does; no node is connected then. */
  restart(): void {
    this.state = new State()
    for (const event of this.log) this.state.apply(event, this.#names.get(event))
    this.dispatcher = this.#dispatcherOn(this.state)
  }

  record(event: Event): void {
    this.log.push(event)
    this.state.apply(event, this.#names.get(event))
  }

  /** Opens, fills and seals a round; `programs` names them, so that rounds may share some. */
  async round(
    id: string,
    cases: number,
    init: Partial<RoundSpec> & { owner?: string; share?: number; programs?: string } = {},
  ): Promise<void> {
    const { owner = 'researcher', share = 1, programs: prefix = id, ...terms } = init
    const spec = { ...SPEC, ...terms }
    const records = Array.from({ length: cases }, (_, n): CaseRecord => {
      const programs = { cpp: `${prefix}-${n}-cpp`, cuda: `${prefix}-${n}-cuda` }
      return { id: n, problem: '', source: 'cpp', programs, tests: 1 }
    })
    const added: Event = { t: 'cases-added', at: this.now, round: id, from: 0, cases: records }
    this.#names.set(added, await nameTasks(spec, records))
    this.record({ t: 'round-opened', at: this.now, round: id, owner, spec, casesDigest: '', share })
    this.record(added)
    this.record({ t: 'round-sealed', at: this.now, round: id })
  }

  /** A node joins and asks for so many. */
  join(node: string, credits: number, init: NodeInit = {}): void {
    const abilities = new Set(init.abilities ?? ['host/plain', 'emulated/plain'])
    const own = init.class ?? 'class'
    this.#classes.set(node, own)
    const applicant: Applicant = {
      node,
      operator: init.operator ?? node,
      abilities,
      classes: new Map([...abilities].map((ability) => [ability, own])),
      memoryBytes: init.memoryBytes ?? 2 ** 40,
    }
    for (const event of this.dispatcher.joined(applicant, init.holding ?? [], this.now)) this.record(event)
    this.dispatcher.wants(node, credits)
  }

  /** Everything that can be given out now. */
  give(): AssignedEvent[] {
    const given: AssignedEvent[] = []
    for (let event = this.dispatcher.next(this.now); event !== null; event = this.dispatcher.next(this.now)) {
      this.record(event)
      given.push(event)
    }
    return given
  }

  /** So many seconds, tick by tick; what was taken back and given out meanwhile. */
  pass(seconds: number): { ended: EndedEvent[]; given: AssignedEvent[] } {
    const ended: EndedEvent[] = []
    const given: AssignedEvent[] = []
    for (let second = 0; second < seconds; second++) {
      this.now += 1_000
      for (const event of this.dispatcher.tick(this.now)) {
        this.record(event)
        ended.push(event)
      }
      given.push(...this.give())
    }
    return { ended, given }
  }

  /** A verdict comes in; the node can start another one. What nobody needs any more is withdrawn, and returned. */
  answer(
    { nonce, node, task }: AssignedEvent,
    { output = 'right', ms = 1_000 }: { output?: string; ms?: number } = {},
  ): EndedEvent[] {
    const entry = this.task(task)
    const cell: CellVote = { status: 'success', output, compat: output, masked: output, findings: [] }
    const cells = Array.from({ length: entry.tests }, () => cell)
    const resources = { compileMs: 0, runMs: ms, ...UNMEASURED }
    const own = this.#classes.get(node) as string
    this.record({ t: 'verdict', at: this.now, nonce, verdict: nonce, class: own, environment: ENVIRONMENT, cells, resources })
    this.dispatcher.learn(node, true, this.now)
    this.dispatcher.wants(node, 1)
    return this.#withdraw(entry)
  }

  decline({ nonce, node, task }: AssignedEvent, reason = 'jail'): void {
    this.dispatcher.learn(node, false, this.now)
    this.record({ t: 'ended', at: this.now, nonce, how: 'declined', reason })
    this.dispatcher.wants(node, 1)
    this.#withdraw(this.task(task))
  }

  leave(node: string): void {
    this.dispatcher.left(node, this.now)
  }

  task(key: string): TaskEntry {
    return this.state.tasks.get(key) as TaskEntry
  }

  /** The program an assignment is for. */
  program({ task }: AssignedEvent): string {
    return this.task(task).task.program
  }

  #withdraw(entry: TaskEntry): EndedEvent[] {
    const events = this.dispatcher.unneeded(entry, this.now)
    for (const event of events) this.record(event)
    return events
  }
}
