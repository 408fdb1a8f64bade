import type { Incident } from './model.ts'

/** An incident as anyone may see it. Field by field: an operator may be a network prefix, and never leaves. */
export interface IncidentRow {
  at: number
  kind: Incident['kind']
  reason: Incident['reason']
  nodes: string[]
  /** Name of the task that decided it, and its tests, from 1. */
  task: string | null
  tests: number[]
  reopened: number
  rounds: string[]
}

export function incidentRow({ at, kind, reason, nodes, task, tests, reopened, rounds }: Incident): IncidentRow {
  return { at, kind, reason, nodes: nodes.toSorted(), task, tests: tests.map((test) => test + 1), reopened, rounds }
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
