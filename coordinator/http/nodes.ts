import type { Environment, ExecutorName } from '../../protocol/index.ts'
import type { Sight } from '../sight.ts'
import type { NodeEntry } from '../state/model.ts'
import { DAY_MS, type State } from '../state/state.ts'
import { ADMISSION_ANSWERS, ADMISSION_FAILING, type OperatorStanding } from '../trust/model.ts'
import type { Presence } from '../view.ts'
import { type ToldIncident, toldIncident } from './incidents.ts'
import { MAX_NODE_INCIDENTS } from './limits.ts'
import type { NodeOrder } from './query.ts'

/** A node as anyone may see it: its key's name and its work. Never where it is. */
export interface NodeRow {
  node: string
  /** What its owner calls it, or null. Any text. */
  name: string | null
  connected: boolean
  /** What it can run; empty while it is away. */
  executors: ExecutorName[]
  running: number
  verdicts: number
  /** Decided tasks on which it said what was decided, in every test. */
  decided: number
  /** The same at the median cost of their classes, milliseconds: what the list of nodes is led by. */
  creditMs: number
  /** Tests in which it said what was decided, and in which it did not. */
  agreed: number
  disagreed: number
  declined: number
  expired: number
  /** When it was given its first work, or null. */
  since: number | null
  /** When it last took or returned work, or null. */
  lastAt: number | null
  environments: Environment[]
  /** How its operator stands where rounds ask for confidence. */
  standing: OperatorStanding
}

/** One node, with what led to how it stands. */
export interface NodeDetail extends NodeRow {
  /** Decided tasks by class, with the median cost of one. */
  classes: { class: string; decided: number; medianMs: number }[]
  /** Verdicts that came from it, by day. */
  days: { at: number; verdicts: number }[]
  reputation: Reputation
  /** What the trust rules did to its operator, the newest first. */
  incidents: ToldIncident[]
}

/** What the trust rules know of the operator behind a node: all its nodes together. */
export interface Reputation {
  standing: OperatorStanding
  /** Answers others confirmed; those held against others' since the last suspension, and of these the wrong ones. */
  confirmed: number
  judged: number
  wrong: number
  /** Confirmed answers since admission began, of these to tasks where something fails, and how many are asked for. */
  admission: { answers: number; failing: number; answersWanted: number; failingWanted: number }
  establishedAt: number | null
  suspendedAt: number | null
  suspensions: number
  /** Failed admissions and suspensions, and until when it rests before the next try; null: it does not. */
  setbacks: number
  restsUntil: number | null
  /** Answers that were drawn to be checked and were confirmed, and batches that stand by them. */
  checksPassed: number
  batchesStood: number
  /** Whether answers of newcomers need those of others for now, whoever they are. */
  bootstrap: boolean
}

const NOTHING_YET = { name: null, verdicts: 0, agreed: 0, disagreed: 0, declined: 0, expired: 0, lastAt: 0, since: 0 }

type Known = Pick<State, 'nodes' | 'trust' | 'costs'>

/** All nodes known, each with its place, by what they did, the most first. */
export type Ranked = ReadonlyMap<string, number>

/** A pass over all of them. */
export function rankedNodes(state: Known): Ranked {
  const worth = medians(state)
  const weighed = [...state.nodes.values()].map(({ node, verdicts, decided }) => ({
    node,
    verdicts,
    credit: creditOf(decided, worth),
  }))
  weighed.sort((a, b) => b.credit - a.credit || b.verdicts - a.verdicts || (a.node < b.node ? -1 : 1))
  return new Map(weighed.map(({ node }, place) => [node, place]))
}

/**
 * A page of the nodes in order: those connected first, then by what they did; or by what they did alone. Costs as many looks as
 * nodes are connected, or stand before its end.
 * @param ranked as `rankedNodes` gave them, perhaps a while ago
 */
export function pageOfNodes(
  ranked: Ranked,
  present: readonly Presence[],
  order: NodeOrder,
  { from, limit }: { from: number; limit: number },
): { total: number; nodes: string[] } {
  const here = new Set(present.map(({ node }) => node))
  const fresh = [...here].filter((node) => !ranked.has(node)).sort()
  const known = [...here].filter((node) => ranked.has(node)).sort((a, b) => (ranked.get(a) ?? 0) - (ranked.get(b) ?? 0))
  const inOrder = function* () {
    if (order === 'connected') yield* [...known, ...fresh]
    for (const node of ranked.keys()) if (order === 'credit' || !here.has(node)) yield node
    if (order === 'credit') yield* fresh
  }
  const nodes: string[] = []
  let place = 0
  for (const node of inOrder()) {
    if (place++ < from) continue
    nodes.push(node)
    if (nodes.length === limit) break
  }
  return { total: ranked.size + fresh.length, nodes }
}

