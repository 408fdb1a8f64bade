import { getHeapStatistics } from 'node:v8'

/**
 * What a task takes in memory while its round is under way: 3.9 KB with two votes of five tests each (`npm run bench:store`),
 * and more where it takes more votes.
 */
export const TASK_BYTES = 6_000
/** Share of the heap that tasks may fill; the rest is for everything else, and for the collector to work in. */
export const TASKS_SHARE = 0.75

/** How many tasks of rounds under way a heap of so many bytes holds. @param heapBytes by default what the engine may take */
export function tasksThatFit(heapBytes: number = getHeapStatistics().heap_size_limit): number {
  return Math.floor((heapBytes * TASKS_SHARE) / TASK_BYTES)
}
