import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { wholeNumber } from '../support/whole-number.ts'
import { measurePath } from './path/measure.ts'

const program = new Command('bench:path')
  .description(
    "The researcher's path by size: a generated file through `submit`, answered at once by one node with signed verdicts, and `round " +
      'export`. The commands are processes as people start them, the coordinator is one with its store on disk.',
  )
  .option('--sizes <LIST>', 'cases of the rounds, one after the other', sizes, [10_000, 100_000])
  .option('--samples <N>', 'translations of one problem', wholeNumber, 20)
  .option('--tests <N>', 'tests of a case', wholeNumber, 2)
  .option('--heap <MIB>', 'most of the heap that each command may have (default: as the engine likes)', wholeNumber)
  .option('--coordinator-heap <MIB>', 'most that the coordinator may have', wholeNumber, 15_000)
  .option('--folder <DIR>', 'where files and store go', tmpdir())
  .option('--json', 'print one JSON object on the last line')
  .parse()

const values = program.opts<{
  sizes: number[]
  samples: number
  tests: number
  heap?: number
  coordinatorHeap: number
  folder: string
  json?: true
}>()
const { samples, tests, heap: heapMib, coordinatorHeap: coordinatorMib } = values
await using folder = await mkdtempDisposable(join(values.folder, 'kernelswarm-path-'))
const found = []
for (const cases of values.sizes) {
  const figures = await measurePath(folder.path, { cases, samples, tests, heapMib, coordinatorMib })
  found.push(figures)
  const { submit, answers, coordinator } = figures
  console.log(
    `${cases} cases, ${figures.fileMib} MiB: submit ${submit.seconds.toFixed(1)} s, at most ${submit.peakMib} MiB resident`,
  )
  console.log(`  ${answers.verdicts} verdicts in ${answers.seconds.toFixed(1)} s`)
  console.log(
    `  export ${figures.export.seconds.toFixed(1)} s, at most ${figures.export.peakMib} MiB resident, ${figures.export.writtenMib} MiB written`,
  )
  console.log(
    `  coordinator meanwhile: ${coordinator.moreMib} MiB of heap more than the ${coordinator.heapMib} of its state, ${coordinator.cpuSeconds.toFixed(1)} s of CPU, longest turn ${coordinator.longestTurnMs} ms`,
  )
}
if (values.json) console.log(JSON.stringify({ samples, tests, sizes: found }))

function sizes(text: string): number[] {
  return text.split(',').map(wholeNumber)
}
