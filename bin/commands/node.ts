import type { Command } from 'commander'
import type { Context } from '../context.ts'
import { addDoctor } from './doctor.ts'
import { addHistory } from './node/history.ts'
import { addInstall } from './node/install.ts'
import { addLog } from './node/log.ts'
import { addOrders } from './node/orders.ts'
import { addPage } from './node/page.ts'
import { addRefuse } from './node/refuse.ts'
import { addStart } from './node/start.ts'
import { addStatus } from './node/status.ts'
import { addOwn } from './own.ts'

export function addNode(program: Command, context: Context): void {
  const node = program
    .command('node')
    .description("a volunteer's node: takes tasks, runs them in a sandbox, returns signed verdicts")
  addStart(node, context)
  addDoctor(node, context)
  addInstall(node, context)
  addStatus(node, context)
  addOrders(node)
  addHistory(node)
  addRefuse(node)
  addPage(node)
  addLog(node, context)
  addOwn(node)
}
