import { join } from 'node:path'
import { type Command, InvalidArgumentError, Option } from 'commander'
import envPaths from 'env-paths'
import { type Policy, ROUND_DEFAULTS, RoundSpec, UsageError } from '../protocol/index.ts'

/** Options that say what a round is, shared by `run` and `submit`. */
export interface RoundOptions {
  name?: string
  replicas?: number
  quorum?: number
  confidence?: string
  compare: string
  rule: string
  executor: string
  wall: number
  seed?: string
}

export function addRoundOptions(command: Command, defaults: { policy: string }): Command {
  return command
    .option('--name <TEXT>', "the round's name (default: the file's)")
    .option('--replicas <N>', `most nodes asked for one task (default: ${defaults.policy})`, positive)
    .option('--quorum <M>', 'nodes that must agree; more than half of the replicas', positive)
    .addOption(
      new Option('--executor <NAME>', 'what runs the CUDA side; gpu is not built yet')
        .choices(['emulated', 'gpu'])
        .default(ROUND_DEFAULTS.executor),
    )
    .addOption(
      new Option(
        '--rule <NAME>',
        'which judgement fills valid_translations.jsonl; strict is not built yet, so its cells are "unknown"',
      )
        .choices(['compat', 'strict'])
        .default(ROUND_DEFAULTS.rule),
    )
    .option('--wall <SECONDS>', 'wall time of one test; the reference gives 60', seconds, ROUND_DEFAULTS.limits.wallMs / 1000)
    .addOption(
      new Option('--compare <NAME>', 'how outputs are compared; numeric is not built yet')
        .choices(['exact', 'numeric'])
        .default('exact'),
    )
    .addOption(
      new Option('--confidence <T>', 'replicate until this confidence is reached (not built yet)').conflicts([
        'replicas',
        'quorum',
      ]),
    )
    .addOption(new Option('--seed <S>', 'seed of random choices (not built yet: nothing in a round is random so far)'))
}

/** @throws UsageError when the options contradict each other or ask for what is not built */
export function specOf(options: RoundOptions, name: string, fallback: Policy): RoundSpec {
  refuseUnbuilt(options)
  const parsed = RoundSpec.safeParse({
    ...ROUND_DEFAULTS,
    v: 1,
    name: options.name ?? name,
    policy: policyOf(options, fallback),
    rule: options.rule,
    executor: options.executor,
    limits: { ...ROUND_DEFAULTS.limits, wallMs: Math.round(options.wall * 1000) },
  })
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  throw new UsageError('option', `${OPTION_OF[String(issue?.path[0])] ?? issue?.path.join('.')}: ${issue?.message}`)
}

const OPTION_OF: Record<string, string> = { policy: '--quorum and --replicas', limits: '--wall', name: '--name' }

function policyOf({ replicas, quorum }: RoundOptions, fallback: Policy): Policy {
  if (replicas === undefined && quorum === undefined) return fallback
  return {
    kind: 'majority',
    quorum: quorum ?? Math.floor((replicas as number) / 2) + 1,
    replicas: replicas ?? 2 * (quorum as number) - 1,
  }
}

function refuseUnbuilt({ rule, executor, compare, confidence, seed }: RoundOptions): void {
  const asked = [
    [rule === 'strict', '--rule strict'],
    [executor === 'gpu', '--executor gpu'],
    [compare === 'numeric', '--compare numeric'],
    [confidence !== undefined, '--confidence'],
    [seed !== undefined, '--seed'],
  ] as const
  for (const [yes, option] of asked) if (yes) throw notBuilt(option)
}

export function notBuilt(what: string): UsageError {
  return new UsageError('not-built', `${what}: not built yet`)
}

export function positive(text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('Expected a whole number of at least 1.')
  return value
}

function seconds(text: string): number {
  const value = Number(text)
  if (!(value >= 0.1 && value <= 600)) throw new InvalidArgumentError('Expected seconds, from 0.1 to 600.')
  return value
}

/** How this command was called: lines for copying begin with it. */
export const COMMAND = process.env.KERNELSWARM_COMMAND ?? 'kernelswarm'

/** Where a role keeps its data unless told otherwise. */
export function defaultData(role: 'coordinator' | 'node' | 'researcher'): string {
  return join(envPaths('kernelswarm', { suffix: '' }).data, role)
}

/** Folder of what can be made again (compiled programs, precompiled headers). */
export function cacheFolder(): string {
  return envPaths('kernelswarm', { suffix: '' }).cache
}

/** Leaves nvcc out. */
export function noNvcc(): Option {
  return new Option(
    '--no-nvcc',
    'have g++ decide what compiles even where nvcc is (verdicts of the one do not pool with the other)',
  )
}

export function nvccUse({ nvcc }: { nvcc: boolean }): 'where-possible' | 'never' {
  return nvcc ? 'where-possible' : 'never'
}
