import type { CellVote } from '../../../coordinator/rules/ballot.ts'
import type { TaskEntry } from '../../../coordinator/state/model.ts'
import type { Random } from '../engine/random.ts'

/** What a node knows when it answers for a task. */
export interface Asked {
  node: string
  entry: TaskEntry
  /** What its machine would say if it ran the task. */
  ran: readonly CellVote[]
  /** What can be guessed without running it. */
  guess: readonly CellVote[]
  /** Tasks the node has answered so far. */
  answered: number
  random: Random
}

/** How its verdicts travel. Those that are not `plain` are sealed with real keys and go through the production check. */
export type Wire = 'plain' | 'sealed' | 'replayed' | 'foreign-key' | 'garbage'

/** What a node does with the tasks it is given. */
export interface Behaviour {
  /** Counted as honest: it must never be suspended. */
  healthy: boolean
  /** Its part of the time an honest run takes. */
  effort: number
  wire: Wire
  /** Added to the times it reports, milliseconds. */
  clockOffMs: number
  /** Its cells; null: it never answers. */
  answer(asked: Asked): readonly CellVote[] | null
}

export const honest: Behaviour = {
  healthy: true,
  effort: 1,
  wire: 'plain',
  clockOffMs: 0,
  answer: ({ ran }) => ran,
}

/** A false cell: another output where the pass has one, else a finding that is not there, or none where there is one. */
export function lieAbout(cell: CellVote, words: string): CellVote {
  if (cell.output !== '' || cell.status !== 'success')
    return { ...cell, status: 'success', output: words, compat: words, masked: words }
  const findings = cell.findings.length > 0 ? [] : [{ flag: 'undefined-behaviour' as const, file: 'code', line: 1, what: words }]
  return { ...cell, findings }
}
