import {
  decodeCanonical,
  type Environment,
  type Finding,
  type Flag,
  outputText,
  type Pass,
  Program,
  type Side,
  type TestStatus,
} from '../../protocol/index.ts'
import { round6 } from '../results/confidence.ts'
import { disagrees, votedFlags } from '../rules/ballot.ts'
import { explained, type JudgedCell, type TestEvidence } from '../rules/judge.ts'
import type { MayShow } from '../rules/secrecy.ts'
import { type CaseEntry, type RoundEntry, type TaskEntry, taskKeys, taskState, type VoteEntry } from '../state/model.ts'
import type { Store } from '../store/store.ts'
import type { Recalled } from '../views/recalled.ts'
import { type CaseRow, caseRow } from './case-rows.ts'
import { OUTPUT_EXCERPT_BYTES, OUTPUT_READ_BYTES } from './limits.ts'

/** What was decided of one side of one test, with the beginning of its output. */
export interface Outcome {
  status: TestStatus
  /** Name of the whole output. */
  output: string
  /** Operators that said so. */
  votes: number
  /** Null where the output is not at hand or was left out since the others are so large. */
  text: string | null
  bytes: number | null
  truncated: boolean
}

export interface TestDetail {
  cpp: string
  cuda: string
  cell: JudgedCell | null
  outcomes: Record<Side, Outcome | null> | null
  /** What the strict passes found, by side. */
  findings: Record<Side, Finding[]> | null
}

/** One node's signed word on a program. */
export interface BallotVerdict {
  /** Name of the signed statement, see `verdicts/:cid`. */
  verdict: string
  node: string
  class: string
  environment: Environment
  at: number
  tests: { status: TestStatus; output: string; flags: Flag[] }[]
  /** Tests (from 0) in which it says something else than was decided. */
  against: number[]
}

export interface BallotDetail {
  task: string
  executor: string
  pass: Pass
  state: 'decided' | 'undecided'
  /** Votes that must agree; null under a confidence policy, which asks for a confidence. */
  quorum: number | null
  replicas: number
  /** Under a confidence policy the least that a test has reached. */
  confidence: number | null
  verdicts: BallotVerdict[]
}

export interface CaseDetail extends CaseRow {
  round: string
  roundName: string
  /** The line after and before, for paging through. */
  next: number | null
  previous: number | null
  code: { cpp: string; cuda: string; wrapper: string } | null
  inputs: TestDetail[]
  /** The plain run's first, then those of the strict passes that were made. */
  ballots: Record<Side, BallotDetail[]> | null
}

/** Everything about one case that may be shown. */
export async function caseDetail(
  { state, store }: { state: Recalled['source']; store: Store },
  mayShow: MayShow,
  round: RoundEntry,
  item: CaseEntry,
): Promise<CaseDetail> {
  // All that is secret is taken before the first wait: what may be shown now may not be judged by what comes later.
  const row = caseRow(state, mayShow, round, item)
  const entries = row.standing === 'shown' && item.tasks !== null ? item.tasks : null
  const cpp = entries === null ? undefined : state.tasks.get(entries.cpp)
  const cuda = entries === null ? undefined : state.tasks.get(entries.cuda)
  const ballots = row.standing === 'shown' ? { cpp: ballotsOf(state, item, 'cpp'), cuda: ballotsOf(state, item, 'cuda') } : null
  const evidence =
    row.standing !== 'shown' ? null : Array.from({ length: item.tests }, (_, test) => state.evidence(round, item, test))
  const cells = { cpp: [...(cpp?.ballot.cells ?? [])], cuda: [...(cuda?.ballot.cells ?? [])] }
  const sources = { cpp: await programAt(store, item.programs.cpp), cuda: await programAt(store, item.programs.cuda) }
  const budget = { left: OUTPUT_READ_BYTES }
  const inputs: TestDetail[] = []
  for (let test = 0; test < item.tests; test++) {
    inputs.push({
      cpp: sources.cpp?.tests[test] ?? '',
      cuda: sources.cuda?.tests[test] ?? '',
      cell: row.cells?.[test] ?? null,
      outcomes:
        entries === null
          ? null
          : {
              cpp: await outcomeOf(store, cells.cpp[test] ?? null, budget),
              cuda: await outcomeOf(store, cells.cuda[test] ?? null, budget),
            },
      findings: evidence === null ? null : findingsOf(evidence[test] as TestEvidence, test),
    })
  }
  return {
    ...row,
    round: round.id,
    roundName: round.spec.name,
    next: item.index + 1 < round.size ? item.index + 2 : null,
    previous: item.index > 0 ? item.index : null,
    code: codeOf(sources),
    inputs,
    ballots,
  }
}

function codeOf({ cpp, cuda }: Record<Side, Program | null>): CaseDetail['code'] {
  return cpp === null || cuda === null ? null : { cpp: cpp.code, cuda: cuda.code, wrapper: cuda.wrapper }
}

async function programAt(store: Store, cid: string): Promise<Program | null> {
  const bytes = await store.content(cid)
  if (bytes === undefined) return null
  const parsed = Program.safeParse(decodeCanonical(bytes))
  return parsed.success ? parsed.data : null
}

async function outcomeOf(
  store: Store,
  cell: { status: TestStatus; output: string; votes: number } | null,
  budget: { left: number },
): Promise<Outcome | null> {
  if (cell === null) return null
  const { status, output, votes } = cell
  const bytes = budget.left > 0 ? await store.content(output) : undefined
  if (bytes === undefined) return { status, output, votes, text: null, bytes: null, truncated: false }
  budget.left -= bytes.byteLength
  const text = outputText(bytes.subarray(0, OUTPUT_EXCERPT_BYTES))
  return { status, output, votes, text, bytes: bytes.byteLength, truncated: bytes.byteLength > OUTPUT_EXCERPT_BYTES }
}

function findingsOf(evidence: TestEvidence, test: number): Record<Side, Finding[]> {
  return { cpp: explained(evidence.cpp, test), cuda: explained(evidence.cuda, test) }
}

function ballotsOf(state: Recalled['source'], item: CaseEntry, side: Side): BallotDetail[] {
  return taskKeys(item, [side]).flatMap((key) => ballotOf(state.tasks.get(key)) ?? [])
}

function ballotOf(entry: TaskEntry | undefined): BallotDetail | null {
  const at = entry === undefined ? undefined : taskState(entry)
  if (entry === undefined || (at !== 'decided' && at !== 'undecided')) return null
  const { policy } = entry
  const quorum = policy.kind === 'majority' ? policy.quorum : null
  const { replicas } = policy
  const verdicts = entry.votes.map((vote) => verdictOf(entry, vote))
  const { executor, pass } = entry.task
  return { task: entry.id, executor, pass, state: at, quorum, replicas, confidence: confidenceIn(entry), verdicts }
}

function confidenceIn({ ballot }: TaskEntry): number | null {
  const reached = ballot.cells.flatMap((cell) => cell?.confidence ?? [])
  return reached.length === 0 ? null : round6(Math.min(...reached))
}

/** Field by field: a vote's operator may be a network prefix, and never leaves. */
function verdictOf(entry: TaskEntry, vote: VoteEntry): BallotVerdict {
  return {
    verdict: vote.verdict,
    node: vote.node,
    class: vote.class,
    environment: vote.environment,
    at: vote.at,
    tests: vote.cells.map((cell) => ({ status: cell.status, output: cell.output, flags: votedFlags(cell) })),
    against: disagrees(vote, entry.ballot.cells),
  }
}
