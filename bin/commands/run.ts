import { basename } from 'node:path'
import type { Command } from 'commander'
import { fewestOperators } from '../../coordinator/index.ts'
import { UsageError } from '../../protocol/index.ts'
import type { Context } from '../context.ts'
import { oneShot } from '../flow/one-shot.ts'
import { withPolicy } from '../flow/policy-file.ts'
import { printSummary, summaryOf } from '../flow/summary.ts'
import { makeLog } from '../log.ts'
import {
  addGpuOptions,
  addRoundOptions,
  type GpuOption,
  gpuUse,
  noNvcc,
  nvccUse,
  positive,
  type RoundOptions,
  specOf,
} from '../options.ts'
import { httpOption } from './coordinator.ts'

interface RunOptions extends RoundOptions {
  out: string
  nodes?: number
  http?: string
  json?: boolean
  nvcc: boolean
  gpu?: GpuOption
}

export function addRun(program: Command, context: Context): void {
  const command = program
    .command('run <cases.jsonl>')
    .description('verify a file of cases on this machine: a coordinator and nodes of its own, one shot')
    .requiredOption('--out <DIR>', 'folder for the result files')
    .option('--nodes <N>', 'nodes to start (default: as many as replicas, or as the confidence takes)', positive)
  addGpuOptions(addRoundOptions(command, { policy: '1, since one machine has nobody to outvote' }))
    .addOption(noNvcc())
    .option('--http <HOST:PORT>', 'also serve the page there while it runs')
    .option('--json', 'print one JSON object at the end, and nothing else')
    .addHelpText('after', RUN_HELP)
    .action(async (file: string, given: RunOptions, self: Command) => {
      const options = await withPolicy(given, self)
      const spec = specOf(options, basename(file), { kind: 'majority', quorum: 1, replicas: 1 })
      const { policy } = spec
      const fewest = policy.kind === 'majority' ? policy.replicas : fewestOperators(policy)
      const nodes = options.nodes ?? fewest
      if (nodes < fewest) {
        const what = policy.kind === 'majority' ? `${fewest} replicas of a task` : `a confidence of ${policy.theta}`
        throw new UsageError('option', `--nodes ${nodes}: ${what} takes at least ${fewest} nodes`)
      }
      const result = await oneShot({
        file,
        out: options.out,
        spec,
        nodes,
        nvcc: nvccUse(options),
        gpu: gpuUse(options.gpu),
        http: options.http === undefined ? null : httpOption(options.http),
        quiet: options.json === true,
        log: makeLog('error'),
        signal: context.signal,
      }).catch(interrupted(context.signal, 'the same command goes on where it was'))
      const summary = await summaryOf(options.out, result.progress, result.wallMs)
      if (options.json) process.stdout.write(`${JSON.stringify(summary)}\n`)
      else printSummary(summary)
    })
}

/** Turns what an interruption broke into one line that says what to do. */
export function interrupted(signal: AbortSignal, hint: string): (error: unknown) => never {
  return (error) => {
    throw signal.aborted ? new Error(`${(signal.reason as Error).message}; ${hint}`) : error
  }
}

const RUN_HELP = `
A line of the file holds one case: cpp_code, cuda_code, cuda_wrapper, consistent_cpp_inputs, consistent_cuda_inputs
(or CPP, CUDA, CUDA_WRAPPER), and if you like id, problem, source ("CPP" or "CUDA"), reference (docs/scores.md).

Written to DIR, in input order: outcomes.jsonl, valid_translations.jsonl, translator_sft.json, tester_sft.json,
dataset_info.json, decisions.jsonl, matrix.csv, scores.json, report.json, report.html, round.car. Ctrl-C leaves everything resumable: run it again.

One machine is one operator: that its nodes agree shows that results repeat, not that strangers confirm them, whatever
--quorum or --confidence ask for.

Example:  kernelswarm run cases.jsonl --out results --nodes 3 --replicas 3 --quorum 2`
