import type { Program, RunLimits, TestStatus } from '../../protocol/index.ts'

/**
 * One program that means harm, as data. Its texts may name the baits of the machine (see `bait.ts`) as `@name@`; what it
 * manages to do that it should not be able to, it says in a line that begins with `ESCAPED`.
 */
export interface Attack {
  /** As in docs/sandbox.md: C at compile time, R at run time, H against the harness. Several attacks may share one. */
  id: string
  /** Tells attacks of one id apart. */
  name: string
  /** What it is after, for people. */
  tries: string
  side: Program['side']
  code: string
  wrapper?: string
  tests: readonly string[]
  /** Which statuses fit, test by test. */
  ends: readonly (readonly TestStatus[])[]
  /** What each test prints, to the byte; null where that is not to be known. */
  prints?: readonly (string | null)[]
  /**
   * How each test ends in the isolated pass, and with which flags: `success`, `success, no-kernel-work`. What ends as `success`
   * alone shows what its calls did, whatever it prints. Rows against the harness have it.
   */
  isolated?: readonly string[]
  limits?: Partial<RunLimits>
  /** Wall time of its compile, where the point is that it does not end. @default the sandbox's own */
  compileWallMs?: number
  control: Control
}

/** Shows that the attack works where there is no jail, or says why that is not shown. */
export type Control =
  /** The same program outside the jail does harm to the baits, or says that it escaped. */
  | { outside: 'harms'; needs?: 'root' }
  /** The same program outside the jail is still there after SIGTERM. */
  | { outside: 'runs on' }
  | { outside: 'not shown'; because: string }

export const HARMS: Control = { outside: 'harms' }
export const RUNS_ON: Control = { outside: 'runs on' }
export const notShown = (because: string): Control => ({ outside: 'not shown', because })

/** Small enough that reaching a limit takes moments. */
export const LIMITS: RunLimits = { wallMs: 10_000, memoryBytes: 64 * 1024 ** 2, outputBytes: 64 * 1024 }
/** For what does not end by itself. */
export const SHORT: Partial<RunLimits> = { wallMs: 700 }

export const SUCCESS = ['success'] as const
export const FAILS = ['runtime_error'] as const
export const REFUSED = ['compile_error'] as const
export const LATE = ['timeout'] as const
/** Running out of memory: told apart by a cgroup; without one an allocation fails, and the program ends as it likes. */
export const NO_MEMORY = ['memory_limit', 'runtime_error'] as const
/** What comes back as an error is a success; what a system call filter ends is a runtime error. */
export const HELD = ['success', 'runtime_error'] as const

/** What `wrapper(f, ARGUMENT)` prints. */
export const returned = (value: string | number, argument: string | number) =>
  `Return value: ${value}\nArguments after function call: (${argument})\n`

/** An attack on the C++ side in one function, `int attack(int)`, called once. */
export function onHost(
  row: Pick<Attack, 'id' | 'name' | 'tries' | 'code' | 'control'> &
    Partial<Attack> & { ends: readonly (readonly TestStatus[])[] },
): Attack {
  return { side: 'cpp', tests: ['wrapper(attack, 1);'], ...row }
}

/** The headers of system calls. */
export const SYSTEM = `#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
extern char **environ;
#define ESCAPED(what) (printf("ESCAPED %s\\n", what), fflush(stdout))
`
