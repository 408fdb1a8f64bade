import type { Conditions } from '../conditions/conditions.ts'
import type { History } from '../history/history.ts'
import type { RunRecord } from '../history/record.ts'
import type { NodeStatus } from './status.ts'

/** What a node answers its owner, and does for him. */
export interface Face {
  readonly conditions: Pick<Conditions, 'pause' | 'snooze' | 'finish' | 'finishAfter' | 'finishAt' | 'switchGpu'>
  readonly history: Pick<History, 'find' | 'program' | 'receipts'>
  status(): Promise<NodeStatus>
  /** What ran last, the newest first. */
  runs(limit: number): Promise<RunRecord[]>
  /** Ends a pause, whoever has made it. @throws UsageError when it cannot be written down */
  resume(): Promise<void>
  /** Ends the node, soon. */
  requestStop(): void
  /** Reads anew what its owner does not want, and gives back what of it there is. @throws UsageError */
  readRefusals(): Promise<void>
}
