/**
 * What the coordinator's rules and store cost, without network and signatures: a task in rounds of growing size, memory over
 * many verdicts in rounds that end, and a start after them. Real Level, synced.
 *
 *     npm run bench:store -- [--sizes 1000,10000,100000] [--verdicts 1000000] [--cases-per-round 1000] [--json]
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { costs, course } from './store/measure.ts'

const { values } = parseArgs({
  options: {
    sizes: { type: 'string', default: '1000,10000,100000' },
    verdicts: { type: 'string', default: '1000000' },
    'cases-per-round': { type: 'string', default: '1000' },
    json: { type: 'boolean', default: false },
  },
})
const folder = await mkdtemp(join(tmpdir(), 'kernelswarm-store-'))
try {
  const perTask = await costs(folder, values.sizes.split(',').map(Number))
  for (const { cases, cpuUsPerTask, heapBytesPerCase } of perTask) {
    console.log(
      `${cases} cases: ${cpuUsPerTask.toFixed(0)} us of CPU a task, ${heapBytesPerCase.toFixed(0)} bytes of heap a case`,
    )
  }
  const long = await course(join(folder, 'course'), Number(values.verdicts), Number(values['cases-per-round']))
  const growth = long.rssLate / long.rssEarly
  console.log(
    `${long.verdicts} verdicts: resident ${mebibytes(long.rssEarly)} MiB after a tenth, ${mebibytes(long.rssLate)} MiB at the end (${growth.toFixed(3)}), heap ${mebibytes(long.heapEarly)} and ${mebibytes(long.heapLate)} MiB; ${long.tasksLeft} tasks in memory; start in ${Math.round(long.startMs)} ms (${Math.round(long.startCpuMs)} of CPU), ${long.applied} events applied`,
  )
  const [least, ...rest] = perTask
  const ratios = Object.fromEntries(
    rest.map(({ cases, cpuUsPerTask }) => [
      `cost_per_task_ratio_${cases}_to_${least?.cases}`,
      cpuUsPerTask / (least?.cpuUsPerTask ?? 1),
    ]),
  )
  const figures = {
    ...ratios,
    rss_growth_ratio: growth,
    start_ms: long.startMs,
    start_cpu_ms: long.startCpuMs,
    verdicts: long.verdicts,
    events_applied_at_start: long.applied,
  }
  if (values.json) console.log(JSON.stringify({ ...figures, per_task: perTask, course: long }))
} finally {
  await rm(folder, { recursive: true, force: true })
}

function mebibytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(0)
}
