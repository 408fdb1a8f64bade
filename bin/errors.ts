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

/** One clear line for a person; the stack only when KERNELSWARM_DEBUG is set. Commander has printed its own already. */
export function explain(error: unknown, debug: boolean): string {
  if (error instanceof CommanderError) return ''
  const message = error instanceof Error ? error.message : String(error)
  const line = `${pc.red('kernelswarm:')} ${message}`
  return debug && error instanceof Error ? `${line}\n${error.stack}` : line
}
