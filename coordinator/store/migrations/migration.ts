import type { Disk, Operation } from '../disk.ts'

/**
 * Leads a store from one version to the next. It yields batches; each is on disk before the next is asked for, and the new
 * version is written when all are. A coordinator that is killed in the middle begins the step again, so that a step must
 * come to the same end on a store of which some part is changed already: it puts, and deletes what it no longer wants,
 * and never counts on what it has done before.
 */
export interface Migration {
  /** The version it starts from; it leads to the next one. */
  from: number
  /** What changes, for the log: one line. */
  says: string
  run(disk: Disk): AsyncIterable<Operation[]>
}
