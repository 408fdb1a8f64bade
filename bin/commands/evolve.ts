import { resolve } from 'node:path'
import type { Command } from 'commander'
import { makeFolder } from '../../protocol/index.ts'
import type { Context } from '../context.ts'
import { Journal, readJournal } from '../evolve/journal.ts'
import { LocalVerifier } from '../evolve/local-verifier.ts'
import { LoopLock } from '../evolve/lock.ts'
import { type CheckedPlan, readPlan } from '../evolve/plan-file.ts'
import { Runner, type RunnerComponents } from '../evolve/runner.ts'
import { describePlan, describeStatus, statusOf } from '../evolve/status.ts'
import { explainStop } from '../evolve/stop.ts'
import { SwarmVerifier } from '../evolve/swarm-verifier.ts'
import type { Verifier } from '../evolve/verifier.ts'
import { DEFAULT_KEY } from '../flow/remote.ts'
import { onLines, showLive } from '../flow/watch.ts'
import { interrupted } from './run.ts'

interface EvolveOptions {
  dryRun?: boolean
  status?: boolean
  json?: boolean
}

export function addEvolve(program: Command, context: Context): void {
  program
    .command('evolve <PLAN.yaml>')
    .description('the whole loop from a plan: generate, verify, export, train, round after round')
    .option('--dry-run', 'check the plan, print what would be run, and run nothing')
    .option('--status', 'print where the loop stands, and run nothing')
    .option('--json', 'print one JSON object at the end, and nothing else')
    .addHelpText('after', EVOLVE_HELP)
    .action(async (file: string, options: EvolveOptions) => {
      const checked = await readPlan(file)
      if (options.status || options.dryRun) {
        const rounds = await readJournal(checked.work.journal)
        const status = statusOf(checked, rounds)
        const text = options.dryRun ? describePlan(checked, rounds) : describeStatus(status)
        process.stdout.write(`${options.json ? JSON.stringify(status) : text}\n`)
        return
      }
      const status = await evolve(checked, options, context.signal).catch(
        interrupted(context.signal, 'the same command goes on at the step it was in'),
      )
      process.stdout.write(`${options.json ? JSON.stringify(status) : describeStatus(status)}\n`)
    })
}

async function evolve(checked: CheckedPlan, { json }: EvolveOptions, signal: AbortSignal) {
  await makeFolder(checked.work.path)
  await using _lock = await LoopLock.take(checked.work.path)
  await using journal = await Journal.open(checked.work.journal)
  const say = (line: string) => {
    if (!json) process.stdout.write(`${line}\n`)
  }
  const showing: RunnerComponents['showing'] = async (title, use) =>
    process.stdout.isTTY && !json ? await showLive(title, use) : await use(onLines((line) => say(`  ${line}`)))
  const reason = await new Runner({ checked, journal, verifier: verifierOf(checked), say, showing, signal }).run()
  say(explainStop(reason))
  return statusOf(checked, journal.rounds)
}

function verifierOf({ plan: { verify }, terms, folder }: CheckedPlan): Verifier {
  if (terms.local !== null) return new LocalVerifier(terms.local)
  const key = verify.key === undefined ? DEFAULT_KEY : resolve(folder, verify.key)
  return new SwarmVerifier({ coordinator: verify.coordinator ?? '', key })
}

const EVOLVE_HELP = `
The plan names a command that writes a file of cases, the terms to verify them on, and a command that trains on the results.
All of it is checked before anything runs. Ctrl-C, and being killed, leave everything resumable: type it again, and it goes on at
the step it was in. docs/researchers.md has the fields and a plan to begin with; docs/examples/evolve one that runs anywhere.

Example:  kernelswarm evolve docs/examples/evolve/plan.yaml --dry-run`
