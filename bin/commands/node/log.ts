import type { Command } from 'commander'
import { lastLines, newLines } from '../../../node/index.ts'
import type { Context } from '../../context.ts'
import { positive } from '../../options.ts'
import { dataOption } from './data.ts'
import { plain } from './words.ts'

const LOOK_EVERY_MS = 500

/** What a node has logged, whether it runs or not. */
export function addLog(node: Command, context: Context): void {
  node
    .command('log')
    .description("the node's log, one JSON object a line")
    .option('-n, --lines <N>', 'how many of the last ones', positive, 50)
    .option('-f, --follow', 'also those to come, until Ctrl-C')
    .addOption(dataOption())
    .action(async ({ data, lines, follow = false }: { data: string; lines: number; follow?: boolean }) => {
      for (const line of await lastLines(data, lines)) process.stdout.write(`${plain(line)}\n`)
      if (!follow) return
      const { signal } = context
      for await (const line of newLines(data, { everyMs: LOOK_EVERY_MS, signal })) process.stdout.write(`${plain(line)}\n`)
    })
}
