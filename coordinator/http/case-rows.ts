import { type Flag, type JudgementWord, SIDES, type Side, type TestStatus } from '../../protocol/index.ts'
import { flagsOf, type JudgedCell } from '../rules/judge.ts'
import type { MayShow } from '../rules/secrecy.ts'
import { type CaseEntry, type RoundEntry, taskKeys, taskState } from '../state/model.ts'
import type { Recalled, Window } from '../views/recalled.ts'
import type { CasesPage, Show } from './query.ts'

/** How far one side of a case is. That it came to no decision is said only when the case may be shown. */
export type SideProgress = 'waiting' | 'running' | 'ended'

/**
 * Where a case stands for whoever looks: `open` while a side runs, `held` when it is judged but shares a program with a
 * case that is not, `shown` when everything may be seen, `abandoned` when its round was cancelled before.
 */
export type Standing = 'open' | 'held' | 'shown' | 'abandoned'

/** A case as the list shows it. Judgement, statuses and cells are null unless it is `shown`. */
export interface CaseRow {
  line: number
  id: string | number | null
  problem: string
  source: Side
  tests: number
  standing: Standing
  sides: Record<Side, SideProgress>
  judgement: Record<'compat' | 'strict', JudgementWord> | null
  /** Decided status of each test of each side; null where the vote came to no decision. */
  statuses: Record<Side, (TestStatus | null)[]> | null
  cells: JudgedCell[] | null
  /** Flags of each test of each side. */
  flags: Record<Side, Flag[][]> | null
}

export interface CasePage {
  /** Cases of the round, whatever the filter. */
  total: number
  from: number
  /** Where the next page begins, or null at the end; so for the page before. */
  next: number | null
  previous: number | null
  cases: CaseRow[]
}

export function caseRow(state: Recalled['source'], mayShow: MayShow, round: RoundEntry, item: CaseEntry): CaseRow {
  const standing = standingOf(mayShow, round, item)
  const { index, id, problem, source, tests } = item
  const shown = standing === 'shown' ? item.judgement : null
  return {
    line: index + 1,
    id,
    problem,
    source,
    tests,
    standing,
    sides: { cpp: sideProgress(state, item, 'cpp'), cuda: sideProgress(state, item, 'cuda') },
    judgement: shown === null ? null : { compat: shown.compat, strict: shown.strict },
    statuses: shown === null ? null : { cpp: statuses(state, item, 'cpp'), cuda: statuses(state, item, 'cuda') },
    cells: shown === null ? null : shown.cells,
    flags: shown === null ? null : { cpp: flags(state, round, item, 'cpp'), cuda: flags(state, round, item, 'cuda') },
  }
}

/** A case without tests has nothing to hide. */
export function standingOf(mayShow: MayShow, round: RoundEntry, { judgement, programs, tasks }: CaseEntry): Standing {
  if (judgement === null) return round.state === 'cancelled' ? 'abandoned' : 'open'
  return tasks === null || SIDES.every((side) => mayShow(programs[side])) ? 'shown' : 'held'
}

function sideProgress(state: Recalled['source'], item: CaseEntry, side: Side): SideProgress {
  const states = taskKeys(item, [side]).flatMap((key) => {
    const entry = state.tasks.get(key)
    return entry === undefined ? [] : [taskState(entry)]
  })
  if (states.includes('balloting')) return 'running'
  if (!states.includes('waiting')) return 'ended'
  return states.length === 1 ? 'waiting' : 'running'
}

function statuses(state: Recalled['source'], { tasks }: CaseEntry, side: Side): (TestStatus | null)[] {
  const cells = tasks === null ? [] : (state.tasks.get(tasks[side])?.ballot.cells ?? [])
  return cells.map((cell) => cell?.status ?? null)
}

function flags(state: Recalled['source'], round: RoundEntry, item: CaseEntry, side: Side): Flag[][] {
  return Array.from({ length: item.tests }, (_, test) => flagsOf(state.evidence(round, item, test)[side]))
}

/** The cases that are looked at for a page. */
export function windowOf({ from, limit, show }: CasesPage, size: number, scan: number): Window {
  const around = show === 'all' ? limit : scan
  return { from: Math.max(0, Math.min(from, size) - around), to: from + around }
}

/** A page of the cases that the filter lets through, in the order of the file. Looks at so many cases each way at most. */
export function casePage(
  state: Recalled['source'],
  mayShow: MayShow,
  round: RoundEntry,
  { from, limit, show }: CasesPage,
  scan: number,
): CasePage {
  const fits = filterOf(mayShow, round, show)
  const found: CaseEntry[] = []
  const end = Math.min(round.size, from + scan)
  let at = from
  for (; at < end && found.length < limit; at++) {
    const item = round.cases[at]
    if (item !== undefined && fits(item)) found.push(item)
  }
  return {
    total: round.size,
    from,
    next: at < round.size ? at : null,
    previous: previousPage(round, fits, { from, limit, scan }),
    cases: found.map((item) => caseRow(state, mayShow, round, item)),
  }
}

function previousPage(
  round: RoundEntry,
  fits: (item: CaseEntry) => boolean,
  { from, limit, scan }: { from: number; limit: number; scan: number },
): number | null {
  let first: number | null = null
  let found = 0
  const start = Math.min(from, round.size)
  for (let at = start - 1; at >= Math.max(0, start - scan) && found < limit; at--) {
    const item = round.cases[at]
    if (item === undefined || !fits(item)) continue
    first = at
    found++
  }
  return first
}

function filterOf(mayShow: MayShow, round: RoundEntry, show: Show): (item: CaseEntry) => boolean {
  if (show === 'all') return () => true
  const shown = (item: CaseEntry) => standingOf(mayShow, round, item) === 'shown'
  if (show === 'open') return (item) => !shown(item)
  return (item) => item.judgement?.[round.spec.rule] === show && shown(item)
}
