import type { Environment, ExecutorName } from '../../protocol/index.ts'
import type { NodeEntry } from '../state/model.ts'
import type { State } from '../state/state.ts'
import type { OperatorStanding } from '../trust/model.ts'
import type { Presence } from '../view.ts'

/** A node as anyone may see it: its key's name and its work. Never where it is. */
export interface NodeRow {
  node: string
  connected: boolean
  /** What it can run; empty while it is away. */
  executors: ExecutorName[]
  running: number
  verdicts: number
  /** Tests in which it said what was decided, and in which it did not. */
  agreed: number
  disagreed: number
  declined: number
  expired: number
  /** When it last took or returned work, or null. */
  lastAt: number | null
  environments: Environment[]
  /** How its operator stands where rounds ask for confidence. */
  standing: OperatorStanding
}

const NOTHING_YET = { verdicts: 0, agreed: 0, disagreed: 0, declined: 0, expired: 0, lastAt: 0 }

/** All nodes known, those connected first, then by what they did. Fields are copied one by one: an operator may be a network prefix. */
export function nodeRows({ nodes: known, trust }: State, present: readonly Presence[]): NodeRow[] {
  const here = new Map(present.map((presence) => [presence.node, presence]))
  const names = new Set([...here.keys(), ...known.keys()])
  return [...names]
    .map((node) => {
      const operator = here.get(node)?.operator ?? known.get(node)?.operator ?? ''
      return nodeRow(node, known.get(node), here.get(node), trust.operators.standingOf(operator))
    })
    .sort((a, b) => Number(b.connected) - Number(a.connected) || b.verdicts - a.verdicts || (a.node < b.node ? -1 : 1))
}

function nodeRow(
  node: string,
  entry: NodeEntry | undefined,
  presence: Presence | undefined,
  standing: OperatorStanding,
): NodeRow {
  const { verdicts, agreed, disagreed, declined, expired, lastAt } = entry ?? NOTHING_YET
  return {
    node,
    connected: presence !== undefined,
    executors: [...(presence?.executors ?? [])].sort(),
    running: presence?.running ?? 0,
    verdicts,
    agreed,
    disagreed,
    declined,
    expired,
    lastAt: lastAt === 0 ? null : lastAt,
    environments: [...(entry?.environments.values() ?? [])],
    standing,
  }
}
