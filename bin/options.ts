import { join } from 'node:path'
import { type Command, InvalidArgumentError, Option } from 'commander'
import envPaths from 'env-paths'
import type { GpuUse } from '../node/index.ts'
import {
  CONFIDENCE_DEFAULTS,
  type Comparator,
  DEFAULT_COMPARATOR,
  expectation,
  type Policy,
  type Prompts,
  ROUND_DEFAULTS,
  RoundSpec,
  StrictPass,
  type Tolerance,
  UsageError,
  type Visibility,
} from '../protocol/index.ts'
import { capsOf } from './flow/terms.ts'

/** Options that say what a round is, shared by `run` and `submit`. */
export interface RoundOptions {
  /** A file of terms; what the command line says counts more. */
  policy?: string
  /** Says what is wrong with a field of that file, where it stands; null where the value comes from elsewhere. */
  complain?: (field: string, why: string) => UsageError | null
  name?: string
  replicas?: number
  quorum?: number
  confidence?: number
  assumedSaboteurs?: number
  compare: string
  floatTolerance?: Tolerance
  doubleTolerance?: Tolerance
  rule: string
  passes: StrictPass[]
  coverage?: boolean
  executor: string
  wall: number
  giveUpAfter: number
  /** Only of `submit`: what runs alone needs none. */
  priority?: number
  maxCpuSeconds?: number
  maxGpuSeconds?: number
  maxProgramSeconds?: number
  visibility?: Visibility
  /** Only of a policy file. */
  prompts?: Partial<Prompts>
}

export function addRoundOptions(command: Command, defaults: { policy: string }): Command {
  return command
    .option('--policy <FILE>', 'a YAML file of these options by their names (docs/researchers.md); flags win over it')
    .option('--name <TEXT>', "the round's name (default: the file's)")
    .option('--replicas <N>', `most nodes asked for one task (default: ${defaults.policy})`, positive)
    .option('--quorum <M>', 'nodes that must agree; more than half of the replicas', positive)
    .addOption(
      new Option(
        '--confidence <T>',
        `instead of a majority: ask until each decision is right with chance T, such as ${CONFIDENCE_DEFAULTS.theta} (docs/trust.md); --replicas is then ${CONFIDENCE_DEFAULTS.replicas} unless given`,
      )
        .argParser(number)
        .conflicts('quorum'),
    )
    .option(
      '--assumed-saboteurs <F>',
      `with --confidence: the share of operators that may lie together (default: ${CONFIDENCE_DEFAULTS.f})`,
      number,
    )
    .addOption(
      new Option('--executor <NAME>', "what runs the CUDA side: the nodes' processors, or their GPUs")
        .choices(['emulated', 'gpu'])
        .default(ROUND_DEFAULTS.executor),
    )
    .addOption(
      new Option('--rule <NAME>', 'which judgement fills valid_translations.jsonl; both stand in outcomes.jsonl')
        .choices(['compat', 'strict'])
        .default(ROUND_DEFAULTS.rule),
    )
    .addOption(
      new Option(
        '--passes <LIST>',
        `strict passes, by commas, or "none" (only with --rule compat): ${StrictPass.options.join(', ')}`,
      )
        .argParser(passList)
        .default([...ROUND_DEFAULTS.passes], 'all that the executors have'),
    )
    .option('--coverage', 'also measure by gcov which lines of C++ originals their tests reach: one more task an original')
    .option('--wall <SECONDS>', 'wall time of one test; the reference gives 60', seconds, ROUND_DEFAULTS.limits.wallMs / 1000)
    .option(
      '--give-up-after <N>',
      'a task ends undecided when nodes of this many operators could not run it',
      positive,
      ROUND_DEFAULTS.giveUpAfter,
    )
    .addOption(
      new Option('--compare <NAME>', 'how the strict rule compares outputs: to the bit, or numbers within tolerances')
        .choices(['exact', 'numeric'])
        .default(ROUND_DEFAULTS.compare.kind),
    )
    .option('--float-tolerance <ABS,REL>', `numeric: for float (default: ${shown('float')})`, tolerance)
    .option('--double-tolerance <ABS,REL>', `numeric: for double (default: ${shown('double')})`, tolerance)
}

/** @throws UsageError when the options contradict each other */
export function specOf(options: RoundOptions, name: string, fallback: Policy): RoundSpec {
  const caps = capsOf(options)
  const parsed = RoundSpec.safeParse({
    ...ROUND_DEFAULTS,
    v: 1,
    name: options.name ?? name,
    policy: policyOf(options, fallback),
    rule: options.rule,
    passes: options.passes,
    ...(options.coverage === true && { coverage: true }),
    compare: comparatorOf(options),
    executor: options.executor,
    limits: { ...ROUND_DEFAULTS.limits, wallMs: Math.round(options.wall * 1000) },
    priority: options.priority ?? ROUND_DEFAULTS.priority,
    giveUpAfter: options.giveUpAfter,
    prompts: { ...ROUND_DEFAULTS.prompts, ...options.prompts },
    ...(caps === undefined ? {} : { caps }),
    ...(options.visibility === undefined || options.visibility === 'public' ? {} : { visibility: options.visibility }),
  })
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  const fields = FIELDS_OF[issue?.path.slice(0, 2).join('.') ?? ''] ?? FIELDS_OF[String(issue?.path[0])] ?? ['passes', 'rule']
  throw wrong(options, fields, issue === undefined ? 'not as expected' : expectation(issue))
}

