import type { Jail } from '../jail/jail.ts'
import { COMPILE_RESERVE_BYTES, COMPILE_TASKS, DIAGNOSTIC_BYTES, RUN_TEMPORARY_BYTES } from '../jail/limits.ts'
import { COMPILE_ENVIRONMENT, type Mount } from '../jail/policy.ts'

/** What a tool may take to read what the compiler or a run has left: milliseconds for honest programs, and forged ones may keep it busy. */
export const READ_MS = 20_000
export const READ_BYTES = 512 * 1024 ** 2

/** A tool that reads what a program has left, and what it needs of the system. */
export interface Reader {
  path: string
  mounts: readonly Mount[]
}

/** Runs a tool in a jail of its own on bytes that a stranger's program has a part in. */
export async function readWith(
  { jail, tool }: { jail: Jail; tool: Reader },
  what: {
    argv: readonly [string, ...string[]]
    data: { at: string; bytes: Uint8Array }
    stdin: Uint8Array | null
    answerBytes: number
  },
  { signal }: { signal: AbortSignal },
) {
  const { argv, data, stdin, answerBytes } = what
  return await jail.run(
    {
      ...{ argv, environment: COMPILE_ENVIRONMENT, mounts: [...tool.mounts], data, stdin, filter: 'run' },
      limits: {
        wallMs: READ_MS,
        memoryBytes: READ_BYTES,
        reserveBytes: COMPILE_RESERVE_BYTES,
        tasks: COMPILE_TASKS,
        temporaryBytes: RUN_TEMPORARY_BYTES,
        sharedBytes: 0,
        stdoutBytes: answerBytes,
        stderr: { maxBytes: DIAGNOSTIC_BYTES, whenFull: 'discard' },
      },
    },
    { signal },
  )
}
