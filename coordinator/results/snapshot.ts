import type { CellWord, JudgementWord, RoundState, Side } from '../../protocol/index.ts'
import { LaterPass, SIDES } from '../../protocol/index.ts'
import { Breath } from '../breath.ts'
import type { Ballot, CellDecision } from '../rules/ballot.ts'
import type { Declined } from '../rules/dispatch.ts'
import type { Judgement, TestEvidence } from '../rules/judge.ts'
import type { MayShow } from '../rules/secrecy.ts'
import { evidenceIn } from '../state/evidence.ts'
import type { Addition, CaseEntry, RoundEntry, TaskEntry, VoteEntry } from '../state/model.ts'
import type { Recalled } from '../views/recalled.ts'

/** A case as it stood when the export began. */
export interface Item {
  /** Its place in the input, from 1. */
  line: number
  entry: CaseEntry
  /** Null while it is not judged, or not to be shown. */
  judgement: Judgement | null
  /** The plain runs; null where there is nothing to run. */
  tasks: Record<Side, TaskView> | null
  /** The later passes that were made: the strict ones, and coverage. */
  strict: Record<Side, Partial<Record<LaterPass, TaskView>>>
  /** What was decided about a test; null while the case is not judged. */
  evidence: ((test: number) => TestEvidence) | null
}

/** A case, and the round it is of. */
export interface Place {
  owner: RoundEntry
  entry: CaseEntry
}

/** A round's own cases. */
export function placesOf(round: RoundEntry): Place[] {
  return round.cases.map((entry) => ({ owner: round, entry }))
}

/** All tasks of a case: the plain runs, then the later passes. */
export function viewsOf({ tasks, strict }: Item): TaskView[] {
  return tasks === null ? [] : SIDES.flatMap((side) => [tasks[side], ...Object.values(strict[side])])
}

/** The tasks that a case's judgement rests on: coverage says nothing of it. */
export function judgingViews(item: Item): TaskView[] {
  return viewsOf(item).filter(({ entry }) => entry.task.pass !== 'coverage')
}

/** Most tasks': one for all, since a large round has millions. */
const NOT_GIVEN_BACK: TaskView['givenBack'] = []

/** A task as it stood when the export began. */
export class TaskView {
  readonly entry: TaskEntry
  /** The first case of the round that uses it, and as what. */
  readonly firstLine: number
  readonly side: Side
  /**
   * A case that shares its program is still pending: what was voted is shown to nobody, so that no node can copy it
   * until then.
   */
  readonly withheld: boolean
  /** How many verdicts were in, withheld or not. */
  readonly replicas: number
  /** Assignments that had come to nothing. */
  readonly wasted: number
  /** How it stood. */
  readonly ballot: Ballot
  /** By operator, that it was given back for troubles its node had with it. */
  readonly givenBack: readonly (Pick<Declined, 'times' | 'reason'> & { operator: string })[]

  constructor(entry: TaskEntry, { firstLine, side, withheld }: { firstLine: number; side: Side; withheld: boolean }) {
    this.entry = entry
    this.firstLine = firstLine
    this.side = side
    this.withheld = withheld
    this.replicas = entry.votes.length
    this.wasted = entry.wasted
    this.ballot = entry.ballot
    this.givenBack =
      entry.declines.size === 0
        ? NOT_GIVEN_BACK
        : [...entry.declines].map(([operator, { times, reason }]) => ({ operator, times, reason }))
  }

  /** Accepted verdicts, in order of arrival; none while withheld. */
  get votes(): readonly VoteEntry[] {
    return this.withheld ? [] : this.entry.votes.slice(0, this.replicas)
  }

  /** Decision on one test, or null. */
  cell(test: number): CellDecision | null {
    return this.ballot.cells[test] ?? null
  }
}

/**
 * What is exported: the round's cases, judgements and votes as they stood at one moment, by reference.
 * A partial export takes a while, in which the round goes on; without this its files would contradict each other.
 */
export class Snapshot {
  readonly round: RoundEntry
  readonly state: RoundState
  readonly endedAt: number | null
  /** Files that were added to it. */
  readonly additions: readonly Addition[]
  readonly items: readonly Item[]
  /** Each task once, in the order of the first case that uses it. */
  readonly tasks: ReadonlyMap<string, TaskView>

