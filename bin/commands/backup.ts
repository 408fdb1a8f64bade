import type { Command } from 'commander'
import { type BackupInit, backUp, type Manifest, restore } from '../../coordinator/index.ts'
import { AGENT } from '../../protocol/index.ts'
import { paced } from '../flow/steps.ts'
import { COMMAND, defaultData } from '../options.ts'

/** Milliseconds between two lines of progress. */
const LINE_MS = 2_000

interface BackupOptions {
  data: string
  key: boolean
  json?: boolean
}

/** The commands that keep a coordinator's state: backup and restore. */
export function addBackup(coordinator: Command): void {
  coordinator
    .command('backup <DIR>')
    .description('copy the state of a coordinator, running or stopped, to a new folder')
    .option('--data <DIR>', "the coordinator's data folder", defaultData('coordinator'))
    .option('--no-key', "leave out the coordinator's key: who restores that backup has another identity and address")
    .option('--json', 'print one JSON object at the end, and nothing else')
    .addHelpText(
      'after',
      `
It copies the event log as it is at one moment, the archives of rounds, the coordinator's key, its allow-list, and other files. A
running coordinator goes on meanwhile. DIR is there whole, on disk, or not at all; it is not overwritten. Keep it as you
keep a key: it has one in it, and outputs that are not published.

Make one before you start a newer version: that one changes an older store, and an older version cannot read it then.
Exit codes: 0 done, 1 not finished, 2 a folder cannot be used.`,
    )
    .action(async (to: string, _options: unknown, self: Command) => {
      const { data, key, json } = self.optsWithGlobals<BackupOptions>()
      const made = await backUp({ data, to, key, agent: AGENT, onProgress: progress('copied', json) })
      if (json) process.stdout.write(`${JSON.stringify(made)}\n`)
      else process.stdout.write(`${said(made, 'backed up to', to)}\n`)
    })
  coordinator
    .command('restore <BACKUP>')
    .description('make the data folder of a coordinator from a backup')
    .option('--data <DIR>', 'the new data folder, which must not be there yet or be empty', defaultData('coordinator'))
    .option('--json', 'print one JSON object at the end, and nothing else')
    .addHelpText(
      'after',
      `
Every record is held against what the backup says of itself; one that has changed is refused. What came after the backup is
not there: rounds are submitted again, and verdicts that were acknowledged since are made again. Never let two coordinators
run that have one key: stop the old one for good first.
Exit codes: 0 done, 1 not finished, 2 a folder cannot be used, or the backup is not whole.`,
    )
    .action(async (from: string, _options: unknown, self: Command) => {
      const { data, json } = self.optsWithGlobals<BackupOptions>()
      const made = await restore({ data, from, onProgress: progress('restored', json) })
      if (json) process.stdout.write(`${JSON.stringify(made)}\n`)
      else process.stdout.write(`${said(made, 'restored to', data)}\nstart it:  ${COMMAND} coordinator --data ${data}\n`)
    })
}

function progress(what: string, json?: boolean): NonNullable<BackupInit['onProgress']> {
  if (json) return () => {}
  const say = paced((line) => process.stderr.write(`${line}\n`), LINE_MS)
  return ({ records, bytes }) => say(`${what} ${records} records, ${mebibytes(bytes)}`)
}

function said({ records, bytes, coordinator, files, archives, at }: Manifest, how: string, where: string): string {
  const key = files.includes('coordinator.key') ? 'with its key' : 'WITHOUT its key: restored, it gets another identity'
  return `${how} ${where}: ${records} records, ${mebibytes(bytes)}, as of ${new Date(at).toISOString()}\ncoordinator ${coordinator}, ${key}; beside the log: ${files.join(', ') || 'nothing'}; ${archives.length} archives`
}

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`
}
