import { COMPILE_MEMORY_BYTES, COMPILE_WALL_MS } from '../../protocol/index.ts'
import type { JailStep } from '../jail/jail.ts'
import { COMPILE_RESERVE_BYTES, COMPILE_TASKS, COMPILE_TEMPORARY_BYTES, DIAGNOSTIC_BYTES } from '../jail/limits.ts'
import { COMPILE_ENVIRONMENT, type Mount } from '../jail/policy.ts'

/** Where the composer's headers stand in a compile jail. */
export const INCLUDE_AT = '/include'

/** The product leaves through standard output: the host never opens a file that the program's text could have replaced. */
const SCRIPT = '"$@" -o /tmp/product && exec cat /tmp/product'
/** The same, and after it a file that the compiler may have left beside it. */
const SCRIPT_BESIDE = (path: string) => `"$@" -o /tmp/product && cat /tmp/product && if [ -e ${path} ]; then exec cat ${path}; fi`

export interface CompileOrder {
  compiler: string
  mounts: readonly Mount[]
  /** Folder of the composer's headers, as prepared. */
  include: string
  args: readonly string[]
  stdin: Uint8Array | null
  /** A file that follows the product; see `BuildSettings`. @default none */
  beside?: string
  maxProductBytes: number
  /** @default COMPILE_WALL_MS */
  wallMs?: number
}

/** One call of the compiler as a step in a jail. */
export function compileStep(order: CompileOrder): JailStep {
  return {
    argv: [
      '/bin/sh',
      '-c',
      order.beside === undefined ? SCRIPT : SCRIPT_BESIDE(order.beside),
      'sh',
      order.compiler,
      `-I${INCLUDE_AT}`,
      ...order.args,
    ],
    environment: COMPILE_ENVIRONMENT,
    mounts: [...order.mounts, { kind: 'own', folder: order.include, at: INCLUDE_AT }],
    data: null,
    stdin: order.stdin,
    filter: 'compile',
    limits: {
      wallMs: order.wallMs ?? COMPILE_WALL_MS,
      memoryBytes: COMPILE_MEMORY_BYTES,
      reserveBytes: COMPILE_RESERVE_BYTES,
      tasks: COMPILE_TASKS,
      temporaryBytes: COMPILE_TEMPORARY_BYTES,
      sharedBytes: 0,
      stdoutBytes: order.maxProductBytes,
      // Complaints are read by people, the first of them; a compiler makes them slower than they are thrown away.
      stderr: { maxBytes: DIAGNOSTIC_BYTES, whenFull: 'discard' },
    },
  }
}
