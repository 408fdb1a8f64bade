import type { Command } from 'commander'
import { exportExplorer } from '../../coordinator/index.ts'
import { UsageError } from '../../protocol/index.ts'
import type { Context } from '../context.ts'
import { paced } from '../flow/steps.ts'

/** How often progress is shown where it cannot be written over. */
const PLAIN_LINE_MS = 5_000
const LIVE_LINE_MS = 200

export function addExplorer(program: Command, context: Context): void {
  program
    .command('explorer')
    .description("a coordinator's public page")
    .command('export <dir>')
    .description('write the page with all that it shows into a folder, for any static host')
    .requiredOption('--coordinator-http <URL>', 'where the page is now, for example http://127.0.0.1:4680', pageUrl)
    .addHelpText('after', EXPORT_HELP)
    .action(async (folder: string, { coordinatorHttp: url }: { coordinatorHttp: string }) => {
      const live = process.stderr.isTTY
      const say = paced(
        (line) => process.stderr.write(live ? `\r\x1b[K${line}` : `${line}\n`),
        live ? LIVE_LINE_MS : PLAIN_LINE_MS,
      )
      const onProgress = ({ files }: { files: number }, at: string) => say(`${files} files; ${at}`)
      const { files, bytes, rounds } = await exportExplorer({ url, folder, signal: context.signal, onProgress })
      if (live) process.stderr.write('\r\x1b[K')
      process.stdout.write(`${folder}: ${rounds} rounds, ${files} files, ${(bytes / 2 ** 20).toFixed(1)} MiB\n`)
    })
}

/** @throws UsageError */
function pageUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url === null || !['http:', 'https:'].includes(url.protocol) || url.search !== '' || url.hash !== '')
    throw new UsageError('option', `--coordinator-http ${text}: expected an address such as http://127.0.0.1:4680`)
  return url.href
}

const EXPORT_HELP = `
It reads what any visitor may read and nothing else: what a round's owner keeps to himself, and what is still voted on, is not
in it. Each verdict comes with its signed bytes, so that the page can check it without the coordinator. What goes on while it
is written may be in some files and not in others; ended rounds are whole.

To look at it:  npx http-server DIR  or any other server of files; the pages need one, since browsers load no
scripts of this kind from a folder.`
