import { OPEN_FILES, STACK_BYTES } from './limits.ts'

/**
 * What a jail allows, as data. Closed by default: what does not stand here is not there.
 * Each entry carries the reason why it may, or must, be.
 */

/** Something of the host, or made for the jail, at a place inside it. */
export type Mount =
  /** A folder or file of the system, read-only, at its own path. */
  | { kind: 'system'; path: string }
  /** A folder of our own, read-only; readable even where only root may enter the folders above it. */
  | { kind: 'own'; folder: string; at: string }
  /** A file of one of our own folders. */
  | { kind: 'own-file'; folder: string; file: string; at: string }
  /** A file or folder of the system, read-only, at another place. */
  | { kind: 'shown'; path: string; at: string }
  /** A device, at its own path. */
  | { kind: 'device'; path: string }
  /** What this kernel tells of the jail's own processes, and of itself. */
  | { kind: 'processes'; at: string }
  /** An empty folder in the place of one that must not be seen. */
  | { kind: 'empty'; at: string }
  /** A symbolic link. */
  | { kind: 'link'; target: string; at: string }

/** Namespaces and rights: how the jail is closed. */
export const ENCLOSURE: readonly { args: readonly string[]; reason: string }[] = [
  { args: ['--unshare-user'], reason: 'no right on anything of the host, whoever started us' },
  { args: ['--unshare-ipc'], reason: 'no shared memory or queues of other programs' },
  { args: ['--unshare-pid'], reason: 'sees and signals only its own processes; all die with the first' },
  { args: ['--unshare-net'], reason: 'no network, not even loopback of the host or its abstract sockets' },
  { args: ['--unshare-uts', '--hostname', 'jail'], reason: 'every machine has the same name' },
  { args: ['--unshare-cgroup-try'], reason: 'the place in the cgroup tree tells about the host' },
  { args: ['--uid', '65534', '--gid', '65534'], reason: 'the same user on every machine, and not root' },
  { args: ['--cap-drop', 'ALL'], reason: 'no capabilities, not even inside its own user namespace' },
  { args: ['--new-session'], reason: 'cannot push characters into our terminal' },
  { args: ['--die-with-parent'], reason: 'nothing runs on when we are killed' },
  { args: ['--chdir', '/tmp'], reason: 'the same working directory for every run' },
]

/** Refused where this bubblewrap can (0.8): further user namespaces are the door to most kernel faults. */
export const NO_NESTING = '--disable-userns'

/** Devices: none that stores, none that is hardware. */
export const DEVICES: readonly { path: string; reason: string }[] = [
  { path: '/dev/null', reason: 'compilers and programs throw output away' },
  { path: '/dev/urandom', reason: 'std::random_device' },
]

/** The whole environment of a test. */
export const RUN_ENVIRONMENT: readonly string[] = ['PATH=/usr/bin:/bin', 'LANG=C']

/** The whole environment of a compiler: the shell finds it by PATH, its messages are in English, its files in the jail. */
export const COMPILE_ENVIRONMENT: readonly string[] = ['PATH=/usr/bin:/bin', 'LANG=C', 'LC_ALL=C', 'TMPDIR=/tmp']

/** What one step inside a jail may use. */
export interface StepLimits {
  wallMs: number
  /** All processes together where a cgroup holds it, else each process. */
  memoryBytes: number
  /** Address space beyond that memory, where memory is held by address space. */
  reserveBytes: number
  /**
   * `unbounded`: the program reserves far more than it uses (sanitizers: terabytes), so that memory is held by a cgroup or
   * the watch alone. @default 'held'
   */
  addressSpace?: 'held' | 'unbounded'
  tasks: number
  temporaryBytes: number
  /** Open files of one process. @default OPEN_FILES */
  openFiles?: number
  /** Size of the file system for files that processes share as memory, at `SHARED_AT`; 0 for none. */
  sharedBytes: number
  stdoutBytes: number
  stderr: { maxBytes: number; whenFull: 'stop' | 'discard' }
}

/** Limits the kernel holds for each process, set before the program's first instruction. */
export function processLimits(limits: StepLimits, held: { memory: boolean; tasks: boolean }): [name: string, value: number][] {
  const always: [string, number][] = [
    // A core file would be written by the host, outside every limit.
    ['core', 0],
    // The last line should our own clock be dead: as much as all cores could give in the wall time.
    ['cpu', (Math.ceil(limits.wallMs / 1000) + 1) * limits.tasks],
    // No single file larger than what may be mapped: memory files are files too.
    ['fsize', Math.max(limits.temporaryBytes, limits.memoryBytes + limits.reserveBytes)],
    ['nofile', limits.openFiles ?? OPEN_FILES],
    ['stack', STACK_BYTES],
    // Neither can be counted by memory limits on every machine, nothing honest needs them.
    ['memlock', 64 * 1024],
    ['msgqueue', 0],
  ]
  return [
    ...always,
    // A watch on memory looks from time to time: this holds at every moment, for each process. No limit on private memory
    // alone, or an allocation would fail, and a program could catch that, before the watch has seen it over its limit.
    ...(held.memory || limits.addressSpace === 'unbounded'
      ? []
      : [['as', limits.memoryBytes + limits.reserveBytes] as [string, number]]),
    // Inside the jail's own user namespace, so only the jail's tasks are counted (Linux 5.14).
    ...(held.tasks ? [] : [['nproc', limits.tasks] as [string, number]]),
  ]
}
