import { Command, CommanderError } from 'commander'
import { fewestOperators } from '../../coordinator/index.ts'
import { type Policy, ROUND_DEFAULTS, type RoundSpec, UsageError, type YamlFile } from '../../protocol/index.ts'
import { addCapOptions, priorityOption, visibilityOption } from '../flow/terms.ts'
import { addGpuOptions, addRoundOptions, type GpuOption, noNvcc, positive, type RoundOptions, specOf } from '../options.ts'
import type { OptionValue, Plan } from './plan.ts'

/** Options of a round, and of a swarm on this machine where it has one. */
export interface Terms {
  spec: RoundSpec
  /** Null where a coordinator elsewhere has the nodes. */
  local: { nodes: number; nvcc: boolean; gpu: GpuOption } | null
}

interface Options extends RoundOptions {
  nodes?: number
  nvcc?: boolean
  gpu?: GpuOption
}

/** One node decides where nobody could outvote it, as in `run`. */
const LOCAL_POLICY: Policy = { kind: 'majority', quorum: 1, replicas: 1 }

/** Options that a plan says in another way. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  name: 'rounds are named after the plan',
  policy: 'a plan holds the options of a policy file itself',
}

/**
 * The terms of a plan's rounds, read by the very options of `submit` and `run`.
 * @throws UsageError `plan` naming file, line and option
 */
export function termsOf(plan: Plan, complain: YamlFile<Plan>['complain']): Terms {
  const { coordinator, options } = plan.verify
  const isLocal = coordinator === undefined
  const flags: string[] = []
  for (const [name, value] of Object.entries(options)) {
    const path = ['verify', 'options', name]
    const instead = ELSEWHERE[name]
    if (instead !== undefined) throw complain(path, instead)
    const words = flagOf(name, value)
    // Each by itself first, so that what is wrong with it is said of its line.
    parse(words, isLocal, (message) => complain(path, message))
    flags.push(...words)
  }
  const said = (message: string) => complain(['verify', 'options'], message)
  const parsed = parse(flags, isLocal, said)
  const fallback = isLocal ? LOCAL_POLICY : ROUND_DEFAULTS.policy
  const { translator = ROUND_DEFAULTS.prompts.translator, tester = ROUND_DEFAULTS.prompts.tester } = plan.verify.prompts
  const spec = { ...specIn(parsed, plan.name, fallback, said), prompts: { translator, tester } }
  return { spec, local: isLocal ? localTerms(parsed, spec, said) : null }
}

type Complain = (message: string) => UsageError

function specIn(options: Options, name: string, fallback: Policy, complain: Complain): RoundSpec {
  try {
    return specOf(options, name, fallback)
  } catch (error) {
    throw error instanceof UsageError ? complain(error.message) : error
  }
}

function localTerms({ nodes, nvcc = true, gpu }: Options, { policy }: RoundSpec, complain: Complain): Terms['local'] {
  const fewest = policy.kind === 'majority' ? policy.replicas : fewestOperators(policy)
  if (nodes !== undefined && nodes < fewest) throw complain(`nodes: ${nodes}; these terms take at least ${fewest} nodes`)
  return { nodes: nodes ?? fewest, nvcc, gpu }
}

/** An option as it would be typed. */
function flagOf(name: string, value: OptionValue): string[] {
  if (value === true) return [`--${name}`]
  if (value === false) return [`--no-${name}`]
  return [`--${name}`, Array.isArray(value) ? value.join(',') : String(value)]
}

function parse(flags: readonly string[], isLocal: boolean, complain: Complain): Options {
  const command = addRoundOptions(new Command('verify'), { policy: '' })
  if (isLocal) addGpuOptions(command).option('--nodes <N>', '', positive).addOption(noNvcc())
  else addCapOptions(command).addOption(priorityOption()).addOption(visibilityOption())
  command
    .exitOverride()
    .helpOption(false)
    .allowExcessArguments(false)
    .configureOutput({ writeErr: () => {} })
  try {
    return command.parse(flags, { from: 'user' }).opts<Options>()
  } catch (error) {
    throw error instanceof CommanderError ? complain(error.message.replace(/^error: /, '')) : error
  }
}
