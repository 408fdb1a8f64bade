import { statfs } from 'node:fs/promises'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Door } from '../door/door.ts'
import { countExecutors } from '../http/catalogue.ts'
import type { Ledger } from '../ledger.ts'
import type { Event } from '../state/events.ts'
import type { Presence } from '../view.ts'

/** What the figures are read from. */
export interface MetricsSources {
  ledger: Ledger
  presence: () => readonly Presence[]
  /** Who is kept out. */
  door: Pick<Door, 'bans' | 'counts'>
  /** The data folder. */
  data: string
  /** Why no work is given just now, or null. */
  trouble: () => string | null
}

/** Upper ends of the classes of waiting times, seconds: from one sync of a fast disk to one that is in trouble. */
const COMMIT_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5]
const COMMIT_EVENTS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000]

/**
 * The coordinator's figures in Prometheus' text form. Labels are words of fixed sets, never a node, a round or an address:
 * the number of series does not grow with the swarm, and nothing in them is secret.
 */
export class Metrics {
  readonly #registry = new Registry()
  readonly #happenings = this.#counter('happenings_total', 'Lines of the log at info and above, by event and code', [
    'event',
    'code',
  ])
  readonly #events = this.#counter('log_events_total', 'Events recorded since the start, by type', ['type'])
  readonly #verdicts = this.#counter('verdicts_total', 'Verdicts accepted since the start, by executor', ['executor'])
  readonly #ended = this.#counter('assignments_ended_total', 'Assignments that came to nothing since the start', ['how'])
  readonly #turnedAway = this.#counter('connections_refused_total', 'Connections that were not taken, by why', ['why'])
  readonly #archivedBytes = this.#counter('archived_bytes_total', 'Bytes of archives of rounds written since the start', [])
  readonly #contentsPruned = this.#counter(
    'contents_pruned_total',
    'Contents that left the store for an archive since the start',
    [],
  )
  readonly #bytesPruned = this.#counter('content_bytes_pruned_total', 'Bytes of these', [])
  readonly #commitSeconds = this.#histogram('commit_seconds', 'Time of one synced write of the event log', COMMIT_SECONDS)
  readonly #commitEvents = this.#histogram('commit_appends', 'Appends that shared one synced write', COMMIT_EVENTS)

  /** Counts a line of the log. */
  happened(event: string, code: string): void {
    this.#happenings.inc({ event, code })
  }

  turnedAway(why: string): void {
    this.#turnedAway.inc({ why })
  }

  archived(bytes: number): void {
    this.#archivedBytes.inc(bytes)
  }

  pruned(contents: number, bytes: number): void {
    this.#contentsPruned.inc(contents)
    this.#bytesPruned.inc(bytes)
  }

  /** Begins to follow the ledger, for as long as both live. */
  follow(sources: MetricsSources): void {
    const { ledger } = sources
    ledger.changes.on('change', (event) => this.#note(event))
    ledger.store.onWritten = ({ appends, ms }) => {
      this.#commitSeconds.observe(ms / 1000)
      this.#commitEvents.observe(appends)
    }
    this.#addGauges(sources)
    collectDefaultMetrics({ register: this.#registry })
  }

  get contentType(): string {
    return this.#registry.contentType
  }

  /** All figures as they are now. */
  async text(): Promise<string> {
    return await this.#registry.metrics()
  }

  #note(event: Event): void {
    this.#events.inc({ type: event.t })
    if (event.t === 'verdict') this.#verdicts.inc({ executor: event.environment.executor })
    if (event.t === 'ended') this.#ended.inc({ how: event.how })
  }

  #addGauges({ ledger, presence, door, data, trouble }: MetricsSources): void {
    const { state } = ledger
    this.#gauge('ready', 'Whether work is given: 1, or 0 when something is wrong', () => (trouble() === null ? 1 : 0))
    this.#gauge('nodes_connected', 'Nodes connected now', () => presence().length)
    this.#gaugeBy('executor', 'nodes_able', 'Nodes connected now that can run programs of an executor', () =>
      Object.entries(countExecutors(presence())),
    )
    this.#gaugeBy('state', 'rounds', 'Rounds in memory', () => tally([...state.rounds.values()].map((round) => round.state)))
    this.#gauge('tasks_ready', 'Tasks that want a node', () => state.wanting.size)
    this.#gauge('assignments_open', 'Assignments that are out', () => state.assignments.size)
    this.#gaugeBy('outcome', 'tasks_ended', 'Tasks whose ballots ended, ever', () => Object.entries(state.finals))
    this.#gaugeBy('kind', 'bans', 'Keys and places that are banned now', () =>
      Object.entries(door.bans()).map(([kind, bans]) => [kind, bans.length]),
    )
    this.#gaugeBy('kind', 'connections', 'Connections now: all, and those of peers that have done nothing yet', () =>
      Object.entries(door.counts()),
    )
    this.#gauge('log_last_event', 'Number of the last event of the log', () => state.events)
    this.#gaugeBy('standing', 'operators', 'Operators that answered under a confidence policy', () =>
      tally([...state.trust.operators.values()].map(({ standing }) => standing)),
    )
    this.#gaugeBy('kind', 'incidents', 'What the trust rules did to operators, ever', () =>
      tally(state.trust.incidents.map(({ kind }) => kind)),
    )
    this.#gauge('data_free_bytes', 'Room left on the disk of the data folder', async () => {
      const { bavail, bsize } = await statfs(data)
      return bavail * bsize
    })
  }

  #counter<T extends string>(name: string, help: string, labelNames: T[]): Counter<T> {
    return new Counter({ name: `kernelswarm_${name}`, help, labelNames, registers: [this.#registry] })
  }

  #histogram(name: string, help: string, buckets: number[]): Histogram {
    return new Histogram({ name: `kernelswarm_${name}`, help, buckets, registers: [this.#registry] })
  }

  /** A figure that is looked up when somebody asks. */
  #gauge(name: string, help: string, read: () => number | Promise<number>): void {
    new Gauge({
      name: `kernelswarm_${name}`,
      help,
      registers: [this.#registry],
      async collect() {
        this.set(await read())
      },
    })
  }

  /** The same by a word. */
  #gaugeBy(label: string, name: string, help: string, read: () => Iterable<[word: string, value: number]>): void {
    new Gauge({
      name: `kernelswarm_${name}`,
      help,
      labelNames: [label],
      registers: [this.#registry],
      collect() {
        this.reset()
        for (const [word, value] of read()) this.set({ [label]: word }, value)
      },
    })
  }
}

function tally(words: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1)
  return counts
}
