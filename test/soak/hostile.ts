import { Command } from 'commander'
import { CACHE } from '../support/cache.ts'
import { wholeNumber } from '../support/whole-number.ts'
import { mebibytes } from './inventory.ts'
import { soak } from './soak.ts'

const program = new Command('soak:hostile')
  .description('Hostile programs in a row, and what is left of them afterwards: nothing. Exit code 1 when something is.')
  .option('--count <N>', 'how many', wholeNumber, 1000)
  .option('--seed <N>', 'the same seed draws the same programs', wholeNumber, 1)
  .option('--json', 'print the report as one JSON object')
  .parse()

const values = program.opts<{ count: number; seed: number; json?: true }>()
const report = await soak({ ...values, cacheDir: CACHE })
if (values.json) {
  console.log(JSON.stringify(report, null, 2))
} else {
  const { hostile, good, seconds, ends, wrong, before, after } = report
  console.log(`${hostile} hostile programs, ${good} good ones between them, in ${seconds} s`)
  console.log(
    `tests of hostile programs: ${Object.entries(ends)
      .map(([status, count]) => `${count} ${status}`)
      .join(', ')}`,
  )
  console.log(`descriptors ${before.descriptors} -> ${after.descriptors}, processes ${before.processes} -> ${after.processes}`)
  console.log(`cgroups ${before.cgroups} -> ${after.cgroups}, mounts ${before.mounts.length} -> ${after.mounts.length}`)
  console.log(
    `resident memory ${mebibytes(before.rssBytes)} -> ${mebibytes(after.rssBytes)} MiB, heap ${mebibytes(before.heapBytes)} -> ${mebibytes(after.heapBytes)} MiB`,
  )
  console.log(wrong.length === 0 ? 'nothing left, nothing wrong' : wrong.join('\n'))
}
process.exitCode = report.wrong.length === 0 ? 0 : 1
