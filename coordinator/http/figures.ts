import type { RoundProgress } from '../../protocol/index.ts'
import { everybody, exposure, hiddenWork, type WorkCounts } from '../sight.ts'
import type { RoundEntry } from '../state/model.ts'
import { isLive } from '../state/rounds.ts'
import type { State } from '../state/state.ts'
import { type Presence, progressOf } from '../view.ts'
import { type Catalogue, countExecutors } from './catalogue.ts'
import type { Components } from './components.ts'
import { CHEAP_COUNT_MS, COUNT_REUSE, LEAST_REFRESH_MS, REFRESH_MS_A_VIEWER } from './limits.ts'
import { Paces } from './paces.ts'

/** The swarm at a glance. */
export interface Status {
  coordinator: string
  /** Where nodes connect to it; with the page's own host name that is all that somebody who joins needs to know. */
  port: number | null
  version: string
  /** One person runs the nodes near it: confidence across operators does not apply. */
  singleOperator: boolean
  /** By the coordinator's clock, so that a viewer's own does not matter. */
  now: number
  uptimeMs: number
  nodes: { connected: number; executors: { host: number; emulated: number; gpu: number } }
  /** GPUs of the nodes connected now, by model, the most first. */
  gpus: { model: string; nodes: number }[]
  /** Tasks decided a second, over the last minute, and in the last 24 hours. */
  tasksPerSecond: number
  decidedToday: number
  /** Of those anybody may know of; `embargoed` are the others. The counts below are without what is of these alone. */
  rounds: { total: number; live: number; embargoed: number }
  tasks: { total: number; ready: number; running: number; decided: number; undecided: number }
  verdicts: number
  /** By executor the class in which a node is of most use. */
  preferred: string[]
  /** Why no work is given just now, in words, or null. */
  trouble: string | null
  /** How long a page is to wait between two readings, so that all who watch together are not too many. */
  refreshMs: number
  /** When this was written to a folder by `explorer export`; null: it comes from the coordinator itself. */
  exportedAt: number | null
}

/** A round as lists and live messages have it. */
export interface RoundRow extends RoundProgress {
  /** How long it takes at the pace of the last minutes until all tasks that are known have ended; null: nobody can say. */
  toGoMs: number | null
}

interface Counted {
  progress: RoundProgress
  version: number
  presence: number
  madeAt: number
  costMs: number
}

const NO_WORK: WorkCounts = { total: 0, ready: 0, running: 0, decided: 0, undecided: 0, verdicts: 0 }

/** Rounds of which counts are kept for the next answer. */
const MAX_COUNTED = 1_000

/** Counts for the pages. Those of a large round cost a pass over its tasks and are reused for a while. */
export class Figures {
  readonly #components: Components
  readonly #catalogue: Catalogue
  readonly #counted = new Map<string, Counted>()
  #hidden: { work: WorkCounts; madeAt: number; costMs: number } | null = null
  readonly #startedAt = performance.now()
  readonly #paces = new Paces()
  /** Raised whenever a node has come or gone. */
  #presence = 0
  /** How many watch; set by who knows. */
  viewers: () => number = () => 0

  constructor(components: Components, catalogue: Catalogue) {
    this.#components = components
    this.#catalogue = catalogue
  }

