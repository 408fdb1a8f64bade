import { createReadStream } from 'node:fs'
import { mkdir, open, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { line } from '../../support/cases.ts'
import { type CommandFigures, runCommand } from '../command-figures.ts'
import { AnsweringCoordinator } from './coordinator.ts'

/** Lines written at a time. */
const LINES_A_WRITE = 1_000

export interface PathLoad {
  cases: number
  /** Translations of one problem. */
  samples: number
  /** Tests of a case. */
  tests: number
  /** Most of the heap that each of the researcher's commands may have, MiB. */
  heapMib?: number | undefined
  /** Most that the coordinator may have, MiB. */
  coordinatorMib: number
}

/** A round from the file to the files, by size. */
export interface PathFigures {
  cases: number
  fileMib: number
  submit: { seconds: number; peakMib: number }
  /** Nodes that answer at once. */
  answers: { verdicts: number; seconds: number }
  export: { seconds: number; peakMib: number; writtenMib: number }
  /** While it gave out the results: heap before, and the most beyond that; processor; and the longest turn of its event loop. */
  coordinator: { heapMib: number; moreMib: number; cpuSeconds: number; longestTurnMs: number }
  /** Lines of `outcomes.jsonl`. */
  outcomes: number
}

/** Submits a generated file, has it answered at once, and exports it; each command is a process of its own. */
export async function measurePath(folder: string, load: PathLoad): Promise<PathFigures> {
  const { cases, heapMib } = load
  const home = join(folder, String(cases))
  await mkdir(home)
  const file = join(home, 'cases.jsonl')
  const bytes = await writeLines(file, load)
  await using coordinator = await AnsweringCoordinator.start(join(home, 'coordinator'), load.coordinatorMib)
  const at = ['--coordinator', coordinator.address]
  const terms = ['--replicas', '1', '--quorum', '1', '--rule', 'compat', '--passes', 'none']
  const submitted = await runCommand(home, ['submit', file, ...at, ...terms, '--json'], { heapMib })
  await rm(file)
  const { round } = JSON.parse(submitted.stdout) as { round: string }
  const from = performance.now()
  const verdicts = await coordinator.answer(round)
  const answers = { verdicts, seconds: (performance.now() - from) / 1000 }
  const heapBytes = await coordinator.watch()
  const out = join(home, 'out')
  const exported = await runCommand(home, ['round', 'export', round, ...at, '--out', out], { heapMib })
  const { longestTurnMs, peakHeapBytes, cpuSeconds } = await coordinator.seen()
  const found = {
    ...{ cases, fileMib: mebibytes(bytes), submit: taken(submitted), answers },
    export: { ...taken(exported), writtenMib: mebibytes(await sizeOf(out)) },
    coordinator: { heapMib: mebibytes(heapBytes), moreMib: mebibytes(peakHeapBytes - heapBytes), cpuSeconds, longestTurnMs },
    outcomes: await linesIn(join(out, 'outcomes.jsonl')),
  }
  await rm(home, { recursive: true, force: true })
  return found
}

/** Some samples of each problem, one in three wrong. */
async function writeLines(file: string, { cases, samples, tests }: PathLoad): Promise<number> {
  await using handle = await open(file, 'w')
  let bytes = 0
  for (let from = 0; from < cases; from += LINES_A_WRITE) {
    const some = Array.from({ length: Math.min(LINES_A_WRITE, cases - from) }, (_, n) => caseLine(from + n, samples, tests))
    const text = `${some.join('\n')}\n`
    bytes += Buffer.byteLength(text)
    await handle.writeFile(text)
  }
  return bytes
}

function caseLine(index: number, samples: number, tests: number): string {
  const problem = Math.floor(index / samples)
  const made = JSON.parse(line(problem, { tests, problem: `problem ${problem}` })) as { cuda_code: string }
  return JSON.stringify({ ...made, id: index, cuda_code: `${made.cuda_code} // sample ${index}` })
}

function taken({ seconds, peakMib }: CommandFigures): { seconds: number; peakMib: number } {
  return { seconds, peakMib }
}

async function sizeOf(folder: string): Promise<number> {
  const sizes = await Promise.all((await readdir(folder)).map(async (name) => (await stat(join(folder, name))).size))
  return sizes.reduce((sum, size) => sum + size, 0)
}

async function linesIn(file: string): Promise<number> {
  let count = 0
  for await (const _ of createInterface({ input: createReadStream(file) })) count++
  return count
}

function mebibytes(bytes: number): number {
  return Math.round(bytes / 2 ** 20)
}