/** What is said of each. Fields are copied one by one: an operator may be a network prefix. */
export function nodeRows(state: Known, present: readonly Presence[], nodes: readonly string[]): NodeRow[] {
  const here = new Map(present.map((presence) => [presence.node, presence]))
  const worth = medians(state)
  return nodes.map((node) => nodeRow(state, node, here.get(node), worth))
}

/** A node by its peer id, or null where nobody of this name was ever here. */
export function nodeDetail(state: Known, present: readonly Presence[], node: string, sight: Sight): NodeDetail | null {
  const presence = present.find((one) => one.node === node)
  const entry = state.nodes.get(node)
  if (presence === undefined && entry === undefined) return null
  const worth = medians(state)
  const decided = [...(entry?.decided ?? [])]
  const incidents = state.trust.incidents.filter(({ nodes }) => nodes.includes(node)).slice(-MAX_NODE_INCIDENTS)
  return {
    ...nodeRow(state, node, presence, worth),
    classes: decided.map(([name, count]) => ({ class: name, decided: count, medianMs: worth(name) })),
    days: [...(entry?.days ?? [])].map(([day, verdicts]) => ({ at: day * DAY_MS, verdicts })),
    reputation: reputationOf(state, presence?.operator ?? entry?.operator ?? ''),
    incidents: incidents.reverse().map((incident) => toldIncident(state, incident, sight)),
  }
}

function nodeRow(
  { nodes, trust }: Known,
  node: string,
  presence: Presence | undefined,
  worth: (name: string) => number,
): NodeRow {
  const entry = nodes.get(node)
  const { name, verdicts, agreed, disagreed, declined, expired, lastAt, since } = entry ?? NOTHING_YET
  const decided = [...(entry?.decided ?? [])]
  return {
    ...{ node, name, connected: presence !== undefined },
    executors: [...(presence?.executors ?? [])].sort(),
    running: presence?.running ?? 0,
    verdicts,
    decided: decided.reduce((sum, [, count]) => sum + count, 0),
    creditMs: creditOf(decided, worth),
    ...{ agreed, disagreed, declined, expired },
    since: since === 0 ? null : since,
    lastAt: lastAt === 0 ? null : lastAt,
    environments: environmentsOf(entry, presence),
    standing: trust.operators.standingOf(presence?.operator ?? entry?.operator ?? ''),
  }
}

function creditOf(decided: Iterable<readonly [string, number]>, worth: (name: string) => number): number {
  let credit = 0
  for (const [name, count] of decided) credit += count * worth(name)
  return credit
}

/** Those it answered in; of who has not answered yet those that it says it has. */
function environmentsOf(entry: NodeEntry | undefined, presence: Presence | undefined): Environment[] {
  const known = [...(entry?.environments.values() ?? [])]
  return known.length > 0 ? known : [...(presence?.environments ?? [])]
}

/** Looked up once a class. */
function medians({ costs }: Known): (name: string) => number {
  const known = new Map<string, number>()
  return (name) => {
    const median = known.get(name) ?? costs.median(name)
    known.set(name, median)
    return median
  }
}

function reputationOf({ trust }: Known, operator: string): Reputation {
  const entry = trust.operators.peek(operator)
  const { standing, passed, judged, strikes, admitted, admittedFailing, establishedAt, suspendedAt, suspensions } = entry
  const { setbacks, restUntil, checksPassed, batchesStood } = entry
  return {
    ...{ standing, confirmed: passed, judged, wrong: strikes },
    admission: {
      ...{ answers: admitted, failing: admittedFailing },
      ...{ answersWanted: ADMISSION_ANSWERS, failingWanted: ADMISSION_FAILING },
    },
    ...{ establishedAt, suspendedAt, suspensions, setbacks },
    restsUntil: restUntil === 0 ? null : restUntil,
    ...{ checksPassed, batchesStood, bootstrap: trust.bootstrap },
  }
}
