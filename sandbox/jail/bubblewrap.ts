import type { Feature } from './features.ts'
import { DEVICES, ENCLOSURE, type Mount, NO_NESTING } from './policy.ts'

/**
 * Descriptors of a jailed step. The program itself has 0 to 3. All but `filter` are sockets of ours, because that is what
 * Node makes where it is asked for pipes, and it can make no others; the filter takes every call away that works on sockets
 * only, so that to the program they are pipes.
 */
export const FD = {
  stdin: 0,
  stdout: 1,
  stderr: 2,
  /** The harness's report. */
  report: 3,
  /** bubblewrap's own news: it stands, the program ended. */
  status: 4,
  /** The launcher's complaints. */
  fault: 5,
  /** Bytes that become a read-only file in the jail. */
  data: 6,
  /** The filter of system calls; bubblewrap installs it last, for its own init too. */
  filter: 7,
} as const

/** Where the emulator keeps device memory, as a file that its processes map (harness/emulator/runtime/arena.h). */
export const SHARED_AT = '/device'

/** Where the launcher stands inside every jail. */
export const LAUNCHER_AT = '/launch'

export interface Layout {
  mounts: readonly Mount[]
  /** A file made from the bytes of `FD.data`. */
  dataAt: string | null
  temporaryBytes: number
  /** 0: no such file system. */
  sharedBytes: number
}

/**
 * bubblewrap's arguments, from policy and layout. The order is the order of mounting: first what is shown, last the
 * root made read-only, so that nothing but these file systems in memory can be written, which have a size.
 */
export function bubblewrapArguments(layout: Layout, has: ReadonlySet<Feature>, resolve: (folder: string) => string): string[] {
  return [
    ...ENCLOSURE.flatMap((entry) => entry.args),
    ...(has.has(NO_NESTING) ? [NO_NESTING] : []),
    ...['--json-status-fd', String(FD.status), '--seccomp', String(FD.filter)],
    ...layout.mounts.flatMap((mount) => mountArguments(mount, resolve)),
    ...DEVICES.flatMap(({ path }) => ['--dev-bind', path, path]),
    ...temporaryArguments('/tmp', layout.temporaryBytes, has),
    ...(layout.sharedBytes === 0 ? [] : temporaryArguments(SHARED_AT, layout.sharedBytes, has)),
    ...(layout.dataAt === null ? [] : ['--perms', '0555', '--ro-bind-data', String(FD.data), layout.dataAt]),
    ...['--remount-ro', '/'],
  ]
}

function mountArguments(mount: Mount, resolve: (folder: string) => string): string[] {
  switch (mount.kind) {
    case 'system':
      return ['--ro-bind', mount.path, mount.path]
    case 'own':
      return ['--ro-bind', resolve(mount.folder), mount.at]
    case 'own-file':
      return ['--ro-bind', `${resolve(mount.folder)}/${mount.file}`, mount.at]
    case 'shown':
      return ['--ro-bind', mount.path, mount.at]
    case 'device':
      return ['--dev-bind', mount.path, mount.path]
    case 'processes':
      return ['--proc', mount.at]
    case 'empty':
      return ['--tmpfs', mount.at, '--remount-ro', mount.at]
    case 'link':
      return ['--symlink', mount.target, mount.at]
    default:
      return mount satisfies never
  }
}

/** A bubblewrap without --size (before 0.8) leaves these to the memory limit, which counts them too where a cgroup holds it. */
function temporaryArguments(at: string, bytes: number, has: ReadonlySet<Feature>): string[] {
  return [...(has.has('--size') ? ['--size', String(bytes)] : []), '--tmpfs', at]
}
