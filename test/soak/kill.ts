import { parseArgs } from 'node:util'
import { killed } from './kill/soak.ts'

/**
 * A coordinator that is killed with -9 again and again while nodes answer and rounds are submitted, and nodes and submits with
 * it: nothing that was acknowledged is lost, and the results are those of an undisturbed run.
 *
 *     node test/soak/kill.ts [--kills 200] [--seed 1] [--cases 30] [--keep] [--json]
 */
const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    cases: { type: 'string', default: '30' },
    keep: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
})
const report = await killed({
  kills: Number(values.kills),
  seed: Number(values.seed),
  cases: Number(values.cases),
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
