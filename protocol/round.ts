import { z } from 'zod'
import { encodeCanonical } from './canonical.ts'
import { Comparator, DEFAULT_COMPARATOR } from './compare/comparator.ts'
import { CidText, cidOf } from './content.ts'
import {
  DEFAULT_TEST_MEMORY_BYTES,
  DEFAULT_TEST_WALL_MS,
  MAX_CAP_SECONDS,
  MAX_CONFIDENCE,
  MAX_CONFIDENCE_REPLICAS,
  MAX_GIVE_UP_AFTER,
  MAX_OUTPUT_BYTES,
  MAX_PRIORITY,
  MAX_REPLICAS,
  MAX_SABOTEURS,
  MIN_CONFIDENCE,
  MIN_SABOTEURS,
} from './limits.ts'
import { ExecutorName, RunLimits, StrictPass } from './task.ts'

/**
 * `majority`: `quorum` agreeing votes decide a cell, `replicas` at most are asked for; more than half of the replicas
 * must be needed, or two groups could both reach the quorum. One of one is no vote at all: for a swarm one trusts.
 */
export const MajorityPolicy = z
  .strictObject({
    kind: z.literal('majority'),
    quorum: z.int().min(1).max(MAX_REPLICAS),
    replicas: z.int().min(1).max(MAX_REPLICAS),
  })
  .refine(({ quorum, replicas }) => quorum <= replicas && quorum > replicas / 2, {
    message: 'the quorum must be more than half of the replicas, and not more than all of them',
  })
export type MajorityPolicy = z.infer<typeof MajorityPolicy>

/**
 * `confidence`: as many answers as it takes until a decision is right with chance `theta`, where a share `f` of the
 * operators may be saboteurs, who may know each other; a task on which `replicas` answers do not do is undecided. See docs/trust.md.
 */
export const ConfidencePolicy = z.strictObject({
  kind: z.literal('confidence'),
  theta: z.number().min(MIN_CONFIDENCE).max(MAX_CONFIDENCE),
  f: z.number().min(MIN_SABOTEURS).max(MAX_SABOTEURS),
  replicas: z.int().min(1).max(MAX_CONFIDENCE_REPLICAS),
})
export type ConfidencePolicy = z.infer<typeof ConfidencePolicy>

/** How votes become decisions. */
export const Policy = z.discriminatedUnion('kind', [MajorityPolicy, ConfidencePolicy])
export type Policy = z.infer<typeof Policy>

/** What a round that asks for confidence gets unless it says otherwise. */
export const CONFIDENCE_DEFAULTS: Readonly<ConfidencePolicy> = {
  kind: 'confidence',
  theta: 0.999,
  f: 0.1,
  replicas: 32,
}

/** Which judgement fills `valid_translations.jsonl`. */
export const Rule = z.enum(['compat', 'strict'])
export type Rule = z.infer<typeof Rule>
export const RULES: readonly Rule[] = Rule.options

/** System texts of the training sets: a researcher trains with the prompts she infers with. */
export const Prompts = z.strictObject({ translator: z.string().max(16_384), tester: z.string().max(16_384) })
export type Prompts = z.infer<typeof Prompts>

export const DEFAULT_PROMPTS: Prompts = {
  translator: 'You translate a sequential C/C++ function into an equivalent CUDA kernel, or a CUDA kernel into C/C++.',
  tester: 'You write five test inputs for the given function, each ending in a call of it.',
}

/**
 * What a round may use, in seconds that nodes spend on it: `cpuSeconds` those of a processor (compiling, running, emulating),
 * `gpuSeconds` those a GPU was taken; at either the round is paused. `programSeconds`, both together, of one program in all
 * its passes; there it ends undecided. What is left out has no limit. docs/rounds.md says how they are counted.
 */
export const Caps = z.strictObject({
  cpuSeconds: z.int().min(1).max(MAX_CAP_SECONDS).optional(),
  gpuSeconds: z.int().min(1).max(MAX_CAP_SECONDS).optional(),
  programSeconds: z.int().min(1).max(MAX_CAP_SECONDS).optional(),
})
export type Caps = z.infer<typeof Caps>

/**
 * What others than its owner see of a round: all of it, as soon as votes allow; its counts, and neither texts nor outputs nor
 * the names of cases and programs; or, until it has ended with its results, that there is one, and then all of it.
 */
export const Visibility = z.enum(['public', 'counts-only', 'embargoed'])
export type Visibility = z.infer<typeof Visibility>

