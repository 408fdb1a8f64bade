import { setTimeout as sleep } from 'node:timers/promises'
import type { PreferenceValues } from '../../preferences/schema.ts'
import { type Facts, known } from '../facts.ts'
import { namesOf, type ProcessRow, readProcesses, textOf, treeOf } from './process-table.ts'
import type { Source } from './source.ts'

const EVERY_MS = 10_000
/** At the start there is nothing to compare with. */
const FIRST_MS = 500

interface Sample {
  /** Of all processors since the machine started, in ticks. */
  busy: number
  all: number
  /** Of this process and all it has started. */
  own: number
}

/** What other programs run on this machine, and what they take of its processors. Ours are those below this process. */
export class ProcessesSource implements Source {
  readonly name = '/proc'
  readonly tells = ['otherCpu', 'programs'] as const
  readonly #root: string
  readonly #pid: number
  #last: Sample | null = null
  constructor({ root = '/proc', pid = process.pid }: { root?: string; pid?: number } = {}) {
    this.#root = root
    this.#pid = pid
  }

  everyMs(): number {
    return EVERY_MS
  }

  async look(preferences: PreferenceValues, _: number, { signal }: { signal: AbortSignal }): Promise<Partial<Facts>> {
    if (this.#last === null) {
      this.#last = this.#sample(readProcesses(this.#root))
      await sleep(FIRST_MS, undefined, { signal })
    }
    const rows = readProcesses(this.#root)
    const [before, after] = [this.#last, this.#sample(rows)]
    this.#last = after
    const own = treeOf(rows, this.#pid)
    const asked = [...preferences['pause-while-running'], ...preferences['gpu-pause-while-running']].length > 0
    const others = asked ? rows.filter(({ pid }) => !own.has(pid)).flatMap((row) => namesOf(this.#root, row)) : []
    return { otherCpu: known(otherShare(before, after)), programs: known(new Set(others)) }
  }

  #sample(rows: readonly ProcessRow[]): Sample {
    const tree = treeOf(rows, this.#pid)
    const own = rows.filter(({ pid }) => tree.has(pid)).reduce((sum, { ticks }) => sum + ticks, 0)
    return { ...parseTotals(textOf(`${this.#root}/stat`)), own }
  }
}

/** What others took between two samples, of all that there was. */
export function otherShare(before: Sample, after: Sample): number {
  const all = after.all - before.all
  if (all <= 0) return 0
  const others = after.busy - before.busy - Math.max(0, after.own - before.own)
  return Math.min(1, Math.max(0, others / all))
}

/** The first line of /proc/stat: user, nice, system, idle, iowait, irq, softirq, steal. */
export function parseTotals(text: string): { busy: number; all: number } {
  const [user = 0, nice = 0, system = 0, idle = 0, waiting = 0, irq = 0, soft = 0, stolen = 0] =
    /^cpu +([\d ]+)$/m.exec(text)?.[1]?.split(' ').map(Number) ?? []
  const busy = user + nice + system + irq + soft
  const all = busy + idle + waiting + stolen
  if (all === 0) throw new Error('/proc/stat has no processors')
  return { busy, all }
}
