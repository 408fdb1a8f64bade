import type { Command } from 'commander'
import type { Context } from '../context.ts'
import { notBuilt } from '../options.ts'

/** Commands that the plan has and this release has not: they say so, and exit with 2. */
export function addLater(program: Command, _context: Context): void {
  const later = [['evolve <plan>', 'the whole co-verify, co-evolve loop from a plan']] as const
  for (const [usage, description] of later) {
    program
      .command(usage)
      .description(`${description} (not built yet)`)
      .allowUnknownOption()
      .allowExcessArguments()
      .action(() => {
        throw notBuilt(`kernelswarm ${usage.split(' ')[0]}`)
      })
  }
}
