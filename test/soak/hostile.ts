import { parseArgs } from 'node:util'
import { CACHE } from '../sandbox/fixture.ts'
import { mebibytes } from './inventory.ts'
import { soak } from './soak.ts'

/**
 * Hostile programs in a row, and what is left of them afterwards: nothing.
 *
 *     node test/soak/hostile.ts [--count 1000] [--seed 1] [--json]
 */
const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
})
const report = await soak({ count: Number(values.count), seed: Number(values.seed), cacheDir: CACHE })
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
