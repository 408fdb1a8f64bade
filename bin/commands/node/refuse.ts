import { join } from 'node:path'
import { type Command, Option } from 'commander'
import {
  askDaemon,
  ControlError,
  NO_REFUSALS,
  REFUSALS_FILE,
  type Refusals,
  readRefusals,
  writeRefusals,
} from '../../../node/index.ts'
import { dataOption } from './data.ts'

interface RefuseOptions {
  data: string
  label: string[]
  researcher: string[]
  unlabelled?: boolean
  undo?: boolean
}

const HELP = `
Coordinators are named when the node is started: no other is ever obeyed, and one that is not wanted is not named.
A label is what a researcher calls a round; * stands for anything, and upper and lower case are alike:
  kernelswarm node refuse --label '*mining*'
Whose rounds are embargoed come without label and researcher until they have ended: --unlabelled refuses them, too.
Nothing is held against a node that refuses, and it is given the work of others at once.`

/** What an owner wants no work of. */
export function addRefuse(node: Command): void {
  const collect = (value: string, before: string[]) => [...before, value]
  node
    .command('refuse')
    .description('take no work of rounds by their label or of researchers by their key; without options, say what is refused')
    .addOption(
      new Option('--label <TEXT>', 'of rounds with this label; may be given again').argParser(collect).default([], 'none'),
    )
    .addOption(
      new Option('--researcher <PEER-ID>', 'of this researcher; may be given again').argParser(collect).default([], 'none'),
    )
    .option('--unlabelled', 'of rounds of which nobody may know yet')
    .option('--undo', 'take these out instead')
    .addOption(dataOption())
    .addHelpText('after', HELP)
    .action(async (options: RefuseOptions) => {
      process.stdout.write(`${(await refuse(options)).join('\n')}\n`)
    })
}

async function refuse({ data, label, researcher, unlabelled = false, undo = false }: RefuseOptions): Promise<string[]> {
  const file = join(data, REFUSALS_FILE)
  const before = await readRefusals(file)
  if (label.length === 0 && researcher.length === 0 && !unlabelled) return words(before)
  const change = (old: string[], named: string[]) =>
    undo ? old.filter((one) => !named.includes(one)) : [...new Set([...old, ...named])]
  const after: Refusals = {
    ...NO_REFUSALS,
    labels: change(before.labels, label),
    researchers: change(before.researchers, researcher),
    unlabelled: unlabelled ? !undo : before.unlabelled,
  }
  await writeRefusals(file, after)
  // One that does not run reads it when it starts.
  await askDaemon(data, '/api/refusals', {}).catch((error) => {
    if (!(error instanceof ControlError && error.code === 'not-running')) throw error
  })
  return words(after)
}

function words({ labels, researchers, unlabelled }: Refusals): string[] {
  const lines = [
    ...labels.map((label) => `label       ${label}`),
    ...researchers.map((key) => `researcher  ${key}`),
    ...(unlabelled ? ['unlabelled  rounds of which nobody may know yet'] : []),
  ]
  return lines.length === 0 ? ['nothing is refused'] : lines
}
