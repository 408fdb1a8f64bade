import { CID } from 'multiformats/cid'
import { z } from 'zod'
import {
  CidText,
  type Comparator,
  ExecutorName,
  Finding,
  LaterPass,
  MAX_TESTS_PER_CASE,
  Pass,
  RerunKind,
  RoundSpec,
  RoundState,
  RunLimits,
  TestStatus,
} from '../../protocol/index.ts'

/** The records of an archive as docs/archive.md has them, and nothing beside. */

const FORMAT = z.literal(2)
const count = z.int().nonnegative()
const instant = z.int().nonnegative()
/** Names of operators, networks and batches: salted by the coordinator. */
const salted = z.string().regex(/^[0-9a-f]{16}$/)
/** A name that a block, a task or a verdict can have: of raw bytes or dag-cbor, by SHA-256, and no bit beside. `CidText` fits some that nothing has. */
const Name = CidText.regex(/^baf[ky]rei[a-h].{50}[aeimquy4]$/, 'expected the CID of raw bytes or dag-cbor, by SHA-256')
/** A link, read as the text of its CID. */
const link = z
  .custom<CID>((value) => CID.asCID(value) !== null, 'expected a link')
  .transform(String)
  .pipe(Name)
const testNumbers = z.array(z.int().min(1).max(MAX_TESTS_PER_CASE))

export const Root = z.strictObject({ v: FORMAT, manifest: link, signature: z.instanceof(Uint8Array) })
/** What the coordinator signs. */
export const Statement = z.strictObject({ v: FORMAT, round: z.string(), manifest: Name })

export const LISTS = ['cases', 'tasks', 'batches', 'operators', 'incidents'] as const
export type ListName = (typeof LISTS)[number]

export const Manifest = z.strictObject({
  v: FORMAT,
  round: z.string(),
  owner: z.string(),
  spec: RoundSpec,
  casesDigest: z.string(),
  /** Files that were added after the first. */
  additions: z.array(z.strictObject({ casesDigest: z.string(), from: count, cases: count.nullable() })).optional(),
  /** The round of which it runs cases again. */
  parent: z.strictObject({ round: z.string(), only: z.array(RerunKind), cases: z.array(count) }).optional(),
  /** Answers of which only equal bytes are the same, whatever the comparator; else it says what else is. */
  votes: z.literal('digest').optional(),
  coordinator: z.string(),
  singleOperator: z.boolean(),
  state: RoundState,
  partial: z.boolean(),
  openedAt: instant,
  endedAt: instant.nullable(),
  counts: z.strictObject({ cases: count, tasks: count, votes: count, batches: count, operators: count, incidents: count }),
  cases: z.array(link),
  tasks: z.array(link),
  batches: z.array(link),
  operators: z.array(link),
  incidents: z.array(link),
})
export type Manifest = z.infer<typeof Manifest>

/** What several answers to one program are compared by, in its ballots and between its passes; null: only equal bytes are the same. */
export function comparatorOf({ votes, spec: { compare } }: Manifest): Extract<Comparator, { kind: 'numeric' }> | null {
  return votes === 'digest' || compare.kind === 'exact' ? null : compare
}

const CellWord = z.enum(['pass', 'fail', 'void', 'unknown'])
const JudgementWord = z.enum(['equivalent', 'different', 'invalid', 'undecided'])
const sides = <T extends z.ZodType>(one: T) => z.strictObject({ cpp: one, cuda: one })

export const CaseRecord = z.strictObject({
  line: z.int().min(1),
  id: z.union([z.string(), z.int(), z.null()]),
  problem: z.string(),
  source: z.enum(['cpp', 'cuda']),
  tests: z.int().min(0).max(MAX_TESTS_PER_CASE),
  programs: sides(link),
  tasks: sides(Name).nullable(),
  strict: sides(z.partialRecord(LaterPass, Name)),
  equal: z.array(z.boolean().nullable()).nullable(),
  judgement: z
    .strictObject({
      compat: JudgementWord,
      strict: JudgementWord,
      cells: z.array(z.strictObject({ compat: CellWord, strict: CellWord })),
    })
    .nullable(),
})
export type CaseRecord = z.infer<typeof CaseRecord>

const Cell = z.strictObject({
  status: TestStatus,
  output: link,
  compat: Name,
  masked: Name,
  findings: z.array(Finding),
  class: z.string(),
  votes: z.int().min(1),
  alike: z.array(Name).optional(),
  near: z.boolean().optional(),
  confidence: z.number().min(0).max(1).optional(),
})
export type Cell = z.infer<typeof Cell>

/** A signed verdict and when it was asked for and came. */
const answer = { nonce: z.string(), givenAt: instant, deadlineAt: instant, at: instant, verdict: Name, envelope: link }
export const Answer = z.strictObject(answer)
export type Answer = z.infer<typeof Answer>

/** What a vote counted with, under a confidence policy. */
export const Basis = z.strictObject({
  newcomer: z.boolean(),
  borrowed: z.boolean(),
  batch: salted.nullable(),
  checks: count.nullable(),
  excused: z.boolean(),
  drawn: z.boolean(),
  again: z.array(Answer),
})
export type Basis = z.infer<typeof Basis>

export const Vote = z.strictObject({
  ...answer,
  node: z.string(),
  operator: salted,
  network: salted,
  class: z.string(),
  void: z.boolean(),
  basis: Basis.nullable(),
})
export type Vote = z.infer<typeof Vote>

export const TaskRecord = z.strictObject({
  name: Name,
  program: link,
  executor: ExecutorName,
  pass: Pass,
  limits: RunLimits,
  tests: z.int().min(1).max(MAX_TESTS_PER_CASE),
  state: z.enum(['open', 'provisional', 'decided', 'undecided', 'withheld']),
  counted: count.nullable(),
  bootstrap: z.boolean(),
  /** Why it ended undecided without having been voted on to its end. */
  givenUp: z.enum(['declined', 'limit', 'blocked']).nullable(),
  givenBack: z.array(z.strictObject({ operator: salted, times: count, reason: z.string() })),
  wasted: count,
  cells: z.array(Cell.nullable()),
  votes: z.array(Vote),
  outputs: z.array(link),
})
export type TaskRecord = z.infer<typeof TaskRecord>

export const BatchRecord = z.strictObject({
  name: salted,
  operator: salted,
  round: z.string().nullable(),
  state: z.enum(['stood', 'reopened', 'replicated']),
  answers: count,
  drawnAt: instant.nullable(),
  passed: count,
  voided: count,
  drawn: z.array(z.strictObject({ task: Name, result: z.enum(['passed', 'void', 'none']) })),
})
export type BatchRecord = z.infer<typeof BatchRecord>

export const OperatorRecord = z.strictObject({
  name: salted,
  standing: z.enum(['new', 'established', 'suspended']),
  establishedAt: instant.nullable(),
  shown: z.array(z.strictObject({ task: Name.nullable(), verdict: Name })),
  passed: count,
  judged: count,
  strikes: count,
  suspensions: count,
})
export type OperatorRecord = z.infer<typeof OperatorRecord>

export const IncidentRecord = z.strictObject({
  at: instant,
  kind: z.enum(['suspended', 'demoted', 'returned']),
  reason: z.enum(['batch-check', 'strikes', 'admission']),
  operator: salted,
  nodes: z.array(z.string()),
  task: Name.nullable(),
  tests: testNumbers,
  reopened: count,
  rounds: z.array(z.string()),
})
export type IncidentRecord = z.infer<typeof IncidentRecord>
