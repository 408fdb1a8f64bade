import type { Command } from 'commander'
import { z } from 'zod'
import { MAX_CAP_SECONDS, Prompts, readYaml, StrictPass, Visibility } from '../../protocol/index.ts'
import type { RoundOptions } from '../options.ts'

const seconds = z.int().min(1).max(MAX_CAP_SECONDS)
const tolerance = z
  .tuple(
    [z.number().nonnegative(), z.number().nonnegative()],
    'expected two numbers, absolute and relative, such as [1e-6, 1e-4]',
  )
  .transform(([absolute, relative]) => ({ absolute, relative }))

/** A file of a round's terms: the options of `submit` and `run` by their names, and the system texts of the training sets. */
const PolicyFile = z
  .strictObject({
    name: z.string(),
    replicas: z.int().min(1),
    quorum: z.int().min(1),
    confidence: z.number(),
    'assumed-saboteurs': z.number(),
    executor: z.enum(['emulated', 'gpu']),
    rule: z.enum(['compat', 'strict']),
    passes: z.union([z.literal('none').transform(() => []), z.array(StrictPass)], {
      error: `expected "none", or a list of ${StrictPass.options.join(', ')}`,
    }),
    wall: z.number().min(0.1).max(600),
    'give-up-after': z.int().min(1),
    compare: z.enum(['exact', 'numeric']),
    'float-tolerance': tolerance,
    'double-tolerance': tolerance,
    priority: z.int(),
    'max-cpu-seconds': seconds,
    'max-gpu-seconds': seconds,
    'max-program-seconds': seconds,
    visibility: Visibility,
    coverage: z.boolean(),
    prompts: Prompts.partial(),
  })
  .partial()

/** Names of all fields a policy file may have. */
export const POLICY_FIELDS = Object.keys(PolicyFile.shape)

/** Of what a flag says, these of the file are set aside: they say the same in another way. */
const SET_ASIDE: Record<string, readonly string[]> = {
  confidence: ['quorum', 'replicas'],
  quorum: ['confidence', 'assumed-saboteurs'],
}

/**
 * The options of a command with those of its `--policy` file, where the command line does not say otherwise.
 * @throws UsageError naming file, line and field
 */
export async function withPolicy<T extends RoundOptions>(options: T, command: Command): Promise<T> {
  if (options.policy === undefined) return options
  const { value, complain } = await readYaml(options.policy, PolicyFile)
  if (value.confidence !== undefined && value.quorum !== undefined) throw complain(['quorum'], 'cannot be used with confidence')
  const typed = (field: string) => command.getOptionValueSource(camelCase(field)) === 'cli'
  const aside = new Set(Object.entries(SET_ASIDE).flatMap(([field, others]) => (typed(field) ? others : [])))
  const used = Object.entries(value).filter(([field]) => !typed(field) && !aside.has(field))
  const fields = new Set(used.map(([field]) => field))
  return {
    ...options,
    ...Object.fromEntries(used.map(([field, one]) => [camelCase(field), one])),
    complain: (field: string, why: string) => (fields.has(field) ? complain([field], why) : null),
  }
}

function camelCase(field: string): string {
  return field.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
}
