import type { Sight } from '../sight.ts'
import type { Incident } from './model.ts'

/** An incident as somebody may see it who knows of some rounds and not of others. Field by field: an operator may be a network prefix, and never leaves. */
export interface IncidentRow {
  at: number
  kind: Incident['kind']
  reason: Incident['reason']
  nodes: string[]
  /** Name of the task that decided it, and its tests, from 1; of a round that does not show its content: null, and none. */
  task: string | null
  tests: number[]
  reopened: number
  rounds: string[]
}

export function incidentRow(incident: Incident, sight: Sight): IncidentRow {
  const { at, kind, reason, nodes, reopened } = incident
  const seen = incident.task !== null && sight.seesTask(incident.task)
  return {
    ...{ at, kind, reason, nodes: nodes.toSorted(), reopened },
    task: seen ? incident.task : null,
    tests: seen ? incident.tests.map((test) => test + 1) : [],
    rounds: incident.rounds.filter((round) => sight.knows(round)),
  }
}

/** What the owner of a node is told about it, in one sentence. */
export function incidentNotice({ kind, reason, task, tests }: Incident): string {
  const which = `${tests.length === 1 ? 'test' : 'tests'} ${tests.map((test) => test + 1).join(', ')} of task ${task}`
  if (kind === 'returned') return 'this operator has shown again that its answers hold, and counts as before'
  const why =
    reason === 'batch-check'
      ? `an answer that was drawn to be checked was wrong, after asking everybody again: ${which}`
      : `more answers were wrong than chance explains, the last one in ${which}`
  const what = kind === 'suspended' ? 'this operator is suspended' : "this operator's answers need those of others again"
  return `${what}: ${why}. Its open answers are asked of others; it returns by answering tasks of which the answer is known. Broken memory and wrong compilers do this, too: see \`kernelswarm node doctor\``
}
