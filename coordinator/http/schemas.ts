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
  Policy,
  RoundProgress,
  RoundState,
  RunLimits,
  TestStatus,
  UnsignedVerdict,
} from '../../protocol/index.ts'
import { REASONS } from './reasons.ts'

/** What the answers look like: every field named, nothing beside them. `/api/v1/openapi.json` says it to others, tests hold the answers to it. */
const count = z.int().nonnegative()
const sides = <T extends z.ZodType>(side: T) => z.strictObject({ cpp: side, cuda: side })
const place = count.nullable()

export const Status = z.strictObject({
  coordinator: z.string(),
  port: count.nullable(),
  version: z.string(),
  singleOperator: z.boolean(),
  now: count,
  uptimeMs: count,
  nodes: z.strictObject({ connected: count, executors: z.strictObject({ host: count, emulated: count, gpu: count }) }),
  gpus: z.array(z.strictObject({ model: z.string(), nodes: count })),
  tasksPerSecond: z.number().nonnegative(),
  decidedToday: count,
  rounds: z.strictObject({ total: count, live: count, embargoed: count }),
  tasks: z.strictObject({ total: count, ready: count, running: count, decided: count, undecided: count }),
  verdicts: count,
  preferred: z.array(ClassText),
  trouble: z.string().nullable(),
  refreshMs: count,
  exportedAt: count.nullable(),
})

const IncidentRow = z.strictObject({
  at: count,
  kind: z.enum(['suspended', 'demoted', 'returned']),
  reason: z.enum(['batch-check', 'strikes', 'admission']),
  nodes: z.array(z.string()),
  names: z.array(z.string().nullable()),
  task: z.string().nullable(),
  tests: z.array(z.int().positive()),
  reopened: count,
  rounds: z.array(CidText),
})

const Stretches = z.strictObject({ stretchMs: count, from: count, verdicts: z.array(count), tasks: z.array(count) })
const OfRound = { at: count, round: CidText, name: z.string(), cases: count }
export const Activity = z.strictObject({
  throughput: z.strictObject({ hour: Stretches, day: Stretches, month: Stretches }),
  recent: z.array(
    z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.enum(['round-opened', 'round-aggregated', 'round-cancelled']), ...OfRound }),
      z.strictObject({ kind: z.literal('incident'), at: count, incident: IncidentRow }),
    ]),
  ),
})

const standings = { new: count, established: count, suspended: count }
export const Trust = z.strictObject({
  policies: z.array(
    z.strictObject({
      policy: Policy,
      rounds: count,
      strangers: count,
      errorAtTenth: z.number().nullable(),
      checks: count.nullable(),
    }),
  ),
  bootstrap: z.boolean(),
  operators: z.strictObject(standings),
  answers: z.strictObject({ judged: count, wrong: count }),
  batches: z.strictObject({ gathering: count, checking: count, stood: count, reopened: count, replicated: count }),
  incidents: z.strictObject({ suspended: count, demoted: count, returned: count, ever: count }),
  rules: z.strictObject({
    admissionAnswers: count,
    admissionFailing: count,
    bootstrapOperators: count,
    bootstrapWaitMs: count,
    batchTasks: count,
    grantedStrikeRate: z.number(),
    noAccident: z.number(),
    restMs: count,
    longestRestMs: count,
  }),
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
const RoundRow = RoundProgress.extend({ toGoMs: count.nullable() })
export const Rounds = listOf(RoundRow)
const Relatives = z.array(
  z.strictObject({ round: CidText, name: z.string(), state: RoundState, how: z.enum(['rerun', 'follows']) }),
)
export const Round = RoundRow.extend({
  limits: RunLimits,
  passes: z.array(z.string()),
  coverage: z.boolean(),
  lineage: z.strictObject({ before: Relatives, after: Relatives }),
})

const PassAtK = z.strictObject({
  problems: count,
  samples: count,
  correct: count,
  open: count,
  values: z.array(
    z.strictObject({
      k: z.int().positive(),
      problems: count,
      value: z.number(),
      low: z.number().nullable(),
      high: z.number().nullable(),
      atMost: z.number(),
    }),
  ),
})
const rules = <T extends z.ZodType>(rule: T) => z.strictObject({ compat: rule, strict: rule })
const spot = { line: z.int().positive(), side: z.enum(['cpp', 'cuda']) }
export const Summary = z.strictObject({
  round: CidText,
  cases: count,
  shown: count,
  columns: count,
  rules: z.array(z.strictObject({ compat: JudgementWord, strict: JudgementWord, cases: count })),
  reasons: rules(z.record(z.enum(REASONS), count)),
  statuses: sides(z.partialRecord(TestStatus, count)),
  flags: sides(z.partialRecord(Flag, count)),
  passAtK: rules(PassAtK),
  replicas: z.array(z.strictObject({ replicas: count, tasks: count })),
  splits: z.strictObject({ tasks: count, places: z.array(z.strictObject({ ...spot, pass: Pass, replicas: count })) }),
  flaky: z.strictObject({
    tests: count,
    places: z.array(z.strictObject({ ...spot, test: z.int().positive(), flags: z.array(Flag) })),
  }),
  confidence: z.strictObject({
    assumedWrongShare: z.number(),
    perCell: z.number().nullable(),
    lowest: z.number().nullable(),
    mean: z.number().nullable(),
    cells: count,
    reason: z.literal('single-operator').nullable(),
  }),
})

export const Matrix = z.strictObject({
  round: CidText,
  total: count,
  tileCases: count,
  tile: count,
  line: z.int().positive(),
  rows: count,
  columns: count,
  cells: z.base64(),
})

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
  task: z.base64(),
  uses: z.array(z.strictObject({ round: CidText, line: z.int().positive(), side: z.enum(['cpp', 'cuda']) })),
})

export const NamedBytes = z.strictObject({ cid: CidText, length: count, bytes: z.base64() })

const Standing = z.enum(['new', 'established', 'suspended'])
const NodeRow = z.strictObject({
  node: z.string(),
  name: z.string().nullable(),
  connected: z.boolean(),
  executors: z.array(ExecutorName),
  running: count,
  verdicts: count,
  decided: count,
  creditMs: count,
  agreed: count,
  disagreed: count,
  declined: count,
  expired: count,
  since: count.nullable(),
  lastAt: count.nullable(),
  environments: z.array(Environment),
  standing: Standing,
})
export const Nodes = listOf(NodeRow)
export const Node = NodeRow.extend({
  classes: z.array(z.strictObject({ class: z.string(), decided: count, medianMs: count })),
  days: z.array(z.strictObject({ at: count, verdicts: count })),
  reputation: z.strictObject({
    standing: Standing,
    confirmed: count,
    judged: count,
    wrong: count,
    admission: z.strictObject({ answers: count, failing: count, answersWanted: count, failingWanted: count }),
    establishedAt: count.nullable(),
    suspendedAt: count.nullable(),
    suspensions: count,
    setbacks: count,
    restsUntil: count.nullable(),
    checksPassed: count,
    batchesStood: count,
    bootstrap: z.boolean(),
  }),
  incidents: z.array(IncidentRow),
})

export const Incidents = listOf(IncidentRow)

export const Refusal = z.strictObject({ error: z.strictObject({ code: z.string(), message: z.string().min(1) }) })
export const FeedMessage = z.strictObject({ status: Status, rounds: z.array(RoundRow) })
