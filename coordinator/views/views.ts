import { createHash } from 'node:crypto'
import type { Environment } from '../../protocol/index.ts'
import { Breath } from '../breath.ts'
import { Interning } from '../state/interning.ts'
import type { CaseEntry, NodeEntry, OpenAssignment, RoundEntry, RoundHead, TaskEntry } from '../state/model.ts'
import { namesIn } from '../state/needed.ts'
import { type KeptState, MAX_CLOSED_ROUNDS, type Remembered, State, type StateTotals } from '../state/state.ts'
import type { KnownList } from '../trust/known.ts'
import type { BatchEntry, Incident, OperatorEntry } from '../trust/model.ts'
import { MAX_INCIDENTS } from '../trust/model.ts'
import type { OwedEntry } from '../trust/owed.ts'
import type { Workload } from '../workload.ts'
import {
  addCase,
  caseAsItIs,
  caseFrom,
  caseRecord,
  closedFrom,
  decode,
  encode,
  headRecord,
  type KeptHead,
  nameIn,
  nodeRecord,
  roundFrom,
  taskAsItIs,
  tasksFrom,
  tasksRecord,
} from './records.ts'

/** Version of the records below, raised with every change of them or of the fold; others are dropped and made anew from the log. */
const VIEWS_VERSION = 6

/** A record to be put (as text), or taken away (null). */
export type ViewChange = readonly [key: string, text: string | null]

/** Records by key. */
export interface Records {
  get(key: string): Promise<string | undefined>
  /** In the order of the keys asked for. */
  getMany(keys: readonly string[]): Promise<(string | undefined)[]>
  /** Those from one key up to, and without, another, in order. */
  range(from: string, to: string, options?: { reverse?: boolean; limit?: number }): AsyncIterable<[key: string, text: string]>
}

/** Records read at once. */
const CHUNK = 512

/**
 * What the state holds, as records beside the log:
 *
 *     meta                        version, number of the last event they hold, counts, rounds in memory
 *     round/<id>                  a round without its cases
 *     order/<seq>                 id of a round, in the order in which they were opened
 *     owner/<owner>/<seq>         the same by researcher
 *     case/<round>/<index>        a case
 *     task/<name>                 all tasks of a name, with their votes
 *     open/<nonce>                an assignment that is out
 *     node/, operator/, batch/, known/, incident/, owed, blocked
 *
 * A round that is closed leaves memory, and its records stay as they are: results, pages and later rounds that use its
 * programs read them. All that changed since the last time is put in one batch with the number of the last event, so that
 * what is on disk is always the state after some event, and a start reads it and the events after that one.
 */
export const KEYS = {
  meta: 'meta',
  owed: 'owed',
  blocked: 'blocked',
  round: (id: string) => `round/${id}`,
  order: (seq: number) => `order/${digits(seq)}`,
  owner: (owner: string, seq: number) => `owner/${owner}/${digits(seq)}`,
  case: (round: string, index: number) => `case/${round}/${digits(index)}`,
  task: (name: string) => `task/${name}`,
  open: (nonce: string) => `open/${nonce}`,
  /** An operator may be any text; a name of fixed form keeps the keys of one apart from those of another. */
  operator: (operator: string) => `operator/${createHash('sha256').update(operator).digest('hex')}`,
} as const

function digits(number: number): string {
  return String(number).padStart(16, '0')
}

interface Meta {
  version: number
  totals: StateTotals
  /** Rounds in memory. */
  live: string[]
}

/** Makes a record, of what its thing was when the changes were taken. */
export type Making = () => ViewChange

/** The records that say what has changed, and takes note that they were made. */
export function takeChanges(state: State): ViewChange[] {
  return captureChanges(state).map((make) => make())
}

/**
 * The same, to be made later: whatever happens meanwhile, each says what was so now. Cases and tasks are nearly all that changes; a copy
 * of one takes a tenth of the time of its text.
 */