  private constructor(round: RoundEntry, items: readonly Item[], tasks: ReadonlyMap<string, TaskView>) {
    this.round = round
    this.state = round.state
    this.endedAt = round.endedAt
    this.additions = round.additions.map((addition) => ({ ...addition }))
    this.items = items
    this.tasks = tasks
  }

  /**
   * @param mayShow as the secrecy rule says; cases whose programs may not be shown are as if they were not judged
   * @param places the cases, in their order, and whose they are; those of the round unless others are named
   */
  static of(
    state: Recalled['source'],
    round: RoundEntry,
    mayShow: MayShow,
    places: readonly Place[] = placesOf(round),
  ): Snapshot {
    const taking = new Taking(state, mayShow)
    for (const place of places) taking.add(place)
    return new Snapshot(round, taking.items, taking.tasks)
  }

  /**
   * The same, with turns for others in between: of cases whose ballots and judgements are final, which stay as they are meanwhile.
   * @param goesOn whether the state still holds all of them
   * @returns null when it does not any more
   */
  static async inTurns(
    state: Recalled['source'],
    round: RoundEntry,
    places: readonly Place[],
    goesOn: () => boolean,
  ): Promise<Snapshot | null> {
    const taking = new Taking(state, () => true)
    const breath = new Breath()
    for (const place of places) {
      taking.add(place)
      if (!breath.due) continue
      await breath.take()
      if (!goesOn()) return null
    }
    return new Snapshot(round, taking.items, taking.tasks)
  }

  /** Whether something is missing that a finished round would have. */
  get partial(): boolean {
    return this.state !== 'aggregated' || this.items.some(({ judgement }) => judgement === null)
  }
}

function laterViews({ strict }: CaseEntry, side: Side, view: (key: string, side: Side) => TaskView): Item['strict'][Side] {
  const made = LaterPass.options.flatMap((pass) => {
    const key = strict[side][pass]
    return key === undefined ? [] : [[pass, view(key, side)] as const]
  })
  return Object.fromEntries(made)
}

/** A snapshot that is being taken. */
class Taking {
  readonly items: Item[] = []
  readonly tasks = new Map<string, TaskView>()
  readonly #state: Recalled['source']
  readonly #mayShow: MayShow

  constructor(state: Recalled['source'], mayShow: MayShow) {
    this.#state = state
    this.#mayShow = mayShow
  }

  add({ owner, entry }: Place): void {
    const { tasks } = this
    const line = this.items.length + 1
    const view = (key: string, side: Side) => this.#view(key, line, side)
    const sides = entry.tasks && { cpp: view(entry.tasks.cpp, 'cpp'), cuda: view(entry.tasks.cuda, 'cuda') }
    const strict = { cpp: laterViews(entry, 'cpp', view), cuda: laterViews(entry, 'cuda', view) }
    const shown = entry.tasks === null || SIDES.every((side) => this.#mayShow(entry.programs[side]))
    const judgement = shown ? entry.judgement : null
    // From what is held here: while an export goes on, the round may leave the state's memory.
    const evidence = judgement === null ? null : (test: number) => evidenceIn(tasks, owner, entry, test)
    this.items.push({ line, entry, judgement, tasks: sides, strict, evidence })
  }

  #view(key: string, line: number, side: Side): TaskView {
    const known = this.tasks.get(key)
    if (known !== undefined) return known
    const entry = this.#state.tasks.get(key) as TaskEntry
    const made = new TaskView(entry, { firstLine: line, side, withheld: !this.#mayShow(entry.task.program) })
    this.tasks.set(key, made)
    return made
  }
}

/** A case that is not judged, in the files of a partial export. */
export type Pending = 'pending'

export function judgementWords({ judgement }: Item): Record<'compat' | 'strict', JudgementWord | Pending> {
  return { compat: judgement?.compat ?? 'pending', strict: judgement?.strict ?? 'pending' }
}

/** Both rules' words on one test. */
export function cellWords({ judgement }: Item, test: number): Record<'compat' | 'strict', CellWord | Pending> {
  const cell = judgement?.cells[test]
  return { compat: cell?.compat ?? 'pending', strict: cell?.strict ?? 'pending' }
}

export function translationOf({ entry }: Item): Side {
  return entry.source === 'cpp' ? 'cuda' : 'cpp'
}
