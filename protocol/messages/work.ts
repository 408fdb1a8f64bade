import { z } from 'zod'
import { CidText } from '../content.ts'
import {
  MAX_ASKED,
  MAX_CERTIFICATE_BYTES,
  MAX_CREDITS,
  MAX_DEADLINE_MS,
  MAX_MESSAGE_BYTES,
  MAX_NODE_NAME_CHARS,
  MAX_ORIGINS,
  MAX_TESTS_PER_CASE,
  OUTPUT_CHUNK_BYTES,
} from '../limits.ts'
import { CertificateCode } from '../owner.ts'
import { ExecutorName, Task } from '../task.ts'
import { ClassText } from '../toolchain.ts'
import { Environment } from '../verdict.ts'

/** Node and coordinator. One long-lived stream, opened by the node. */
export const WORK_PROTOCOL = '/kernelswarm/work/1.0.0'

const Nonce = z.string().regex(/^[0-9a-f]{32}$/)
const bytes = (max: number) =>
  z.custom<Uint8Array>((value) => value instanceof Uint8Array && value.byteLength <= max, `expected at most ${max} bytes`)

const TestIndex = z
  .int()
  .min(0)
  .max(MAX_TESTS_PER_CASE - 1)

/**
 * Why a node gives an assignment back: its own trouble, which is no verdict. `unwanted`: its owner does not want work of that
 * round; nothing is wrong with the task or the node, and nothing more of the round is given to it on this connection.
 */
export const DeclineReason = z.enum(['toolchain', 'jail', 'disk', 'gpu', 'shutting-down', 'program', 'executor', 'unwanted'])
export type DeclineReason = z.infer<typeof DeclineReason>

/** What the node says. */
export const FromNode = z.discriminatedUnion('t', [
  /** First message: what this node can run, the memory it has for it, and the assignments it still holds from an earlier connection. */
  z.strictObject({
    t: z.literal('hello'),
    agent: z.string().max(100),
    environments: z.array(Environment).max(8),
    /** What it can give one test, bytes: tasks that may use more are for others. */
    memoryBytes: z.int().positive(),
    holding: z.array(Nonce).max(4 * MAX_CREDITS),
    /** Its owner's certificate, as `certify` makes it, if it has one. What is too long for one is refused in words up to here. */
    certificate: bytes(8 * MAX_CERTIFICATE_BYTES).optional(),
    /** What its owner wants it to be called where nodes are listed: any text, for everybody to read. */
    name: z.string().min(1).max(MAX_NODE_NAME_CHARS).optional(),
  }),
  /** How many more assignments it can start now; adds to what it asked for before. */
  z.strictObject({ t: z.literal('want'), credits: z.int().min(1).max(MAX_CREDITS) }),
  /** Asks for a program it has not got. */
  z.strictObject({ t: z.literal('need'), program: CidText }),
  /** A piece of one test's output; the pieces of one verdict come in order, right before it, all but a test's last one full. */
  z.strictObject({
    t: z.literal('output'),
    nonce: Nonce,
    test: TestIndex,
    bytes: bytes(OUTPUT_CHUNK_BYTES),
  }),
  /** What was not sent by `output` before and is small enough in all comes with it: most outputs are a line or two. */
  z.strictObject({
    t: z.literal('verdict'),
    nonce: Nonce,
    envelope: bytes(256 * 1024),
    outputs: z
      .array(z.strictObject({ test: TestIndex, bytes: bytes(OUTPUT_CHUNK_BYTES) }))
      .max(MAX_TESTS_PER_CASE)
      .optional(),
  }),
  z.strictObject({ t: z.literal('decline'), nonce: Nonce, reason: DeclineReason }),
  /** Still alive, and running these; answered by `alive`. */
  z.strictObject({ t: z.literal('progress'), running: z.array(Nonce).max(4 * MAX_CREDITS) }),
  /** How it stands here, and what became of these verdicts of its own; answered by `told`. */
  z.strictObject({
    t: z.literal('ask'),
    verdicts: z.array(z.strictObject({ nonce: Nonce, task: CidText })).max(MAX_ASKED),
  }),
  z.strictObject({ t: z.literal('goodbye') }),
])
export type FromNode = z.infer<typeof FromNode>

/** Why a verdict was not taken. The node drops it. */
export const RejectCode = z.enum(['unknown-assignment', 'expired', 'not-yours', 'signature', 'schema', 'output', 'mismatch'])
export type RejectCode = z.infer<typeof RejectCode>