export function captureChanges(state: State): Making[] {
  const { changes } = state
  const makings: Making[] = []
  const put = (key: string, text: string | null) => makings.push(() => [key, text])
  for (const round of changes.rounds) {
    put(KEYS.round(round.id), headRecord(round, !state.rounds.has(round.id)))
    put(KEYS.order(round.seq), round.id)
    put(KEYS.owner(round.owner, round.seq), round.id)
  }
  for (const [item, round] of changes.cases) {
    const as = caseAsItIs(item)
    const comparing = state.comparing.has(`${round}/${item.index}`)
    makings.push(() => [KEYS.case(round, as.index), caseRecord(as, comparing)])
  }
  const gone = [...changes.gone]
  const there = Array.from(changes.tasks, (name): [string, TaskEntry[]] => [name, entriesOf(state, name)])
  for (const [name, entries] of [...gone, ...there]) {
    const as = entries.map(taskAsItIs)
    makings.push(() => [KEYS.task(name), tasksRecord(as)])
  }
  for (const [nonce, assignment] of changes.open) put(KEYS.open(nonce), assignment && JSON.stringify(assignment))
  for (const node of changes.nodes) put(`node/${node.node}`, nodeRecord(node))
  for (const operator of changes.operators) put(KEYS.operator(operator.operator), encode(keptOperator(operator)))
  for (const node of changes.nodesGone) put(`node/${node}`, null)
  for (const operator of changes.operatorsGone) put(KEYS.operator(operator), null)
  for (const [id, batch] of changes.batches) put(`batch/${id}`, encode({ ...batch, tasks: new Set() }))
  for (const name of changes.known) put(`known/${name}`, encode(state.trust.known.lists.get(name)))
  for (const { number, incident } of changes.incidents) put(`incident/${digits(number)}`, encode(incident))
  if (changes.owed) put(KEYS.owed, encode([...state.trust.owed.entries()]))
  if (changes.blocked) put(KEYS.blocked, encode(state.blocked))
  put(KEYS.meta, encode({ version: VIEWS_VERSION, totals: state.totals, live: [...state.rounds.keys()] } satisfies Meta))
  changes.clear()
  return makings
}

function entriesOf({ named, tasks }: State, name: string): TaskEntry[] {
  return (named.get(name) ?? []).map((key) => tasks.get(key) as TaskEntry)
}

/** What follows from the tasks is worked out from them. */
function keptOperator(operator: OperatorEntry): OperatorEntry {
  return { ...operator, live: new Set(), batches: new Set() }
}

/** How many events the records hold, or null where there are none that this version reads. */
export async function eventsIn(records: Records): Promise<number | null> {
  const meta = await records.get(KEYS.meta).then((text) => (text === undefined ? null : decode<Meta>(text)))
  return meta?.version === VIEWS_VERSION ? meta.totals.events : null
}

/**
 * The state that the records say.
 * @throws when they do not fit together
 */
export async function readState(records: Records, workload?: Workload, most?: Remembered): Promise<State> {
  const { totals, live } = decode<Meta>((await records.get(KEYS.meta)) ?? '')
  const reading = new Reading(records)
  const rounds: RoundEntry[] = []
  const comparing: KeptState['comparing'][number][] = []
  for (const id of live) {
    const { round, waiting } = await reading.round(id)
    rounds.push(round)
    comparing.push(...waiting.map((index) => ({ round: id, index })))
  }
  const assignments = await all<OpenAssignment>(records, 'open/')
  const known: [string, KnownList][] = []
  for await (const [key, text] of records.range('known/', 'known0')) known.push([key.slice('known/'.length), decode(text)])
  const names = new Set(rounds.flatMap(({ cases }) => cases.flatMap(namesIn)))
  for (const key of known.flatMap(([, { keys }]) => keys)) names.add(nameIn(key))
  for (const { task } of assignments) names.add(nameIn(task))
  const trust = {
    operators: await all<OperatorEntry>(records, 'operator/'),
    batches: (await Promise.all(live.map((id) => reading.batches(id)))).flat().sort((a, b) => numberIn(a.id) - numberIn(b.id)),
    known,
    owed: decode<OwedEntry[]>((await records.get(KEYS.owed)) ?? '[]'),
    incidents: await lastIncidents(records),
  }
  const tasks = await reading.tasks(names)
  const nodes = await all<NodeEntry>(records, 'node/')
  const bySeq = (a: { seq: number }, b: { seq: number }) => a.seq - b.seq
  const kept: KeptState = {
    ...{ totals, comparing, nodes, trust },
    closedRounds: await reading.closed(new Set(live)),
    blocked: decode((await records.get(KEYS.blocked)) ?? '{"$map":[]}'),
    rounds: rounds.sort(bySeq),
    tasks: tasks.sort(bySeq),
    assignments: assignments.sort(bySeq),
  }
  return State.from(kept, workload, most)
}

