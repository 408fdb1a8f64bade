import { Command } from 'commander'
import { VERSION } from '../protocol/index.ts'
import type { Context } from './context.ts'

type Add = (program: Command, context: Context) => void

/**
 * The commands, in the order in which help shows them. Each is loaded when it is called: a volunteer's node has no use for a
 * coordinator's code, which takes tens of MiB of his memory.
 */
const COMMANDS: Readonly<Record<string, () => Promise<Add>>> = {
  run: async () => (await import('./commands/run.ts')).addRun,
  coordinator: async () => (await import('./commands/coordinator.ts')).addCoordinator,
  node: async () => (await import('./commands/node.ts')).addNode,
  submit: async () => (await import('./commands/submit.ts')).addSubmit,
  round: async () => (await import('./commands/round.ts')).addRound,
  scores: async () => (await import('./commands/scores.ts')).addScores,
  audit: async () => (await import('./commands/audit.ts')).addAudit,
  mutate: async () => (await import('./commands/mutate.ts')).addMutate,
  evolve: async () => (await import('./commands/evolve.ts')).addEvolve,
  demo: async () => (await import('./commands/demo.ts')).addDemo,
}

/** The one that is called, or, where none is, all of them for the help. */
async function load(argv: readonly string[]): Promise<Add[]> {
  const called = COMMANDS[argv[2] ?? '']
  return await Promise.all((called === undefined ? Object.values(COMMANDS) : [called]).map((command) => command()))
}

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
  for (const add of await load(argv)) add(program, context)
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
