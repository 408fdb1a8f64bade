import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { wholeNumber } from '../support/whole-number.ts'
import { costs, course, type Memory } from './store/measure.ts'

const program = new Command('bench:store')
  .description(
    'What the rules and the store of a coordinator cost, without network and signatures: a task in rounds of growing size, memory ' +
      'over many verdicts in rounds that end, and a start after them. Real Level, synced.',
  )
  .option('--sizes <LIST>', 'cases of the rounds, one after the other', sizes, [1_000, 10_000, 100_000])
  .option('--verdicts <N>', 'verdicts over which memory is measured', wholeNumber, 1_000_000)
  .option('--cases-per-round <N>', 'of the rounds they are in', wholeNumber, 1_000)
  .option('--json', 'print one JSON object on the last line')
  .parse()

const values = program.opts<{ sizes: number[]; verdicts: number; casesPerRound: number; json?: true }>()
const folder = await mkdtemp(join(tmpdir(), 'kernelswarm-store-'))
try {
  const perTask = await costs(folder, values.sizes)
  for (const { cases, cpuUsPerTask, heapBytesPerCase } of perTask) {
    console.log(
      `${cases} cases: ${cpuUsPerTask.toFixed(0)} us of CPU a task, ${heapBytesPerCase.toFixed(0)} bytes of heap a case`,
    )
  }
  const long = await course(join(folder, 'course'), values.verdicts, values.casesPerRound)
  const growth = (kind: keyof Memory) => long.late[kind] / long.early[kind]
  for (const kind of ['resident', 'own', 'heap'] as const) {
    const [early, late] = [mebibytes(long.early[kind]), mebibytes(long.late[kind])]
    console.log(`${long.verdicts} verdicts: ${kind} ${early} MiB after a tenth, ${late} at the end (${growth(kind).toFixed(3)})`)
  }
  console.log(
    `${long.tasksLeft} tasks in memory; start in ${Math.round(long.startMs)} ms (${Math.round(long.startCpuMs)} of CPU), ${long.applied} events applied`,
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
    rss_growth_ratio: growth('resident'),
    own_memory_growth_ratio: growth('own'),
    heap_growth_ratio: growth('heap'),
    start_ms: long.startMs,
    start_cpu_ms: long.startCpuMs,
    verdicts: long.verdicts,
    events_applied_at_start: long.applied,
  }
  if (values.json) console.log(JSON.stringify({ ...figures, per_task: perTask, course: long }))
} finally {
  await rm(folder, { recursive: true, force: true })
}

function sizes(text: string): number[] {
  return text.split(',').map(wholeNumber)
}

function mebibytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(0)
}
