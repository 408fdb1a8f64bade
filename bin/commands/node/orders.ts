import { type Command, InvalidArgumentError } from 'commander'
import { askDaemon, type NodeStatus } from '../../../node/index.ts'
import { positive } from '../../options.ts'
import { dataOption } from './data.ts'
import { sentenceOf } from './words.ts'

/** Commands that tell a running node something; what it then does is printed. */
export function addOrders(node: Command): void {
  order(node, 'pause', 'take no more work and hold what runs, until resumed, also over restarts', () => ['pause', {}])
  order(node, 'resume', 'go on after a pause or a snooze, or after the node has paused itself', () => ['resume', {}])
  order(node, 'snooze <minutes>', 'pause for so many minutes', (minutes) => ['snooze', { minutes: positive(String(minutes)) }])
  order(node, 'stop', 'end what runs, give it back, and end the node', () => ['stop', {}])
  const finish = order(node, 'finish', 'take no more work, and end when what runs has ended', (options) => [
    'finish',
    options as Record<string, number>,
  ])
  finish
    .option('--tasks <N>', 'only after so many more tasks', positive)
    .option('--at <TIME>', 'only at a time, such as 2026-12-24T18:00', moment)
  const gpu = node.command('gpu').description('switch one GPU on or off, in the preferences')
  order(gpu, 'on <gpu>', 'use a GPU, by its index or UUID', (name) => ['gpu', { name, on: true }])
  order(gpu, 'off <gpu>', 'leave a GPU alone', (name) => ['gpu', { name, on: false }])
}

function order(parent: Command, usage: string, description: string, said: (first: unknown) => [string, object]): Command {
  return parent
    .command(usage)
    .description(description)
    .addOption(dataOption())
    .action(async (...args: unknown[]) => {
      const self = args.at(-1) as Command
      const { data, ...options } = self.opts<{ data: string }>()
      const [path, body] = said(self.args.length > 0 ? self.args[0] : options)
      process.stdout.write(`${sentenceOf(await askDaemon<NodeStatus>(data, `/api/${path}`, body))}\n`)
    })
}

function moment(text: string): number {
  const at = Date.parse(text)
  if (Number.isNaN(at) || at <= Date.now()) throw new InvalidArgumentError('Expected a time to come, such as 2026-12-24T18:00.')
  return at
}
