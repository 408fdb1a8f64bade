import { z } from 'zod'
import { Prompts } from '../../protocol/index.ts'

export const HOUR_MS = 3_600_000
/** Longest a step may take: a timer counts no further than 24 days. */
export const MAX_STEP_HOURS = 500
/** How long a step may take unless the plan says otherwise: nothing waits without a bound, and trainings are long. */
const DEFAULT_STEP_HOURS = 168
/** Most rounds of a plan: each keeps a folder. */
const MAX_ROUNDS = 1000

const hours = z.number().positive().max(MAX_STEP_HOURS).default(DEFAULT_STEP_HOURS)
const word = z.string().regex(/^[^\0]*$/, 'must not hold a NUL')

/** A program with its arguments, or one line (or several) for `/bin/sh`. */
const CommandLine = z.union([z.array(word.min(1)).min(1), word.refine((text) => text.trim() !== '', 'must not be empty')], {
  error: 'expected a list of arguments, or a text for the shell',
})
export type CommandLine = z.infer<typeof CommandLine>

/** A step that a command of the researcher's does. */
export const CommandStep = z.strictObject({
  run: CommandLine,
  /** Environment variables beside those of the process and those that `environment.ts` names. */
  env: z
    .record(
      z
        .string()
        .regex(/^[A-Za-z_]\w*$/, 'expected the name of an environment variable')
        .refine((name) => !name.startsWith('KERNELSWARM_'), 'names that begin with KERNELSWARM_ are taken'),
      z.union([word, z.number(), z.boolean()]).transform(String),
    )
    .default({}),
  /** After so long it is ended, and the step has failed. */
  hours,
})
export type CommandStep = z.infer<typeof CommandStep>

const OptionValue = z.union([word, z.number(), z.boolean(), z.array(z.union([word, z.number()])).min(1)])
export type OptionValue = z.infer<typeof OptionValue>

const VerifyStep = z.strictObject({
  /** The coordinator's address; left out: a coordinator and nodes of its own on this machine, as `kernelswarm run` has. */
  coordinator: z.string().min(1).optional(),
  /** The researcher's identity. @default that of `submit` */
  key: z.string().min(1).optional(),
  /** The terms of every round: options of `submit` (without a coordinator of `run`) by their names without the dashes. */
  options: z.record(z.string(), OptionValue).default({}),
  /** System texts of the training sets: those that `generate` infers with. */
  prompts: Prompts.partial().default({}),
  hours,
})
export type VerifyStep = z.infer<typeof VerifyStep>

/** When the loop ends; that a round accepts nothing ends it in any case, since there is nothing to train on. */
export const StopRules = z.strictObject({
  /** After so many rounds. */
  rounds: z.int().min(1).max(MAX_ROUNDS),
  /** When Pass@1 (under the round's rule) was not raised by `rises` in the last `within` rounds over all before. */
  'pass@1': z
    .strictObject({ rises: z.number().min(0).max(1).default(0), within: z.int().min(1).max(MAX_ROUNDS).default(1) })
    .optional(),
  /** When a round accepts a smaller share of its pairs than this. */
  yield: z.number().min(0).max(1).optional(),
})
export type StopRules = z.infer<typeof StopRules>

/** PLAN.yaml: the loop that `kernelswarm evolve` goes through. docs/researchers.md describes it. */
export const Plan = z.strictObject({
  /** Rounds are named after it. */
  name: z.string().min(1).max(100),
  /** Working folder, as seen from the plan's. @default the plan's file name with .evolve in place of .yaml */
  work: z.string().min(1).optional(),
  generate: CommandStep,
  verify: VerifyStep.default({ options: {}, prompts: {}, hours: DEFAULT_STEP_HOURS }),
  train: CommandStep,
  stop: StopRules,
})
export type Plan = z.infer<typeof Plan>
