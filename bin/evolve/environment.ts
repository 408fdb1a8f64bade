import type { RoundFolder, WorkFolder } from './folder.ts'

/** What a command of a round is told, by environment variables. An empty text: there is none yet. */
export interface StepVariables {
  /** Number of the round, from 1. */
  KERNELSWARM_ROUND: string
  /** `generate` or `train`. */
  KERNELSWARM_STEP: string
  /** How often the step was begun; above 1 what the last try left in MODEL or SCRATCH may be gone on with. */
  KERNELSWARM_ATTEMPT: string
  /** The loop's working folder. */
  KERNELSWARM_WORK: string
  /** A folder for the command's own files of this round. */
  KERNELSWARM_SCRATCH: string
  /** The round's cases: `generate` writes this file, `train` may read it. */
  KERNELSWARM_CASES: string
  /** Folder of the round's results, which `train` reads; for `generate` those of the round before. */
  KERNELSWARM_RESULTS: string
  /** What the training of the round before wrote: the model that `generate` infers with and `train` may begin from. */
  KERNELSWARM_MODEL: string
  /** Where `train` writes what it makes; for `generate` empty. */
  KERNELSWARM_NEW_MODEL: string
}

export function variablesOf(folder: WorkFolder, round: number, step: 'generate' | 'train', attempt: number): StepVariables {
  const own = folder.round(round)
  const before: RoundFolder | null = round === 1 ? null : folder.round(round - 1)
  const generates = step === 'generate'
  return {
    KERNELSWARM_ROUND: String(round),
    KERNELSWARM_STEP: step,
    KERNELSWARM_ATTEMPT: String(attempt),
    KERNELSWARM_WORK: folder.path,
    KERNELSWARM_SCRATCH: own.scratch,
    KERNELSWARM_CASES: generates ? own.casesPart : own.cases,
    KERNELSWARM_RESULTS: generates ? (before?.results ?? '') : own.results,
    KERNELSWARM_MODEL: before?.model ?? '',
    KERNELSWARM_NEW_MODEL: generates ? '' : own.model,
  }
}
