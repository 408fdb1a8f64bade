import { once } from 'node:events'

/** What a command needs of the process. */
export interface Context {
  signal: AbortSignal
  /** Set by a command that did not finish. */
  exitCode: number
}

/** Waits for the signal; one that came before, while a command was still starting, counts as well. */
export async function untilAborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort')
}
