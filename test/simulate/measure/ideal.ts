import type { RoundEntry, TaskEntry } from '../../../coordinator/state/model.ts'
import { taskKeys } from '../../../coordinator/state/model.ts'
import type { State } from '../../../coordinator/state/state.ts'
import type { Profile } from '../nodes/node.ts'
import type { Workload } from '../world/workload.ts'

/** How fast healthy nodes that are there work together, over time: work of the recorded machine per millisecond. */
export class Capacity {
  readonly #steps: { at: number; rate: number }[] = [{ at: 0, rate: 0 }]

  /** A node came (`sign` 1) or went (-1). */
  change({ behaviour, slots, slowness }: Profile, sign: 1 | -1, at: number): void {
    if (!behaviour.healthy) return
    const { rate } = this.#steps.at(-1) as { rate: number }
    this.#steps.push({ at, rate: rate + (sign * slots) / slowness })
  }

  /** When so much work that could begin at `from` would be done, were it spread without a gap. Infinity: never. */
  doneAt(from: number, workMs: number): number {
    let left = workMs
    for (const [index, { at, rate }] of this.#steps.entries()) {
      const begin = Math.max(at, from)
      const end = this.#steps[index + 1]?.at ?? Number.POSITIVE_INFINITY
      if (end <= begin) continue
      const within = rate === 0 ? Number.POSITIVE_INFINITY : left / rate
      if (begin + within <= end) return begin + within
      left -= (end - begin) * rate
    }
    return Number.POSITIVE_INFINITY
  }
}

/** What a round cannot do without: its tasks so many times each, and its longest chain of passes one after the other. */
export function needed(state: State, round: RoundEntry, workload: Workload): { workMs: number; chainMs: number } {
  const ms = (entry: TaskEntry) => workload.taskMs(entry.task)
  const entries = (keys: Iterable<string>) => [...keys].map((key) => state.tasks.get(key) as TaskEntry)
  const longest = (keys: string[]) => Math.max(0, ...entries(keys).map(ms))
  const chains = round.cases.map(
    (item) => longest(taskKeys(item, undefined, ['plain'])) + longest(taskKeys(item, undefined, ['isolated'])),
  )
  const workMs = entries(round.tasks).reduce((sum, entry) => sum + ms(entry) * leastReplicas(entry), 0)
  return { workMs, chainMs: Math.max(0, ...chains) }
}

/** Runs without which a task cannot be decided. */
function leastReplicas({ policy }: TaskEntry): number {
  return policy.kind === 'majority' ? policy.quorum : 1
}