/** What a researcher asks for, beside the cases. */
export const RoundSpec = z
  .strictObject({
    v: z.literal(1),
    name: z.string().min(1).max(200),
    policy: Policy,
    rule: Rule,
    /** The strict passes wanted, each once; of these every executor does those it has. None: strict cells are unknown. */
    passes: z.array(StrictPass).max(StrictPass.options.length),
    /** Also measure which lines of C++ originals their tests reach: one more task an original. Where it is left out, that is not done. */
    coverage: z.literal(true).optional(),
    /** How outputs are compared under the strict rule. */
    compare: Comparator,
    /** What runs the CUDA side. */
    executor: ExecutorName.exclude(['host']),
    limits: RunLimits,
    /** Of one researcher's rounds those with the highest come first. It says nothing to other researchers' rounds. */
    priority: z.int().min(0).max(MAX_PRIORITY),
    /** A task ends undecided when this many operators have given it back because they could not run it. */
    giveUpAfter: z.int().min(1).max(MAX_GIVE_UP_AFTER),
    prompts: Prompts,
    /** Where it is left out, nothing limits the round but the coordinator's operator. */
    caps: Caps.optional(),
    /** Where it is left out, the round is public. */
    visibility: Visibility.optional(),
    /** The round whose results these cases come from, as its owner says: the lineage of a loop (`kernelswarm evolve`). */
    follows: CidText.optional(),
  })
  .refine(({ passes }) => new Set(passes).size === passes.length, { message: 'a pass is named twice' })
  .refine(({ passes }) => passes.length === 0 || passes.includes('isolated'), {
    message: 'the isolated pass is what the strict rule compares; the others are of no use without it',
  })
  .refine(({ rule, passes }) => rule === 'compat' || passes.length > 0, {
    message: 'the strict rule needs the strict passes',
  })
export type RoundSpec = z.infer<typeof RoundSpec>

/** A round's defaults, written once. */
export const ROUND_DEFAULTS = {
  policy: { kind: 'majority', quorum: 2, replicas: 3 },
  rule: 'strict',
  passes: [...StrictPass.options],
  compare: DEFAULT_COMPARATOR,
  executor: 'emulated',
  limits: { wallMs: DEFAULT_TEST_WALL_MS, memoryBytes: DEFAULT_TEST_MEMORY_BYTES, outputBytes: MAX_OUTPUT_BYTES },
  priority: 5,
  giveUpAfter: 5,
  prompts: DEFAULT_PROMPTS,
} satisfies Readonly<Omit<RoundSpec, 'v' | 'name'>> as Readonly<Omit<RoundSpec, 'v' | 'name'>> & { policy: MajorityPolicy }

/**
 * A round's name: who asks, for what, on which cases. The same question asked twice is the same round,
 * which is what lets an interrupted submit go on; `salt` makes another one of it.
 */
export async function roundId(owner: string, spec: RoundSpec, casesDigest: string, salt: string): Promise<string> {
  return await cidOf(encodeCanonical({ owner, spec, casesDigest, salt }), 'dag-cbor')
}

/** Where a round stands. */
export const RoundState = z.enum(['open', 'verifying', 'aggregated', 'cancelled'])
export type RoundState = z.infer<typeof RoundState>

export const JudgementWord = z.enum(['equivalent', 'different', 'invalid', 'undecided'])
export type JudgementWord = z.infer<typeof JudgementWord>

/** Which cases of an ended round are run again: by judgement under its rule, or those that have none (`pending`). */
export const RerunKind = z.enum([...JudgementWord.options, 'pending'])
export type RerunKind = z.infer<typeof RerunKind>

/** What a re-run takes unless told otherwise: what came to no result. */
export const RERUN_DEFAULT: readonly RerunKind[] = ['undecided', 'pending']

/** Why nothing of a round is given out for now: its owner wants it so, or it has used what it may. */
export const PauseReason = z.enum(['owner', 'limit'])
export type PauseReason = z.infer<typeof PauseReason>

/** One test of one case under one rule. */
export type CellWord = 'pass' | 'fail' | 'void' | 'unknown'

const count = z.int().nonnegative()

/** Live counts of a round, as `watch`, the page and the report show them. */
export const RoundProgress = z.strictObject({
  round: z.string(),
  name: z.string(),
  state: RoundState,
  /** Set while nothing of it is given out; `detail` says more in one sentence, or is empty. */
  paused: z.strictObject({ at: z.int(), reason: PauseReason, detail: z.string() }).nullable(),
  visibility: Visibility,
  /** The round of which it runs some cases again. */
  parent: z.string().nullable(),
  rule: Rule,
  executor: ExecutorName,
  policy: Policy,
  priority: count,
  openedAt: z.int(),
  endedAt: z.int().nullable(),
  cases: count,
  judged: count,
  judgements: z.record(JudgementWord, count),
  tasks: z.strictObject({
    ...{ total: count, decided: count, undecided: count, balloting: count, waiting: count },
    /** Under a confidence policy: decided by one whose answers are still to be checked. */
    provisional: count.optional(),
  }),
  verdicts: count,
  /** Tasks on which two accepted verdicts said different things. */
  disagreements: count,
  /** What nodes have spent on it, in whole seconds, and what they may; null: as much as it takes. */
  spent: z.strictObject({ cpuSeconds: count, gpuSeconds: count }),
  caps: z.strictObject({ cpuSeconds: count.nullable(), gpuSeconds: count.nullable(), programSeconds: count.nullable() }),
  /** Nodes connected now that can serve this round. */
  nodes: count,
  /** Of these, how many run something now, of this round or of another. */
  working: count,
  /** Why nothing moves, in one sentence, or null. */
  unserved: z.string().nullable(),
  /** Which tasks nodes could not run and gave back, while the rest goes on: in one sentence, or null. */
  givenBack: z.string().nullable(),
  /** Which tasks ended undecided since their program is blocked here or reached its limit: in one sentence, or null. */
  stopped: z.string().nullable(),
})
export type RoundProgress = z.infer<typeof RoundProgress>
