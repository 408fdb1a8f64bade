import { z } from 'zod'
import {
  CidText,
  ClassText,
  Environment,
  ExecutorName,
  Finding,
  Flag,
  JudgementWord,
  Pass,
  RoundProgress,
  RunLimits,
  TestStatus,
  UnsignedVerdict,
} from '../../protocol/index.ts'

/** What the answers look like: every field named, nothing beside them. `/api/v1/openapi.json` says it to others, tests hold the answers to it. */
const count = z.int().nonnegative()
const sides = <T extends z.ZodType>(side: T) => z.strictObject({ cpp: side, cuda: side })
const place = count.nullable()

export const Status = z.strictObject({
  coordinator: z.string(),
  version: z.string(),
  singleOperator: z.boolean(),
  now: count,
  uptimeMs: count,
  nodes: z.strictObject({ connected: count, executors: z.strictObject({ host: count, emulated: count, gpu: count }) }),
  rounds: z.strictObject({ total: count, live: count, embargoed: count }),
  tasks: z.strictObject({ total: count, ready: count, running: count, decided: count, undecided: count }),
  verdicts: count,
  preferred: z.array(ClassText),
  trouble: z.string().nullable(),
})

/** The result files that anybody may have of a round that shows its content, with their media types. */
export const SHARED_FILES = {
  'outcomes.jsonl': 'application/jsonl; charset=utf-8',
  'valid_translations.jsonl': 'application/jsonl; charset=utf-8',
  'translator_sft.json': 'application/json; charset=utf-8',
  'tester_sft.json': 'application/json; charset=utf-8',
  'dataset_info.json': 'application/json; charset=utf-8',
  'decisions.jsonl': 'application/jsonl; charset=utf-8',
  'matrix.csv': 'text/csv; charset=utf-8',
} as const
export type SharedFile = keyof typeof SHARED_FILES
export const SharedFile = z.enum(Object.keys(SHARED_FILES) as [SharedFile, ...SharedFile[]])
export const Files = z.strictObject({ files: z.array(SharedFile) })

const listOf = <T extends z.ZodType>(item: T) => z.strictObject({ total: count, from: count, next: place, items: z.array(item) })
export const Rounds = listOf(RoundProgress)
export const Round = RoundProgress.extend({ limits: RunLimits })

const Cell = z.strictObject({
  compat: z.enum(['pass', 'fail', 'void', 'unknown']),
  strict: z.enum(['pass', 'fail', 'void', 'unknown']),
})
const row = {
  line: z.int().positive(),
  id: z.union([z.string(), z.int(), z.null()]),
  problem: z.string(),
  source: z.enum(['cpp', 'cuda']),
  tests: count,
  standing: z.enum(['open', 'held', 'shown', 'abandoned']),
  sides: sides(z.enum(['waiting', 'running', 'ended'])),
  judgement: z.strictObject({ compat: JudgementWord, strict: JudgementWord }).nullable(),
  statuses: sides(z.array(TestStatus.nullable())).nullable(),
  cells: z.array(Cell).nullable(),
  flags: sides(z.array(z.array(Flag))).nullable(),
}
export const Cases = z.strictObject({
  total: count,
  from: count,
  next: place,
  previous: place,
  cases: z.array(z.strictObject(row)),
})

const Outcome = z.strictObject({
  status: TestStatus,
  output: CidText,
  votes: z.int().positive(),
  text: z.string().nullable(),
  bytes: count.nullable(),
  truncated: z.boolean(),
})
const Ballot = z.strictObject({
  task: CidText,
  executor: ExecutorName,
  pass: Pass,
  state: z.enum(['decided', 'undecided']),
  quorum: count.nullable(),
  replicas: count,
  confidence: z.number().nullable(),
  verdicts: z.array(
    z.strictObject({
      verdict: CidText,
      node: z.string(),
      class: z.string(),
      environment: Environment,
      at: count,
      tests: z.array(z.strictObject({ status: TestStatus, output: CidText, flags: z.array(Flag) })),
      against: z.array(count),
    }),
  ),
})
export const CaseDetail = z.strictObject({
  ...row,
  round: CidText,
  roundName: z.string(),
  next: place,
  previous: place,
  code: z.strictObject({ cpp: z.string(), cuda: z.string(), wrapper: z.string() }).nullable(),
  inputs: z.array(
    z.strictObject({
      cpp: z.string(),
      cuda: z.string(),
      cell: Cell.nullable(),
      outcomes: sides(Outcome.nullable()).nullable(),
      findings: sides(z.array(Finding)).nullable(),
    }),
  ),
  ballots: sides(z.array(Ballot)).nullable(),
})

export const Verdict = z.strictObject({
  cid: CidText,
  signer: z.string(),
  at: count,
  envelope: z.base64(),
  value: UnsignedVerdict,
  program: CidText,
  uses: z.array(z.strictObject({ round: CidText, line: z.int().positive(), side: z.enum(['cpp', 'cuda']) })),
})

export const Nodes = listOf(
  z.strictObject({
    node: z.string(),
    connected: z.boolean(),
    executors: z.array(ExecutorName),
    running: count,
    verdicts: count,
    agreed: count,
    disagreed: count,
    declined: count,
    expired: count,
    lastAt: count.nullable(),
    environments: z.array(Environment),
    standing: z.enum(['new', 'established', 'suspended']),
  }),
)

export const Incidents = listOf(
  z.strictObject({
    at: count,
    kind: z.enum(['suspended', 'demoted', 'returned']),
    reason: z.enum(['batch-check', 'strikes', 'admission']),
    nodes: z.array(z.string()),
    task: z.string().nullable(),
    tests: z.array(z.int().positive()),
    reopened: count,
    rounds: z.array(CidText),
  }),
)

export const Refusal = z.strictObject({ error: z.strictObject({ code: z.string(), message: z.string().min(1) }) })
export const FeedMessage = z.strictObject({ status: Status, rounds: z.array(RoundProgress) })
