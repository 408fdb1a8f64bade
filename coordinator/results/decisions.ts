import { type Flag, SIDES, type Side, type TestStatus } from '../../protocol/index.ts'
import { type CellDecision, disagrees, votedFlags } from '../rules/ballot.ts'
import type { GivenUp } from '../state/model.ts'
import { confidenceOf, round6 } from './confidence.ts'
import { type Item, judgementWords, type Snapshot, type TaskView } from './snapshot.ts'

/** One side of a case in `decisions.jsonl`: how it was decided and what that cost. Its task may serve other cases too. */
interface SideDecision {
  task: string
  program: string
  /** Classes in which cells were decided; more than one only where they differ from test to test. */
  classes: string[]
  /** Verdicts that were accepted. */
  replicas: number
  /** Of these, the ones that agree with every decided cell. */
  agreeing: number
  /** Nodes whose verdict disagrees with a decided cell. */
  disagreeing: string[]
  /** Assignments that came to nothing. */
  wasted: number
  /** Medians over the verdicts, as the nodes report them; no decision uses them. */
  compileMs: number | null
  runMs: number | null
  /** Of the votes that measured it. */
  kernelMs: number | null
  /** Per test what was decided, or null. Empty while `withheld`. */
  tests: (CellSummary | null)[]
  /** Tests, from 1, of which the ballot has ended without a decision, and why. */
  undecided: { test: number; reason: NoDecision }[]
  /** A case that shares the program is pending: votes are shown when all that do are judged. */
  withheld: boolean
  /** Why it ended without a vote having decided it: nodes could not run it, its program is blocked here, or has used its seconds. */
  givenUp?: GivenUp
  /** Under a confidence policy: decided before enough operators were established. */
  bootstrap?: boolean
}

type NoDecision =
  /** Nodes that were asked again did not repeat what they had said. */
  | 'nondeterministic'
  /** So many operators could not run it that nobody was asked any more. */
  | 'given-back'
  /** Too few said the same, with all the answers that the policy allows. */
  | 'no-agreement'

interface CellSummary {
  status: TestStatus
  output: string
  compat: string
  flags: Flag[]
  /** How many said so, in these bytes or in others within the tolerance. */
  votes: number
  /** How many other outputs count as the same. */
  alike: number
  /** Whether too few printed this very text for the text to be decided: the compat cell is unknown then. */
  near: boolean
  /** Chance that it is right, under a confidence policy, where nodes are of several operators. */
  confidence?: number
}

/** `decisions.jsonl`: a line a case: judgement, confidence, and per side what it rests on. */
export async function* decisions(
  { items, round }: Snapshot,
  { singleOperator }: { singleOperator: boolean },
): AsyncGenerator<string> {
  const { rule, policy } = round.spec
  for (const item of items) {
    const { confidence, reason } = confidenceOf(item, rule, policy, singleOperator)
    const sides = SIDES.map((side) => [side, sideDecisions(item, side, singleOperator)] as const)
    const line = { line: item.line, id: item.entry.id, judgement: judgementWords(item), confidence, confidenceReason: reason }
    yield `${JSON.stringify({ ...line, ...Object.fromEntries(sides) })}\n`
  }
}

/** The plain run's decision, and beside it those of the strict passes that were made. */
function sideDecisions({ tasks, strict }: Item, side: Side, singleOperator: boolean) {
  const passes = Object.entries(strict[side]).map(([pass, view]) => [pass, sideDecision(view, singleOperator)] as const)
  return tasks === null ? null : { ...sideDecision(tasks[side], singleOperator), passes: Object.fromEntries(passes) }
}

function sideDecision(view: TaskView, singleOperator: boolean): SideDecision {
  const { entry, votes, replicas, withheld } = view
  const cells = withheld ? [] : Array.from({ length: entry.tests }, (_, test) => view.cell(test))
  const against = votes.filter((vote) => disagrees(vote, cells).length > 0)
  return {
    task: entry.id,
    program: entry.task.program,
    classes: [...new Set(cells.flatMap((cell) => (cell === null ? [] : [cell.class])))].sort(),
    replicas,
    agreeing: votes.length - against.length,
    disagreeing: [...new Set(against.map(({ node }) => node))].sort(),
    wasted: view.wasted,
    compileMs: median(votes.map(({ resources }) => resources.compileMs)),
    runMs: median(votes.map(({ resources }) => resources.runMs)),
    kernelMs: median(votes.flatMap(({ resources }) => resources.kernelMs ?? [])),
    tests: cells.map((cell) => summary(cell, singleOperator)),
    undecided: withheld ? [] : undecidedIn(view),
    withheld,
    ...(entry.givenUp === null ? {} : { givenUp: entry.givenUp }),
    ...(entry.trust === null ? {} : { bootstrap: entry.trust.bootstrap }),
  }
}

function undecidedIn({ entry }: TaskView): SideDecision['undecided'] {
  const { ballot, trust, declines, votes, policy } = entry
  if (ballot.state !== 'undecided') return []
  const tooFew = policy.kind === 'majority' && votes.length < policy.quorum && declines.size > 0
  const givenBack = trust?.abandoned ?? tooFew
  const unstable = new Set(ballot.unstable)
  const reasonOf = (test: number) => (unstable.has(test) ? 'nondeterministic' : givenBack ? 'given-back' : 'no-agreement')
  return ballot.cells.flatMap((cell, test) => (cell === null ? [{ test: test + 1, reason: reasonOf(test) }] : []))
}

function summary(cell: CellDecision | null, singleOperator: boolean): CellSummary | null {
  if (cell === null) return null
  const { status, output, compat, votes, confidence, alike = [], near = false } = cell
  const reached = confidence === undefined || singleOperator ? {} : { confidence: round6(confidence) }
  return { status, output, compat, flags: votedFlags(cell), votes, alike: alike.length, near, ...reached }
}

/** The middle value, or the mean of the two in the middle; null of none. */
export function median(values: readonly number[]): number | null {
  if (values.length === 0) return null
  const sorted = values.toSorted((a, b) => a - b)
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.floor(sorted.length / 2)]] as [number, number]
  return (low + high) / 2
}
