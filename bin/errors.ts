import { CommanderError } from 'commander'
import pc from 'picocolors'
import { RefusedError, UsageError } from '../protocol/index.ts'

/** Exit codes: 0 done, 1 the round (or command) did not finish, 2 usage or bad input. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  // The coordinator cannot do it now: what was typed is right, and may work later.
  if (error instanceof RefusedError) return error.code === 'unavailable' || error.code === 'held' ? 1 : 2
  return error instanceof UsageError ? 2 : 1
}

/**
 * Says on standard error what is wrong, in one clear line for a person, and returns the exit code. The stack only when
 * KERNELSWARM_DEBUG is set. Commander has printed its own already.
 */
export function complain(error: unknown): number {
  if (!(error instanceof CommanderError)) process.stderr.write(`${pc.red('kernelswarm:')} ${inWords(error)}\n`)
  return exitCodeOf(error)
}

function inWords(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return process.env.KERNELSWARM_DEBUG === undefined ? error.message : `${error.message}\n${error.stack}`
}
