import { type Command, InvalidArgumentError, Option } from 'commander'
import { type Caps, MAX_CAP_SECONDS, MAX_PRIORITY, ROUND_DEFAULTS, Visibility } from '../../protocol/index.ts'

/** Options of what a round may use. */
export interface CapOptions {
  maxCpuSeconds?: number
  maxGpuSeconds?: number
  maxProgramSeconds?: number
}

/** What a round may use: of `submit`, and again of `round resume`. */
export function addCapOptions(command: Command): Command {
  return command
    .option('--max-cpu-seconds <N>', 'pause the round when nodes have spent so many seconds of processors on it', wholeSeconds)
    .option('--max-gpu-seconds <N>', 'the same of GPUs', wholeSeconds)
    .option('--max-program-seconds <N>', 'a program that has used so many, in all its passes, ends undecided', wholeSeconds)
}

/** The caps that were given, or undefined where none was. */
export function capsOf({ maxCpuSeconds, maxGpuSeconds, maxProgramSeconds }: CapOptions): Caps | undefined {
  const caps = {
    ...(maxCpuSeconds === undefined ? {} : { cpuSeconds: maxCpuSeconds }),
    ...(maxGpuSeconds === undefined ? {} : { gpuSeconds: maxGpuSeconds }),
    ...(maxProgramSeconds === undefined ? {} : { programSeconds: maxProgramSeconds }),
  }
  return Object.keys(caps).length === 0 ? undefined : caps
}

export function visibilityOption(): Option {
  return new Option(
    '--visibility <WHO>',
    'what others see: everything; counts only, no texts, outputs or names of cases; or, until it has ended, nothing',
  )
    .choices(Visibility.options)
    .default('public')
}

export function priorityOption(): Option {
  return new Option(
    '--priority <P>',
    `0 to ${MAX_PRIORITY}: of your own rounds there, the highest comes first; it says nothing to others' rounds`,
  )
    .argParser(priority)
    .default(ROUND_DEFAULTS.priority)
}

function priority(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isInteger(value) || value < 0 || value > MAX_PRIORITY) {
    throw new InvalidArgumentError(`Expected a whole number from 0 to ${MAX_PRIORITY}.`)
  }
  return value
}

export function wholeSeconds(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isInteger(value) || value < 1 || value > MAX_CAP_SECONDS) {
    throw new InvalidArgumentError(`Expected whole seconds, from 1 to ${MAX_CAP_SECONDS}.`)
  }
  return value
}
