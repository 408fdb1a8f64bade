import type { Command } from 'commander'
import { askDaemon, type NodeStatus, pageToken } from '../../../node/index.ts'
import { UsageError } from '../../../protocol/index.ts'
import { dataOption } from './data.ts'

/** Where the page is. */
export function addPage(node: Command): void {
  node
    .command('page')
    .description("the address of the node's page, with what lets a browser of yours also act")
    .addOption(dataOption())
    .action(async ({ data }: { data: string }) => {
      const { page } = await askDaemon<NodeStatus>(data, '/api/status')
      if (page === null)
        throw new UsageError('option', 'this node has no page: it was started with --page off, or is still starting')
      process.stdout.write(`${page}#${await pageToken(data)}\nWithout what stands after # it only shows. Give it to nobody.\n`)
    })
}