  status(): Status {
    const { ledger, presence, coordinator, port, singleOperator, agent, preference, probes } = this.#components
    const { state } = ledger
    const present = presence()
    return {
      coordinator,
      version: agent,
      singleOperator,
      port,
      now: Date.now(),
      uptimeMs: Math.round(performance.now() - this.#startedAt),
      nodes: { connected: present.length, executors: countExecutors(present) },
      gpus: countGpus(present),
      tasksPerSecond: Number(state.throughput.rate(Date.now()).toFixed(2)),
      decidedToday: state.throughput.lastDay(Date.now()),
      ...this.#counts(state),
      preferred: preference.classes(),
      trouble: probes.trouble(),
      refreshMs: Math.max(LEAST_REFRESH_MS, REFRESH_MS_A_VIEWER * this.viewers()),
      exportedAt: null,
    }
  }

  #counts(state: State): Pick<Status, 'rounds' | 'tasks' | 'verdicts'> {
    const listed = this.listed()
    const embargoed = state.rounds.size + state.closedRounds.size - listed.length
    const rounds = { total: listed.length, live: listed.filter(isLive).length, embargoed }
    const { total, ready, running, decided, undecided } = this.#catalogue.tasks()
    const hidden = embargoed === 0 ? NO_WORK : this.#hiddenWork(state)
    // What is hidden may have been counted a while ago.
    const less = (all: number, some: number) => Math.max(0, all - some)
    const tasks = {
      total: less(total, hidden.total),
      ready: less(ready, hidden.ready),
      running: less(running, hidden.running),
      decided: less(decided, hidden.decided),
      undecided: less(undecided, hidden.undecided),
    }
    return { rounds, tasks, verdicts: less(state.verdicts, hidden.verdicts) }
  }

  #hiddenWork(state: State): WorkCounts {
    const from = performance.now()
    const known = this.#hidden
    if (known !== null && known.costMs > CHEAP_COUNT_MS && from - known.madeAt < COUNT_REUSE * known.costMs) return known.work
    const work = hiddenWork(state)
    const madeAt = performance.now()
    this.#hidden = { work, madeAt, costMs: madeAt - from }
    return work
  }

  /** The rounds anybody may know of, in the order in which they were opened. */
  listed(): RoundEntry[] {
    return this.#components.ledger.state.allRounds().filter((round) => exposure(round) !== 'nothing')
  }

  /** A round's counts as anybody may see them. */
  progress(round: RoundEntry): RoundRow {
    const progress = this.#progress(round)
    const { parent } = progress
    const shown = parent === null || everybody(this.#components.ledger.state).knows(parent)
    return { ...progress, parent: shown ? parent : null, toGoMs: this.#paces.toGo(round.id, progress, performance.now()) }
  }

  #progress(round: RoundEntry): RoundProgress {
    const known = this.#counted.get(round.id)
    const version = this.#catalogue.versionOf(round.id)
    const presence = this.#presence
    const from = performance.now()
    if (known !== undefined && isGood(known, { version, presence }, from)) return known.progress
    const progress = progressOf(this.#components.ledger, round, this.#components.presence())
    if (this.#counted.size >= MAX_COUNTED) this.#counted.clear()
    const madeAt = performance.now()
    this.#counted.set(round.id, { progress, version, presence, madeAt, costMs: madeAt - from })
    return progress
  }

  /** To be told when a node has come or gone. */
  presenceChanged(): void {
    this.#presence++
  }

  /** A page of rounds, newest first. */
  rounds(from: number, limit: number): RoundRow[] {
    const newest = this.listed().reverse()
    return newest.slice(from, from + limit).map((round) => this.progress(round))
  }

  liveRounds(): string[] {
    return [...this.#components.ledger.state.rounds.values()].filter(isLive).map(({ id }) => id)
  }
}

function isGood(known: Counted, { version, presence }: Pick<Counted, 'version' | 'presence'>, now: number): boolean {
  if (known.version === version && known.presence === presence) return true
  return known.costMs > CHEAP_COUNT_MS && now - known.madeAt < COUNT_REUSE * known.costMs
}

function countGpus(present: readonly Presence[]): Status['gpus'] {
  const counts = new Map<string, number>()
  for (const { environments } of present) {
    for (const model of new Set(environments.flatMap(({ gpu }) => gpu?.model ?? [])))
      counts.set(model, (counts.get(model) ?? 0) + 1)
  }
  const all = [...counts].map(([model, nodes]) => ({ model, nodes }))
  return all.sort((a, b) => b.nodes - a.nodes || (a.model < b.model ? -1 : 1)).slice(0, MAX_GPU_MODELS)
}

/** Models that are listed: nodes name them, and may name any. */
const MAX_GPU_MODELS = 50
