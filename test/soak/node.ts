import { Command } from 'commander'
import { wholeNumber } from '../support/whole-number.ts'
import { soakNode } from './node/soak.ts'

const program = new Command('soak:node')
  .description(
    "A volunteer's node that does all of a coordinator's rounds, is killed with -9 at random and started again: nothing is lost, nothing " +
      'counts twice, every case is judged as it must be; then, left alone, what it holds stays as it is. Exit code 1 when that is not so.',
  )
  .option('--kills <N>', 'how often it is killed', wholeNumber, 100)
  .option('--tasks <N>', 'tasks to be done at least', wholeNumber, 10_000)
  .option('--seed <N>', 'the same seed draws the same moments', wholeNumber, 1)
  .option('--json', 'print the report as one JSON object')
  .parse()

const { json, ...values } = program.opts<{ kills: number; tasks: number; seed: number; json?: true }>()
const report = await soakNode({ ...values, say: (line) => process.stderr.write(`${line}\n`) })
if (json) console.log(JSON.stringify(report))
else {
  const { kills, tasks, acknowledged, seconds, held, wrong } = report
  console.log(`${tasks} tasks in ${seconds} s, the node killed ${kills} times; ${acknowledged} verdicts acknowledged`)
  for (const at of held.filter((_, n) => n % Math.max(1, Math.floor(held.length / 10)) === 0 || n === held.length - 1)) {
    console.log(
      `after ${at.tasks} tasks: ${at.rssMib} MiB (heap ${at.heapMib}), ${at.files} descriptors, ${at.children} children, ${at.diskMib} MiB on disk`,
    )
  }
  console.log(wrong.length === 0 ? 'nothing lost, nothing twice' : wrong.join('\n'))
}
process.exitCode = report.wrong.length === 0 ? 0 : 1
