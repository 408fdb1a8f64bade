import type { BatchEntry, Incident, OperatorEntry } from '../trust/model.ts'
import type { CaseEntry, NodeEntry, OpenAssignment, RoundEntry, TaskEntry } from './model.ts'

/**
 * What of the state is not as its records say any more: the fold marks, and whoever keeps records takes. Marks are few
 * however much happens to one thing, so that a state of which nobody keeps records is no larger for them than it is.
 */
export class Changes {
  readonly rounds = new Set<RoundEntry>()
  /** Cases, and the rounds they are of. */
  readonly cases = new Map<CaseEntry, string>()
  /** Names of tasks. */
  readonly tasks = new Set<string>()
  /** Tasks that left the state and changed before, by name: all that have it. */
  readonly gone = new Map<string, TaskEntry[]>()
  /** By nonce; null where it is closed. What came and went since is not among them. */
  readonly open = new Map<string, OpenAssignment | null>()
  readonly nodes = new Set<NodeEntry>()
  readonly operators = new Set<OperatorEntry>()
  /** Names of nodes and operators that were forgotten. */
  readonly nodesGone = new Set<string>()
  readonly operatorsGone = new Set<string>()
  readonly batches = new Map<string, BatchEntry>()
  /** Names of lists of known answers. */
  readonly known = new Set<string>()
  /** With their numbers, from 1. */
  readonly incidents: { number: number; incident: Incident }[] = []
  owed = false
  /** Events since somebody last took note. */
  events = 0
  /** The programs that nobody is to run. */
  blocked = false

  /** How many things changed. */
  get size(): number {
    const { rounds, cases, tasks, gone, open, nodes, operators, nodesGone, operatorsGone, batches } = this
    const all = [rounds, cases, tasks, gone, open, nodes, operators, nodesGone, operatorsGone, batches]
    return all.reduce((sum, { size }) => sum + size, 0)
  }

  clear(): void {
    const { rounds, cases, tasks, gone, open, nodes, operators, nodesGone, operatorsGone, batches, known } = this
    const all = [rounds, cases, tasks, gone, open, nodes, operators, nodesGone, operatorsGone, batches, known]
    for (const one of all) one.clear()
    this.incidents.length = 0
    this.owed = false
    this.events = 0
    this.blocked = false
  }
}
