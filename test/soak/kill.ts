import { Command } from 'commander'
import { wholeNumber } from '../support/whole-number.ts'
import { killed } from './kill/soak.ts'

const program = new Command('soak:kill')
  .description(
    'A coordinator that is killed with -9 again and again while nodes answer and rounds are submitted, and nodes and submits with it: ' +
      'nothing that was acknowledged is lost, and the results are those of an undisturbed run. Exit code 1 when that is not so.',
  )
  .option('--kills <N>', 'how often the coordinator is killed', wholeNumber, 200)
  .option('--seed <N>', 'the same seed draws the same victims and moments', wholeNumber, 1)
  .option('--cases <N>', 'cases of a round', wholeNumber, 30)
  .option('--keep', 'keep the folder when all is well, too', false)
  .option('--json', 'print the report as one JSON object')
  .parse()

const values = program.opts<{ kills: number; seed: number; cases: number; keep: boolean; json?: true }>()
const report = await killed({
  kills: values.kills,
  seed: values.seed,
  cases: values.cases,
  keep: values.keep,
  say: (line) => process.stderr.write(`${line}\n`),
})
if (values.json) console.log(JSON.stringify(report))
else {
  const { kills, seed, rounds, verdicts, acknowledged, seconds, wrong, folder } = report
  console.log(
    `seed ${seed}: coordinator killed ${kills.coordinator} times (${Object.entries(kills.when)
      .map(([when, count]) => `${count} ${when}`)
      .join(', ')}), nodes ${kills.nodes}, submits ${kills.submits}, in ${seconds} s`,
  )
  console.log(`${rounds} rounds, ${verdicts} verdicts in the log, ${acknowledged} acknowledged to their nodes`)
  console.log(wrong.length === 0 ? 'nothing lost, nothing twice, the same results' : `${wrong.join('\n')}\nleft in ${folder}`)
}
process.exitCode = report.wrong.length === 0 ? 0 : 1
