import type { RoundProgress } from '../../protocol/index.ts'
import type { RoundEntry } from '../state/model.ts'
import { isLive } from '../state/rounds.ts'
import { type Presence, progressOf } from '../view.ts'
import { type Catalogue, countExecutors } from './catalogue.ts'
import type { Components } from './components.ts'
import { CHEAP_COUNT_MS, COUNT_REUSE } from './limits.ts'

/** The swarm at a glance. */
export interface Status {
  coordinator: string
  version: string
  /** One person runs the nodes near it: confidence across operators does not apply. */
  singleOperator: boolean
  /** By the coordinator's clock, so that a viewer's own does not matter. */
  now: number
  uptimeMs: number
  nodes: { connected: number; executors: { host: number; emulated: number; gpu: number } }
  rounds: { total: number; live: number }
  tasks: { total: number; ready: number; running: number; decided: number; undecided: number }
  verdicts: number
}

interface Counted {
  progress: RoundProgress
  version: number
  present: string
  madeAt: number
  costMs: number
}

/** Counts for the pages. Those of a large round cost a pass over its tasks and are reused for a while. */
export class Figures {
  readonly #components: Components
  readonly #catalogue: Catalogue
  readonly #counted = new Map<string, Counted>()
  readonly #startedAt = performance.now()

  constructor(components: Components, catalogue: Catalogue) {
    this.#components = components
    this.#catalogue = catalogue
  }

  status(): Status {
    const { ledger, presence, coordinator, singleOperator, agent } = this.#components
    const { state } = ledger
    const present = presence()
    return {
      coordinator,
      version: agent,
      singleOperator,
      now: Date.now(),
      uptimeMs: Math.round(performance.now() - this.#startedAt),
      nodes: { connected: present.length, executors: countExecutors(present) },
      rounds: { total: state.rounds.size, live: [...state.rounds.values()].filter(isLive).length },
      tasks: this.#catalogue.tasks(),
      verdicts: state.verdicts,
    }
  }

  progress(round: RoundEntry): RoundProgress {
    const present = this.#components.presence()
    const known = this.#counted.get(round.id)
    const version = this.#catalogue.versionOf(round.id)
    const from = performance.now()
    if (known !== undefined && isGood(known, version, signature(present), from)) return known.progress
    const progress = progressOf(this.#components.ledger, round, present)
    const madeAt = performance.now()
    this.#counted.set(round.id, { progress, version, present: signature(present), madeAt, costMs: madeAt - from })
    return progress
  }

  /** A page of rounds, newest first. */
  rounds(from: number, limit: number): RoundProgress[] {
    const newest = [...this.#components.ledger.state.rounds.values()].reverse()
    return newest.slice(from, from + limit).map((round) => this.progress(round))
  }

  liveRounds(): string[] {
    return [...this.#components.ledger.state.rounds.values()].filter(isLive).map(({ id }) => id)
  }
}

function isGood({ version, present, madeAt, costMs }: Counted, wanted: number, nodes: string, now: number): boolean {
  if (version === wanted && present === nodes) return true
  return costMs > CHEAP_COUNT_MS && now - madeAt < COUNT_REUSE * costMs
}

/** What of the nodes connected now a round's counts depend on. */
function signature(present: readonly Presence[]): string {
  return present.map(({ node, executors }) => `${node} ${[...executors].join(' ')}`).join('\n')
}
