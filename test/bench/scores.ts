/**
 * What the scores of a large round cost a coordinator: seconds of the processor, memory beside what its state holds anyway, and the longest turn of
 * the event loop, in which nobody else is answered. Cases are made up; nothing runs.
 *
 *     npm run bench:scores -- [--cases 1000000] [--samples 20] [--tests 5] [--json]
 */
import { parseArgs } from 'node:util'
import { matrixCsv } from '../../coordinator/results/scores/matrix-csv.ts'
import { Scores } from '../../coordinator/results/scores/scores.ts'
import { placesOf, Snapshot } from '../../coordinator/results/snapshot.ts'
import { LongestTurn } from './longest-turn.ts'
import { collect, madeUpRound } from './scores/round.ts'

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '1000000' },
    samples: { type: 'string', default: '20' },
    tests: { type: 'string', default: '5' },
    json: { type: 'boolean', default: false },
  },
})

interface Step {
  step: string
  /** Of the processor, all threads. */
  seconds: number
  /** Likewise of the processor. */
  longestTurnMs: number
  /** The most heap in use while it went on, and what is left of it afterwards, beyond what the state holds. */
  peakMiB: number
  leftMiB: number
}

const { round, source, content } = madeUpRound({
  cases: Number(values.cases),
  samples: Number(values.samples),
  tests: Number(values.tests),
})
const base = collect()
const steps: Step[] = []
const snapshot = await measured(
  'snapshot',
  async () => (await Snapshot.inTurns(source, round, placesOf(round), () => true)) as Snapshot,
)
const scores = await measured('scores', async () => await Scores.of(snapshot, content))
await measured('scores.json', async () => await consumed(scores.json()))
await measured('matrix.csv', async () => await consumed(matrixCsv(snapshot)))
if (values.json) console.log(JSON.stringify({ ...values, baseMiB: mebibytes(base), steps }))

/** Reads a file's parts as the wire does: with a turn of the event loop for every 256 KiB. */
async function consumed(parts: AsyncIterable<string | Uint8Array>): Promise<void> {
  let waiting = 0
  for await (const part of parts) {
    waiting += part.length
    if (waiting < 256 * 1024) continue
    waiting = 0
    await new Promise((resolve) => setImmediate(resolve))
  }
}

async function measured<T>(step: string, work: () => Promise<T>): Promise<T> {
  const turns = new LongestTurn()
  let peak = 0
  const look = setInterval(() => (peak = Math.max(peak, process.memoryUsage().heapUsed)), 50)
  const startedAt = process.cpuUsage()
  const made = await work()
  const { user, system } = process.cpuUsage(startedAt)
  peak = Math.max(peak, process.memoryUsage().heapUsed)
  const longestTurnMs = Math.round(turns.stop())
  clearInterval(look)
  const seconds = Number(((user + system) / 1e6).toFixed(2))
  const row = { step, seconds, longestTurnMs, peakMiB: mebibytes(peak - base), leftMiB: mebibytes(collect() - base) }
  steps.push(row)
  if (!values.json)
    console.log(`${step}: ${seconds} s, longest turn ${longestTurnMs} ms, ${row.peakMiB} MiB at most, ${row.leftMiB} left`)
  return made
}

function mebibytes(bytes: number): number {
  return Math.round(bytes / 2 ** 20)
}
