import { setTimeout as sleep } from 'node:timers/promises'
import type { Command } from 'commander'
import { askDaemon, type NodeStatus } from '../../../node/index.ts'
import type { Context } from '../../context.ts'
import { dataOption } from './data.ts'
import { statusLines } from './words.ts'

const WATCH_MS = 2_000

/** What a node does, and why it does nothing. */
export function addStatus(node: Command, context: Context): void {
  node
    .command('status')
    .description('what the node does, why it does nothing and until when, how its verdicts fared, how it stands')
    .option('--watch', 'again and again, until Ctrl-C')
    .option('--json', 'one JSON object; with --watch one a line')
    .addOption(dataOption())
    .action(async ({ data, watch = false, json = false }: { data: string; watch?: boolean; json?: boolean }) => {
      const { signal } = context
      do {
        const status = await askDaemon<NodeStatus>(data, '/api/status')
        const clear = watch && !json && process.stdout.isTTY ? '\x1b[2J\x1b[H' : ''
        process.stdout.write(`${clear}${json ? JSON.stringify(status) : statusLines(status).join('\n')}\n`)
        if (watch) await sleep(WATCH_MS, undefined, { signal }).catch(() => undefined)
      } while (watch && !signal.aborted)
    })
}
