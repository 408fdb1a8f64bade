import { Dispatcher } from '../../coordinator/dispatch/dispatcher.ts'
import type { CellVote } from '../../coordinator/rules/ballot.ts'
import type { CaseRecord, Event } from '../../coordinator/state/events.ts'
import type { RoundEntry, TaskEntry } from '../../coordinator/state/model.ts'
import { nameTasks, type TaskNames } from '../../coordinator/state/needed.ts'
import { type Remembered, State } from '../../coordinator/state/state.ts'
import { dueDraws, dueExcuses } from '../../coordinator/trust/due.ts'
import {
  abilityFor,
  CONFIDENCE_DEFAULTS,
  type Comparator,
  type ConfidencePolicy,
  cidOf,
  type Environment,
  ROUND_DEFAULTS,
  type RoundSpec,
} from '../../protocol/index.ts'
import { UNMEASURED } from '../../sandbox/types.ts'
import { ENVIRONMENT } from './environment.ts'
import { seeded } from './seeded.ts'

/** What a node says to a task: a word a test. `truth` is what the program prints. */
export type Conduct = (asked: {
  truth: string[]
  task: TaskEntry
  random: () => number
  count: number
  repeat: boolean
}) => string[] | null

export const honest: Conduct = ({ truth }) => truth

export interface TrustNode {
  node: string
  operator: string
  conduct: Conduct
  class?: string
  count: number
}

export const POLICY: ConfidencePolicy = { ...CONFIDENCE_DEFAULTS, theta: 0.99, f: 0.1 }

/** Steps within which a swarm comes to rest. */
const REST_LIMIT = 200_000

/** The production state, dispatcher and trust rules without disk and network; every answer comes in at once, or in any order. */
export class TrustSwarm {
  state: State
  readonly log: { event: Event; names?: TaskNames }[] = []
  readonly nodes = new Map<string, TrustNode>()
  readonly random: () => number
  now = 1_000
  #nonce = 0
  #dispatcher: Dispatcher

  /** @param most how many nodes and operators are remembered */
  constructor(seed: number, most?: Remembered) {
    this.state = new State(undefined, most)
    this.random = seeded(seed)
    const nonce = () => `n${this.#nonce++}`
    this.#dispatcher = new Dispatcher({ state: this.state, nonce, random: (below) => this.#draw(below) }, this.now)
  }

