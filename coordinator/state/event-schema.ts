import { z } from 'zod'
import {
  Caps,
  CidText,
  Environment,
  Finding,
  MAX_NODE_NAME_CHARS,
  MAX_TESTS_PER_CASE,
  MutantMark,
  PauseReason,
  RerunKind,
  Resources,
  RoundSpec,
  TestStatus,
} from '../../protocol/index.ts'
import type { Event } from './events.ts'

const at = z.int()
const nonce = z.string().regex(/^[0-9a-f]{32}$/)
const programs = z.strictObject({ cpp: CidText, cuda: CidText })
const name = z.string().max(128)
const index = z.int().nonnegative()
/** By test, yes, no, or nothing to say. */
const words = z.array(z.boolean().nullable())

const Case = z.strictObject({
  id: z.union([z.string(), z.number(), z.null()]),
  problem: z.string(),
  source: z.enum(['cpp', 'cuda']),
  programs,
  tests: z.int().min(0).max(MAX_TESTS_PER_CASE),
  reference: CidText.optional(),
  mutant: MutantMark.optional(),
})

const Cell = z.strictObject({
  status: TestStatus,
  output: CidText,
  compat: CidText,
  masked: CidText,
  findings: z.array(Finding),
})

/** What each kind of event looks like in the log; one that is missing here does not compile. */
const EVENTS: { [T in Event['t']]: z.ZodObject<{ t: z.ZodLiteral<T> }> } = {
  'round-opened': z.strictObject({
    t: z.literal('round-opened'),
    at,
    round: CidText,
    owner: name,
    spec: RoundSpec,
    casesDigest: name,
    share: z.number().positive().optional(),
    votes: z.literal('digest').optional(),
    parent: z.strictObject({ round: CidText, only: z.array(RerunKind), cases: z.array(index) }).optional(),
  }),
  'cases-added': z.strictObject({ t: z.literal('cases-added'), at, round: CidText, from: index, cases: z.array(Case) }),
  'round-sealed': z.strictObject({ t: z.literal('round-sealed'), at, round: CidText }),
  'round-cancelled': z.strictObject({ t: z.literal('round-cancelled'), at, round: CidText }),
  'round-closed': z.strictObject({ t: z.literal('round-closed'), at, round: CidText }),
  'round-extended': z.strictObject({ t: z.literal('round-extended'), at, round: CidText, casesDigest: name }),
  'round-paused': z.strictObject({
    t: z.literal('round-paused'),
    at,
    round: CidText,
    reason: PauseReason,
    detail: z.string().optional(),
    finish: z.boolean().optional(),
  }),
  'round-resumed': z.strictObject({ t: z.literal('round-resumed'), at, round: CidText, caps: Caps.optional() }),
  'program-blocked': z.strictObject({ t: z.literal('program-blocked'), at, program: CidText, reason: z.string() }),
  'program-unblocked': z.strictObject({ t: z.literal('program-unblocked'), at, program: CidText }),
  'node-named': z.strictObject({
    t: z.literal('node-named'),
    at,
    node: name,
    name: z.string().max(MAX_NODE_NAME_CHARS).nullable(),
  }),
  assigned: z.strictObject({
    t: z.literal('assigned'),
    at,
    nonce,
    task: z.string(),
    node: name,
    operator: name,
    network: name.optional(),
    deadlineAt: z.int(),
    as: z.enum(['repeat', 'admission']).optional(),
  }),
  ended: z.strictObject({
    t: z.literal('ended'),
    at,
    nonce,
    how: z.enum(['declined', 'expired', 'withdrawn']),
    reason: z.string(),
  }),
  verdict: z.strictObject({
    t: z.literal('verdict'),
    at,
    nonce,
    verdict: CidText,
    class: z.string(),
    environment: Environment,
    cells: z.array(Cell).max(MAX_TESTS_PER_CASE),
    resources: Resources,
  }),
  measured: z.strictObject({
    t: z.literal('measured'),
    at,
    task: z.string(),
    pairs: z.array(z.strictObject({ a: CidText, b: CidText, tolerances: z.number().nonnegative().nullable() })),
  }),
  compared: z.strictObject({
    t: z.literal('compared'),
    at,
    round: CidText,
    index,
    equal: words,
    fill: z.strictObject({ cpp: words, cuda: words }).optional(),
  }),
  drawn: z.strictObject({ t: z.literal('drawn'), at, batch: z.string(), tasks: z.array(z.string()), all: z.boolean() }),
  excused: z.strictObject({ t: z.literal('excused'), at, task: z.string(), node: name }),
}

/** Why something from the log is no event, or null where it is one. */
export function notAnEvent(value: unknown): string | null {
  const kind = (value as { t?: unknown } | null)?.t
  const schema = typeof kind === 'string' && Object.hasOwn(EVENTS, kind) ? EVENTS[kind as Event['t']] : undefined
  if (schema === undefined) return `no kind of event is called ${JSON.stringify(kind)}`
  const parsed = schema.safeParse(value)
  if (parsed.success) return null
  const issue = parsed.error.issues[0]
  return `${kind}: ${issue?.path.join('.') ?? ''} ${issue?.message ?? 'not as expected'}`
}