/** Which options a part of a round's terms is made from. */
const FIELDS_OF: Record<string, readonly string[]> = {
  policy: ['quorum', 'replicas'],
  'policy.theta': ['confidence'],
  'policy.f': ['assumed-saboteurs'],
  limits: ['wall'],
  priority: ['priority'],
  giveUpAfter: ['give-up-after'],
  name: ['name'],
  compare: ['float-tolerance', 'double-tolerance'],
  prompts: ['prompts'],
}

/** What is wrong, said of where it stands: in the policy file, or on the command line. */
function wrong({ complain }: RoundOptions, fields: readonly string[], why: string): UsageError {
  const inFile = fields.map((field) => complain?.(field, why) ?? null).find((error) => error !== null)
  return inFile ?? new UsageError('option', `${fields.map((field) => `--${field}`).join(' and ')}: ${why}`)
}

function policyOf(options: RoundOptions, fallback: Policy): Policy {
  const { replicas, quorum, confidence, assumedSaboteurs } = options
  if (confidence !== undefined) {
    const { f, replicas: most } = CONFIDENCE_DEFAULTS
    return { kind: 'confidence', theta: confidence, f: assumedSaboteurs ?? f, replicas: replicas ?? most }
  }
  if (assumedSaboteurs !== undefined) throw wrong(options, ['assumed-saboteurs'], 'is for --confidence')
  if (replicas === undefined && quorum === undefined) return fallback
  return {
    kind: 'majority',
    quorum: quorum ?? Math.floor((replicas as number) / 2) + 1,
    replicas: replicas ?? 2 * (quorum as number) - 1,
  }
}

function comparatorOf(options: RoundOptions): Comparator {
  const { compare, floatTolerance, doubleTolerance } = options
  if (compare === 'numeric') {
    return {
      kind: 'numeric',
      float: floatTolerance ?? DEFAULT_COMPARATOR.float,
      double: doubleTolerance ?? DEFAULT_COMPARATOR.double,
    }
  }
  if (floatTolerance !== undefined || doubleTolerance !== undefined) {
    const fields = floatTolerance === undefined ? ['double-tolerance'] : ['float-tolerance']
    throw wrong(options, fields, 'tolerances are for --compare numeric')
  }
  return { kind: 'exact' }
}

function passList(text: string): StrictPass[] {
  if (text === 'none') return []
  return text.split(',').map((name) => {
    const pass = StrictPass.safeParse(name.trim())
    if (!pass.success) throw new InvalidArgumentError(`Expected "none", or some of ${StrictPass.options.join(', ')}.`)
    return pass.data
  })
}

function tolerance(text: string): Tolerance {
  const [absolute = Number.NaN, relative = Number.NaN, ...more] = text
    .split(',')
    .map((part) => (part.trim() === '' ? Number.NaN : Number(part)))
  if (more.length > 0 || !(absolute >= 0) || !(relative >= 0)) {
    throw new InvalidArgumentError('Expected two numbers of at least 0, absolute and relative, such as 1e-6,1e-4.')
  }
  return { absolute, relative }
}

function shown(type: 'float' | 'double'): string {
  const { absolute, relative } = DEFAULT_COMPARATOR[type]
  return `${absolute.toExponential()},${relative.toExponential()}`
}

function number(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('Expected a number.')
  return value
}

/** Gathers an option that may be given again. */
export function collect(value: string, before: string[]): string[] {
  return [...before, value]
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
export function defaultData(role: 'coordinator' | 'node' | 'researcher' | 'relay'): string {
  return join(envPaths('kernelswarm', { suffix: '' }).data, role)
}

/** Leaves nvcc out. */
export function noNvcc(): Option {
  return new Option(
    '--no-nvcc',
    'have g++ decide what compiles even where nvcc is (verdicts of the one do not pool with the other)',
  )
}

/** Which GPU is used, or none. */
export function addGpuOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--gpu <INDEX|UUID>',
        'the GPU, or slice of one, that programs are run on (default: the first that can be used)',
      ),
    )
    .addOption(new Option('--no-gpu', 'run nothing on a GPU'))
}

/** What commander makes of the two: true where neither was given. */
export type GpuOption = string | boolean | undefined

export function gpuUse(gpu: GpuOption): GpuUse {
  if (typeof gpu === 'string') return { gpu }
  return gpu === false ? 'never' : 'where-possible'
}

export function nvccUse({ nvcc }: { nvcc: boolean }): 'where-possible' | 'never' {
  return nvcc ? 'where-possible' : 'never'
}
