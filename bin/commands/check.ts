import type { Command } from 'commander'
import { check, type Finding } from '../../coordinator/index.ts'
import type { Context } from '../context.ts'
import { paced } from '../flow/steps.ts'
import { defaultData } from '../options.ts'

/** Milliseconds between two lines of progress. */
const LINE_MS = 5_000

/** `coordinator check`: whether a store is what it was. */
export function addCheck(coordinator: Command, context: Context): void {
  coordinator
    .command('check')
    .description("read all of a stopped coordinator's store, or of a backup, and say what is not as it was written")
    .option('--data <DIR>', "the coordinator's data folder, or a backup", defaultData('coordinator'))
    .option('--json', 'print one JSON object at the end, and nothing else')
    .addHelpText(
      'after',
      `
It holds every file against its checksums, every event against its form and against those before it, all content against
its name, also where it has left the store for the archive of its round, and every verdict against what its node signed. One line for each thing it finds: which record, what was
expected, what to do. It changes nothing. A running coordinator is backed up first, and the backup checked.
Exit codes: 0 nothing found, 1 something found, 2 there is nothing to check, or it is in use.`,
    )
    .action(async (_options: unknown, self: Command) => {
      const { data, json } = self.optsWithGlobals<{ data: string; json?: boolean }>()
      const found: Finding[] = []
      const say = paced((line) => process.stderr.write(`${line}\n`), LINE_MS)
      const done = await check({
        folder: data,
        onFinding: (finding) => {
          if (json) found.push(finding)
          else process.stdout.write(`${finding.where}: ${finding.what}; ${finding.remedy}\n`)
        },
        onProgress: ({ events, verdicts, blobs }) => {
          if (!json) say(`${events} events, ${verdicts} verdicts, ${blobs} pieces of content read`)
        },
      })
      const { events, verdicts, blobs, archived, findings } = done
      if (json) process.stdout.write(`${JSON.stringify({ ...done, findings: found })}\n`)
      else
        process.stdout.write(
          `${findings === 0 ? 'as it was written' : `${findings} found`}: ${events} events, ${verdicts} verdicts, ${blobs} pieces of content, ${archived} more in archives\n`,
        )
      if (findings > 0) context.exitCode = 1
    })
}