/** Why a node was not let in. */
export const RefuseCode = z.enum([
  'version',
  'no-executor',
  'busy',
  'protocol',
  'unavailable',
  'not-listed',
  ...CertificateCode.options,
])
export type RefuseCode = z.infer<typeof RefuseCode>

/** What a node is told about itself. */
export const NoticeCode = z.enum([
  /** Another connection has begun with this node's key; this one ends. */
  'key-in-use',
  /** Its operator's answers do not count for now, or need those of others; the words say why, and how it returns. */
  'suspended',
  'demoted',
  /** They count again. */
  'returned',
  /** The coordinator can write nothing for now: it gives out no work and acknowledges nothing. It goes on by itself. */
  'unavailable',
])
export type NoticeCode = z.infer<typeof NoticeCode>

/** A round whose work an assignment is, as far as others may know that there is one. */
export const Origin = z.strictObject({ label: z.string().max(200), researcher: z.string().max(128) })
export type Origin = z.infer<typeof Origin>

const count = z.int().nonnegative()

/** How a node, and its operator under confidence policies, stand with a coordinator. */
export const Reputation = z.strictObject({
  standing: z.enum(['new', 'established', 'suspended']),
  /** Accepted verdicts of this node. */
  verdicts: count,
  /** Tests in which it said what was decided, and in which it did not. */
  agreed: count,
  disagreed: count,
  declined: count,
  expired: count,
})
export type Reputation = z.infer<typeof Reputation>

/**
 * What became of a verdict. `open`: nothing that may be told yet; `agreed`, `disagreed`: with what was decided; `undecided`:
 * nothing was; `unknown`: it was no vote, as answers to known tasks are, or is not remembered.
 */
export const OutcomeWord = z.enum(['open', 'agreed', 'disagreed', 'undecided', 'unknown'])
export type OutcomeWord = z.infer<typeof OutcomeWord>

export const Outcome = z.strictObject({
  nonce: Nonce,
  outcome: OutcomeWord,
  /** Where it disagreed: the tests, from 0. */
  tests: z.array(TestIndex).max(MAX_TESTS_PER_CASE),
})
export type Outcome = z.infer<typeof Outcome>

/** What the coordinator says. */
export const ToNode = z.discriminatedUnion('t', [
  /** `preferred`: by executor the class in which a node is of most use here. */
  z.strictObject({
    t: z.literal('welcome'),
    agent: z.string().max(100),
    preferred: z.array(ClassText).max(ExecutorName.options.length).optional(),
    /** The oldest release of ours that is let in. */
    least: z
      .string()
      .regex(/^\d+\.\d+\.\d+$/)
      .optional(),
  }),
  z.strictObject({ t: z.literal('refused'), code: RefuseCode, message: z.string().max(500) }),
  /** Take this: `deadlineMs` counts from now, since clocks differ. */
  z.strictObject({
    t: z.literal('assign'),
    nonce: Nonce,
    taskId: CidText,
    task: Task,
    deadlineMs: z.int().min(1).max(MAX_DEADLINE_MS),
    /** For which rounds; none where nobody but their owners may know of them. */
    origins: z.array(Origin).max(MAX_ORIGINS).optional(),
  }),
  z.strictObject({ t: z.literal('program'), program: CidText, bytes: bytes(MAX_MESSAGE_BYTES) }),
  /** The verdict is on disk and counts. */
  z.strictObject({ t: z.literal('accepted'), nonce: Nonce }),
  z.strictObject({ t: z.literal('rejected'), nonce: Nonce, code: RejectCode }),
  /** Answers `progress`. */
  z.strictObject({ t: z.literal('alive') }),
  /** Answers `ask`, in its order; `receipt` is for those of them that were accepted, if there are any. */
  z.strictObject({
    t: z.literal('told'),
    reputation: Reputation,
    outcomes: z.array(Outcome).max(MAX_ASKED),
    receipt: bytes(16 * 1024).optional(),
  }),
  /** Not needed any more: stop it. */
  z.strictObject({ t: z.literal('withdraw'), nonce: Nonce }),
  /** What the node should know, in words for its owner. */
  z.strictObject({ t: z.literal('notice'), code: NoticeCode, message: z.string().max(500) }),
  /** The node broke the protocol; the connection ends here. */
  z.strictObject({ t: z.literal('cut'), code: z.string().max(40) }),
])
export type ToNode = z.infer<typeof ToNode>
export type Assign = Extract<ToNode, { t: 'assign' }>
