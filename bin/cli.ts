import { Command } from 'commander'
import { VERSION } from '../protocol/index.ts'
import { addAudit } from './commands/audit.ts'
import { addCoordinator } from './commands/coordinator.ts'
import { addDemo } from './commands/demo.ts'
import { addEvolve } from './commands/evolve.ts'
import { addExplorer } from './commands/explorer.ts'
import { addMutate } from './commands/mutate.ts'
import { addNode } from './commands/node.ts'
import { addRound } from './commands/round.ts'
import { addRun } from './commands/run.ts'
import { addScores } from './commands/scores.ts'
import { addSubmit } from './commands/submit.ts'
import type { Context } from './context.ts'

/** Reads the command line and runs the command; resolves to the exit code. */
export async function cli(argv: string[], signal: AbortSignal): Promise<number> {
  const context: Context = { signal, exitCode: 0 }
  const program = new Command('kernelswarm')
    .description(
      'Verifies machine-translated CUDA kernels on a swarm of volunteers: every case is compiled and run beside its original, and decided by the majority of signed verdicts.',
    )
    .version(VERSION)
    .exitOverride()
    .configureHelp({ sortSubcommands: false, showGlobalOptions: false })
    .showHelpAfterError('(see --help)')
  const commands = [
    addRun,
    addCoordinator,
    addNode,
    addSubmit,
    addRound,
    addScores,
    addAudit,
    addExplorer,
    addMutate,
    addEvolve,
    addDemo,
  ]
  for (const add of commands) add(program, context)
  program.addHelpText(
    'after',
    `
First steps:
  npm run demo                                     everything on this machine, with an example round
  kernelswarm run cases.jsonl --out results        verify your own cases here, one shot
  kernelswarm coordinator                          start a swarm; it prints the lines for nodes and submits

Exit codes: 0 done, 1 not finished, 2 usage or bad input. KERNELSWARM_DEBUG=1 shows stacks.`,
  )
  inherit(program)
  await program.parseAsync(argv)
  return context.exitCode
}

/** Subcommands throw instead of exiting, too. */
function inherit(command: Command): void {
  for (const child of command.commands) {
    child.exitOverride().showHelpAfterError('(see --help)')
    inherit(child)
  }
}
