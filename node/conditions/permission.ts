import type { ExecutorName } from '../../protocol/index.ts'

/** Why something may not be done, for programs; the sentence beside it is for people. */
export type WhyNot =
  | 'paused'
  | 'snoozed'
  | 'leaving'
  | 'schedule'
  | 'in-use'
  | 'battery'
  | 'other-cpu'
  | 'program-runs'
  | 'hook'
  | 'gpu-off'
  | 'gpu-unknown'
  | 'gpu-others'
  | 'gpu-hot'
  | 'gpu-power'
  | 'gpu-fan'
  | 'disk'
  | 'network'

/** Whether something may be done. */
export type Answer =
  | { may: true }
  | {
      may: false
      code: WhyNot
      /** One plain sentence. */
      why: string
      /** When it may again if nothing changes but the time, milliseconds of the clock; null: not by waiting. */
      until: number | null
    }

/** How much may be used, where it may be at all. */
export interface Limits {
  /** Share of the slots that may be filled, 0 to 1; one slot always may. */
  slotShare: number
  /** Share of the time for which programs on the processor run, 0 to 1. */
  cpuShare: number
  /** The same for programs on a GPU. */
  gpuShare: number
  /** For all programs together. */
  memoryBytes: number
  /** Tasks that may still be ended before the node leaves; null: any number. */
  tasksLeft: number | null
}

/** What a node may do now. */
export interface Permission {
  /** Whether it may ask for work. It may not either where nothing may run. */
  take: Answer
  /** Whether programs may run on the processor. */
  cpu: Answer
  /** The same of each GPU that can be looked at, by UUID. */
  gpus: ReadonlyMap<string, Answer>
  /** The same of any other GPU. */
  otherGpus: Answer
  limits: Limits
  /** Its owner wants it to end when nothing runs any more. */
  leaving: boolean
}

/** Says what a node may do, and when that changes. */
export interface Gate {
  readonly permission: Permission
  /** @returns what ends that */
  onChange(listener: () => void): () => void
  /** A task has come to its end here, with a verdict. */
  taskEnded(): void
}

/** Whether a program of an executor may run. @param gpu UUID of the GPU that it would run on, where it is known */
export function mayRun(permission: Permission, executor: ExecutorName, gpu: string | null): Answer {
  if (executor !== 'gpu') return permission.cpu
  return (gpu === null ? undefined : permission.gpus.get(gpu)) ?? permission.otherGpus
}

const MAY: Answer = { may: true }

/** Nothing is forbidden: for machines that do nothing else, and swarms of one machine. */
export const OPEN_GATE: Gate = {
  permission: {
    take: MAY,
    cpu: MAY,
    gpus: new Map(),
    otherGpus: MAY,
    limits: { slotShare: 1, cpuShare: 1, gpuShare: 1, memoryBytes: Number.POSITIVE_INFINITY, tasksLeft: null },
    leaving: false,
  },
  onChange: () => () => {},
  taskEnded: () => {},
}