  #draw(below: number): number {
    return Math.floor(this.random() * below)
  }

  /** What tasks of these names there are that left the state. */
  recall: (names: TaskNames) => Promise<TaskEntry[]> = async () => []

  record(event: Event, names?: TaskNames, recalled?: readonly TaskEntry[]): void {
    this.log.push(names === undefined ? { event } : { event, names })
    this.state.apply(event, names, recalled)
  }

  cancel(round: string): void {
    if (this.state.rounds.get(round)?.state !== 'verifying') return
    this.record({ t: 'round-cancelled', at: this.now, round })
    for (const { nonce } of [...this.state.assignments.values()]) {
      this.record({ t: 'ended', at: this.now, nonce, how: 'withdrawn', reason: 'not needed' })
    }
  }

  /** The state that the log gives when it is read anew. */
  replayed(): State {
    const state = new State()
    for (const { event, names } of this.log) state.apply(event, names)
    return state
  }

  join(count: number, conduct: Conduct = honest, init: { prefix?: string; operator?: string; class?: string } = {}): void {
    for (let n = 0; n < count; n++) {
      const name = `${init.prefix ?? 'node'}${this.nodes.size}`
      const node: TrustNode = { node: name, operator: init.operator ?? `op ${name}`, conduct, count: 0 }
      if (init.class !== undefined) node.class = init.class
      this.nodes.set(name, node)
      const abilities = new Set([abilityFor(HOST), abilityFor(EMULATED)])
      const classes = new Map([...abilities].map((ability) => [ability, classFor(node, ability)]))
      this.#dispatcher.joined({ node: name, operator: node.operator, abilities, classes, memoryBytes: 2 ** 40 }, [], this.now)
    }
  }

  leave(node: string): void {
    this.nodes.delete(node)
    this.#dispatcher.left(node, this.now)
  }

  /**
   * Opens and seals a round of cases, each of two programs; `programs` names them, so that rounds may share some. Of every
   * other case the translation fails.
   */
  async open(
    name: string,
    cases: number,
    init: { policy?: RoundSpec['policy']; programs?: string; compare?: Comparator } = {},
  ): Promise<RoundEntry> {
    const { policy = POLICY, programs: prefix = name, compare = { kind: 'exact' } } = init
    const spec: RoundSpec = { ...ROUND_DEFAULTS, rule: 'compat', passes: [], compare, v: 1, name, policy }
    const records: CaseRecord[] = []
    for (let n = 0; n < cases; n++) {
      const program = async (side: string) => await cidOf(Buffer.from(`${prefix}/${n}/${side}`), 'dag-cbor')
      const programs = { cpp: await program('cpp'), cuda: await program('cuda') }
      if (n % 2 === 0) this.failing.add(programs.cuda)
      records.push({ id: n, problem: `p${n}`, source: 'cpp', programs, tests: 2 })
    }
    this.record({ t: 'round-opened', at: this.now, round: name, owner: 'owner', spec, casesDigest: 'd' })
    const names = await nameTasks(spec, records)
    const recalled = await this.recall(names)
    this.record({ t: 'cases-added', at: this.now, round: name, from: 0, cases: records }, names, recalled)
    this.record({ t: 'round-sealed', at: this.now, round: name })
    return this.state.rounds.get(name) as RoundEntry
  }

  readonly failing = new Set<string>()

  /** What a task's program really prints. */
  truth({ task, tests }: Pick<TaskEntry, 'task' | 'tests'>): string[] {
    const status = this.failing.has(task.program) ? 'runtime_error' : 'success'
    return Array.from({ length: tests }, (_, test) => `${status} ${task.program.slice(-8)} ${test}`)
  }

  /**
   * Lets everything happen that can, until nothing does any more or so many steps are done; answers come in an order of chance.
   * @param slots what a node has under way at most; @default anything it can get
   */
  run(limit = REST_LIMIT, slots?: number): void {
    const out: { nonce: string; node: string; task: string; repeat: boolean }[] = []
    for (let step = 0; step < limit; step++) {
      this.now += 10
      for (const event of dueDraws(this.state, (below) => this.#draw(below), this.now)) this.record(event)
      let given = false
      for (const node of this.nodes.keys()) {
        const free =
          slots === undefined ? 4 : slots - out.filter((one) => one.node === node).length - this.#dispatcher.creditsOf(node)
        if (free > 0) this.#dispatcher.wants(node, free)
      }
      for (let event = this.#dispatcher.next(this.now); event !== null; event = this.#dispatcher.next(this.now)) {
        this.record(event)
        given = true
        out.push({ nonce: event.nonce, node: event.node, task: event.task, repeat: event.as === 'repeat' })
      }
      if (out.length > 0) {
        const at = Math.floor(this.random() * out.length)
        const [one] = out.splice(at, 1) as [(typeof out)[number]]
        this.#answer(one)
      } else if (!given && !this.#wait()) return
    }
    if (limit === REST_LIMIT) throw new Error('the swarm does not come to rest')
  }

  /** Time passes while nothing happens: rests end, and nobody waits for those who are gone. */
  #wait(): boolean {
    this.now += 20 * 60_000
    let moved = 0
    for (const event of this.#dispatcher.tick(this.now)) {
      this.record(event)
      moved++
    }
    for (const event of dueExcuses(this.state, this.now)) {
      this.record(event)
      moved++
    }
    if (moved > 0) return true
    this.#waited++
    return this.#waited % 4 !== 0
  }

  #waited = 0

  #answer({ nonce, node: name, task: key, repeat }: { nonce: string; node: string; task: string; repeat: boolean }): void {
    if (!this.state.assignments.has(nonce)) return
    const node = this.nodes.get(name)
    const task = this.state.tasks.get(key) as TaskEntry
    const words = node?.conduct({ truth: this.truth(task), task, random: this.random, count: node.count++, repeat }) ?? null
    if (node === undefined || words === null) {
      this.record({ t: 'ended', at: this.now, nonce, how: 'expired', reason: 'deadline' })
      return
    }
    const environment: Environment = { ...ENVIRONMENT, executor: task.task.executor }
    const kind = classFor(node, abilityFor(task.task))
    const resources = { compileMs: 1, runMs: 1, ...UNMEASURED }
    this.record({
      t: 'verdict',
      at: this.now,
      nonce,
      verdict: `v${nonce}`,
      class: kind,
      environment,
      cells: words.map(cell),
      resources,
    })
    this.#measure()
    for (const event of this.#dispatcher.unneeded(task, this.now)) this.record(event)
  }

  /** As the comparer does, of words. */
  #measure(): void {
    for (const key of this.state.measuring) {
      const { arrivals, distances } = this.state.tasks.get(key) as TaskEntry
      const pairs = distances.missing(arrivals[0]?.vote.cells ?? []).map((pair) => ({ ...pair, tolerances: apart(pair) }))
      this.record({ t: 'measured', at: this.now, task: key, pairs })
    }
  }
}

/** Words may end in `~` and a number: how many tolerances they are off. */
function apart({ a, b }: { a: string; b: string }): number | null {
  const [[word, off = 0], [other, otherOff = 0]] = [a.split('~'), b.split('~')]
  const far = Math.abs(Number(off) - Number(otherOff))
  return word === other && far <= 2 ? far : null
}

function cell(word: string): CellVote {
  const status = word.startsWith('runtime_error') ? ('runtime_error' as const) : ('success' as const)
  return { status, output: word, compat: word, masked: word, findings: [] }
}

const HOST = { executor: 'host', pass: 'plain' } as const
const EMULATED = { executor: 'emulated', pass: 'plain' } as const

function classFor(node: TrustNode, ability: string): string {
  return `${ability}/${node.class ?? 'k'}`
}
