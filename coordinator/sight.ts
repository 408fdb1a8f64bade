import { type Exposure, exposureOf } from './rules/visibility.ts'
import type { RoundEntry, TaskEntry } from './state/model.ts'
import type { State } from './state/state.ts'

/** What somebody may know of: that a round exists, and what was run in it. */
export interface Sight {
  /** Whether somebody knows that there is this round. */
  knows(round: string): boolean
  /** Whether somebody sees what is in it: texts, outputs, names. */
  sees(round: string): boolean
  /** Whether somebody sees a task by its name, in some round. */
  seesTask(name: string): boolean
}

type Known = Pick<State, 'roundNamed' | 'tasks' | 'named'>

/** What others than its owner are shown of a round. */
export function exposure({ spec, state }: Pick<RoundEntry, 'spec' | 'state'>): Exposure {
  return exposureOf(spec.visibility, state)
}

/** What anybody may know of. */
export function everybody(state: Known): Sight {
  return sight(state, exposure)
}

/** What a researcher may know of: his own rounds, and what anybody may. */
export function researcher(state: Known, owner: string): Sight {
  return sight(state, (round) => (round.owner === owner ? 'all' : exposure(round)))
}

function sight(state: Known, of: (round: RoundEntry) => Exposure): Sight {
  const exposed = (id: string) => {
    const round = state.roundNamed(id)
    return round === undefined ? 'nothing' : of(round)
  }
  const sees = (id: string) => exposed(id) === 'all'
  return {
    knows: (id) => exposed(id) !== 'nothing',
    sees,
    seesTask: (name) => (state.named.get(name) ?? []).some((key) => state.tasks.get(key)?.rounds.some(sees) ?? false),
  }
}

/** The same, with tasks that are seen for another reason. */
export function seeingToo(sight: Sight, tasks: ReadonlySet<string>): Sight {
  return { ...sight, seesTask: (name) => tasks.has(name) || sight.seesTask(name) }
}

/** Counts of work, as the status of a coordinator has them. */
export interface WorkCounts {
  total: number
  ready: number
  running: number
  decided: number
  undecided: number
  verdicts: number
}

/**
 * How much work is of rounds alone of which nobody is to know. Costs a pass over their tasks; of those that have left memory
 * the counts are known, not what they shared.
 */
export function hiddenWork({ rounds, closedRounds, tasks, wanting }: Pick<State, Hiding>): WorkCounts {
  const counts = { total: 0, ready: 0, running: 0, decided: 0, undecided: 0, verdicts: 0 }
  const hidden = new Map([...rounds.values()].filter((round) => exposure(round) === 'nothing').map((round) => [round.id, round]))
  for (const [id, round] of hidden) {
    for (const key of round.tasks) {
      const entry = tasks.get(key)
      // What several of them share is counted with the first.
      if (entry !== undefined && entry.rounds[0] === id && entry.rounds.every((other) => hidden.has(other))) {
        add(counts, entry, wanting.has(key))
      }
    }
  }
  for (const round of closedRounds.values()) if (exposure(round) === 'nothing') addClosed(counts, round)
  return counts
}

type Hiding = 'rounds' | 'closedRounds' | 'tasks' | 'wanting'

function addClosed(counts: WorkCounts, { counts: own }: RoundEntry): void {
  counts.total += own.waiting + own.balloting + own.provisional + own.decided + own.undecided
  counts.decided += own.decided
  counts.undecided += own.undecided
  counts.verdicts += own.verdicts
}

function add(counts: WorkCounts, { ballot, open, trust, votes }: TaskEntry, ready: boolean): void {
  counts.total++
  counts.ready += Number(ready)
  counts.running += open.size + (trust?.asked.size ?? 0)
  counts.decided += Number(ballot.state === 'decided')
  counts.undecided += Number(ballot.state === 'undecided')
  counts.verdicts += votes.length + (trust?.answers ?? 0)
}
