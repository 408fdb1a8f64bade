import { readFileSync } from 'node:fs'
import { FedLedger } from './feed.ts'

/** Verdicts of one case: two sides, two votes each. */
export const VERDICTS_PER_CASE = 4

/** What a task costs in a round of so many cases, processor time of the whole process, microseconds; and what it holds. */
export interface CostPerTask {
  cases: number
  cpuUsPerTask: number
  heapBytesPerCase: number
}

/** Feeds one round of each size to a ledger of its own. */
export async function costs(folder: string, sizes: readonly number[]): Promise<CostPerTask[]> {
  const found: CostPerTask[] = []
  for (const cases of sizes) {
    const fed = await FedLedger.open(`${folder}/${cases}`)
    const heap = heapBytes()
    const before = process.cpuUsage()
    await fed.round('round', cases)
    const { user, system } = process.cpuUsage(before)
    found.push({ cases, cpuUsPerTask: (user + system) / (2 * cases), heapBytesPerCase: (heapBytes() - heap) / cases })
    await fed.close()
  }
  return found
}

/**
 * Bytes. `resident` counts the pages of the database's files, too, which LevelDB maps and the system takes back when others want
 * them; `own` are the others, and `heap` what the engine holds of them after it has thrown away what is not in use.
 */
export interface Memory {
  resident: number
  own: number
  heap: number
}

/** Memory and a start after so many verdicts, in rounds that end and are closed one after the other. */
export interface Course {
  verdicts: number
  /** After a tenth of the verdicts, and at the end. */
  early: Memory
  late: Memory
  /** Tasks in memory at the end. */
  tasksLeft: number
  /** Wall time, and time of the processor, which says more on a machine that is shared. */
  startMs: number
  startCpuMs: number
  /** Events that the start applied; the rest came from the records. */
  applied: number
}

export async function course(folder: string, verdicts: number, casesPerRound: number): Promise<Course> {
  const fed = await FedLedger.open(folder)
  const rounds = Math.ceil(verdicts / VERDICTS_PER_CASE / casesPerRound)
  let early = memory()
  for (let n = 0; n < rounds; n++) {
    await fed.round(`round ${n}`, casesPerRound)
    if (n === Math.floor(rounds / 10)) early = memory()
  }
  const late = memory()
  const tasksLeft = fed.ledger.state.tasks.size
  const before = process.cpuUsage()
  const startMs = await fed.restart()
  const { user, system } = process.cpuUsage(before)
  const { applied } = fed.ledger.found
  await fed.close()
  const startCpuMs = (user + system) / 1000
  return { verdicts: rounds * casesPerRound * VERDICTS_PER_CASE, early, late, tasksLeft, startMs, startCpuMs, applied }
}

function memory(): Memory {
  const heap = heapBytes()
  const [, kibibytes = '0'] = /RssAnon:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8')) ?? []
  return { resident: process.memoryUsage().rss, own: 1024 * Number(kibibytes), heap }
}

/** What is in use, once what is not has been thrown away; needs `--expose-gc`. */
function heapBytes(): number {
  globalThis.gc?.()
  return process.memoryUsage().heapUsed
}