/** Reads rounds and tasks; environments that are alike are held once. */
export class Reading {
  readonly #records: Records
  readonly #interning = new Interning()

  constructor(records: Records) {
    this.#records = records
  }

  async head(id: string): Promise<KeptHead | null> {
    const text = await this.#records.get(KEYS.round(id))
    return text === undefined ? null : decode<KeptHead>(text)
  }

  /** A round with its cases; those of which the outputs are to be compared are named beside it. */
  async round(id: string): Promise<{ round: RoundEntry; waiting: number[] }> {
    const head = await this.head(id)
    if (head === null) throw new Error(`views: round ${id} is missing`)
    const round = roundFrom(head)
    const waiting: number[] = []
    for await (const { item, comparing } of this.cases(head, 0, Number.POSITIVE_INFINITY)) {
      addCase(round, item)
      if (comparing) waiting.push(item.index)
    }
    return { round, waiting }
  }

  /** Cases of a round from one index up to, and without, another. */
  async *cases(head: Pick<RoundHead, 'id'>, from: number, to: number): AsyncGenerator<{ item: CaseEntry; comparing: boolean }> {
    const end = Number.isFinite(to) ? KEYS.case(head.id, to) : `case/${head.id}0`
    for await (const [, text] of this.#records.range(KEYS.case(head.id, from), end)) yield caseFrom(text)
  }

  /** The batches of a round. */
  async batches(round: string): Promise<BatchEntry[]> {
    return await all<BatchEntry>(this.#records, `batch/${round}/`)
  }

  /** Rounds that were closed, the last ones of all. */
  async closed(live: ReadonlySet<string>): Promise<RoundEntry[]> {
    const ids: string[] = []
    const last = { reverse: true, limit: MAX_CLOSED_ROUNDS + live.size }
    for await (const [, id] of this.#records.range('order/', 'order0', last)) if (!live.has(id)) ids.push(id)
    return (await this.older(ids)).reverse()
  }

  /** The last rounds of a researcher before some point that were closed, the newest first. */
  async roundsOf(owner: string, before: number, limit: number): Promise<RoundEntry[]> {
    const ids: string[] = []
    const end = Number.isFinite(before) ? KEYS.owner(owner, before) : `owner/${owner}0`
    for await (const [, id] of this.#records.range(KEYS.owner(owner, 0), end, { reverse: true, limit })) ids.push(id)
    return await this.older(ids)
  }

  /** Of these rounds the closed ones, in this order. */
  async older(ids: readonly string[]): Promise<RoundEntry[]> {
    const texts = await this.#records.getMany(ids.map(KEYS.round))
    const heads = texts.flatMap((text) => (text === undefined ? [] : [decode<KeptHead>(text)]))
    return heads.filter(({ closed }) => closed).map(closedFrom)
  }

  /** All tasks of these names that there are. */
  async tasks(names: Iterable<string>): Promise<TaskEntry[]> {
    const found: TaskEntry[] = []
    const shared = (environment: Environment) => this.#interning.environment(environment)
    const left = [...names]
    const breath = new Breath()
    while (left.length > 0) {
      const texts = await this.#records.getMany(left.splice(-CHUNK).map(KEYS.task))
      for (const text of texts) {
        if (text !== undefined) found.push(...tasksFrom(text, shared))
        await breath.take()
      }
    }
    return found
  }
}

async function all<T>(records: Records, prefix: string): Promise<T[]> {
  const found: T[] = []
  // A slash is followed by a zero.
  for await (const [, text] of records.range(prefix, `${prefix.slice(0, -1)}0`)) found.push(decode<T>(text))
  return found
}

async function lastIncidents(records: Records): Promise<Incident[]> {
  const found: Incident[] = []
  const last = { reverse: true, limit: MAX_INCIDENTS }
  for await (const [, text] of records.range('incident/', 'incident0', last)) found.push(decode<Incident>(text))
  return found.reverse()
}

/** Batches are numbered in the order in which they were begun. */
function numberIn(id: string): number {
  return Number(id.slice(id.lastIndexOf('/') + 1))
}
