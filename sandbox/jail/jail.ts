import type { ChildProcess } from 'node:child_process'
import { SandboxFault } from '../types.ts'
import { standBack } from './background.ts'
import { bubblewrapArguments, FD, LAUNCHER_AT } from './bubblewrap.ts'
import type { Cgroups, GroupUsage, RunGroup } from './cgroups.ts'
import { type ChildEnd, killGroup, runChild } from './child.ts'
import type { Feature } from './features.ts'
import { type FilterChoice, filterFile } from './filter/filters.ts'
import { BURIAL_MS, JAIL_ID, JAIL_TASKS, REPORT_BYTES, START_MS } from './limits.ts'
import { MemoryWatch } from './memory-watch.ts'
import { type Mount, processLimits, type StepLimits } from './policy.ts'
import { continueBelow, stopBelow } from './process-tree.ts'
import { waitUntilGone } from './reap.ts'
import { Stage } from './stage.ts'
import { StatusReader } from './status.ts'
import type { Suspendable, Throttle } from './throttle.ts'

/** One program to run in a jail of its own. */
export interface JailStep {
  /** Path inside the jail and arguments. */
  argv: readonly [string, ...string[]]
  environment: readonly string[]
  mounts: readonly Mount[]
  /** Bytes that stand as an executable, read-only file at this place. */
  data: { at: string; bytes: Uint8Array } | null
  /** Where it comes later, the wall time begins when it has come; see `LateInput`. */
  stdin: Uint8Array | LateInput | null
  /** Which system calls it may make. */
  filter: FilterChoice
  limits: StepLimits
  /** Whose share of the time it runs in. @default 'cpu' */
  on?: 'cpu' | 'gpu'
  /**
   * Most bytes of its report.
   * @default REPORT_BYTES
   */
  reportBytes?: number
  /** Sees pieces of the report as they come. */
  onReport?: (piece: Buffer) => void
}

/** Input of a program that is started before its turn has come. */
export interface LateInput {
  /** Where it rejects the program gets no input; whoever made it ends the step by its signal. */
  bytes: Promise<Uint8Array>
  /** How long that may take. */
  withinMs: number
}

/** What ended a step: itself, or the limit that was reached first. */
export type JailStop = 'ended' | 'wall' | 'output' | 'memory'

export interface JailResult {
  stop: JailStop
  /** Exit code as a shell gives it: 128 and the signal's number for a signal; null unless `ended`. */
  exitCode: number | null
  stdout: Buffer
  stderr: Buffer
  report: Buffer
  wallMs: number
  /** 0 where no cgroup measures it. */
  peakBytes: number
}

/** What the launcher says, and all it says, before the program starts. */
const STARTED = 'started\n'
/** What the watch on memory says after it. */
const WATCHED = /^(memory|peak|starved) (\d+)\n$/m

export interface JailComponents {
  bubblewrap: string
  features: ReadonlySet<Feature>
  /** Folder that holds the launcher and the filters, and the launcher's name. */
  launcher: { folder: string; file: string }
  cgroups: Cgroups
  /** Whether memory can be watched where no cgroup holds it. */
  watchable: boolean
  /** Whether nobody else buries orphans here. */
  orphansStay: boolean
  /** Whether this process is root, who must become somebody else first. */
  root: boolean
  /** Hold programs back. @default nothing does */
  throttles?: { cpu: Throttle; gpu: Throttle }
  /** Whether programs get a processor only when nobody else wants it. @default false */
  background?: boolean
}

/**
 * Runs programs of strangers, each in a bubblewrap of its own.
 *
 * 1. A cgroup is made for the run (where there are any).
 * 2. The launcher, outside: joins it, and as root shows our folders to nobody and becomes nobody.
 * 3. bubblewrap: namespaces, mounts, no rights, the filter of system calls. Before its init exists, nothing of the stranger's has been touched.
 * 4. The launcher, inside: limits, addresses, environment, descriptors; then the program.
 * 5. Clock, full pipe or the caller may stop it. The end of its init is waited for, and with it of everything in there.
 * 6. The cgroup is read and removed.
 *
 * A step that was not reached is a SandboxFault: bubblewrap reports the program's end on a descriptor of its own, the
 * launcher its failures on another; the program has neither.
 */
export class Jail {
  readonly #parts: JailComponents
  constructor(components: JailComponents) {
    this.#parts = components
  }

  /**
   * By what memory, processes, system calls and /tmp are limited here, as verdicts say it. Time, output, files, descriptors
   * and devices are limited the same way everywhere.
   */
  get limits(): string[] {
    const { cgroups, features } = this.#parts
    return [
      ...(cgroups.memory === null
        ? [...(this.#watches ? ['memory:watch'] : []), 'memory:address-space']
        : [`memory:${cgroups.memory}`]),
      `processes:${cgroups.tasks ?? 'rlimit'}`,
      'calls:seccomp',
      features.has('--size') ? 'temporary:size' : 'temporary:memory',
    ]
  }

  get #watches(): boolean {
    return this.#parts.cgroups.memory === null && this.#parts.watchable
  }

  /**
   * @throws SandboxFault when the jail itself failed
   * @throws the signal's reason when aborted, after everything is gone
   */
  async run(step: JailStep, { signal }: { signal: AbortSignal }): Promise<JailResult> {
    signal.throwIfAborted()
    const group = await this.#makeGroup(step.limits)
    try {
      const status = new StatusReader()
      await using watch = new MemoryWatch(group)
      const end = await this.#start(step, group, status, AbortSignal.any([signal, watch.signal]))
      await waitUntilGone(status.init)
      const usage = watched(end) ?? (await group.usage())
      if (end.stopped === 'abort') signal.throwIfAborted()
      return resultOf(end, status, usage)
    } finally {
      await group.remove()
    }
  }

  async #makeGroup(limits: StepLimits): Promise<RunGroup> {
    try {
      return await this.#parts.cgroups.create({ memoryBytes: limits.memoryBytes, tasks: limits.tasks + JAIL_TASKS })
    } catch (error) {
      throw new SandboxFault('jail', `cannot make a cgroup: ${(error as Error).message}`, { cause: error })
    }
  }

  async #start(step: JailStep, group: RunGroup, status: StatusReader, signal: AbortSignal): Promise<ChildEnd> {
    const { launcher } = this.#parts
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>()
    if (this.#parts.background) void begun.then(() => standBack(status.init))
    const inputs = new Map<number, Uint8Array | Promise<Uint8Array>>()
    const late = step.stdin !== null && 'bytes' in step.stdin ? step.stdin : null
    if (step.stdin !== null) inputs.set(FD.stdin, 'bytes' in step.stdin ? step.stdin.bytes : step.stdin)
    // Nobody comes: the signal ends the step.
    const come = late?.bytes.then(
      () => undefined,
      () => new Promise<void>(() => {}),
    )
    if (step.data !== null) inputs.set(FD.data, step.data.bytes)
    return await runChild(
      {
        file: `${launcher.folder}/${launcher.file}`,
        args: this.#arguments(step, group),
        env: {},
        inputs,
        outputs: [
          { fd: FD.stdout, maxBytes: step.limits.stdoutBytes, whenFull: 'stop' },
          { fd: FD.stderr, ...step.limits.stderr },
          {
            fd: FD.report,
            maxBytes: step.reportBytes ?? REPORT_BYTES,
            whenFull: 'stop',
            ...(step.onReport && { onData: step.onReport }),
          },
          { fd: FD.status, maxBytes: REPORT_BYTES, whenFull: 'discard', onData: (piece) => status.push(piece) },
          { fd: FD.fault, maxBytes: REPORT_BYTES, whenFull: 'discard', onData: () => begin() },
        ],
        wallMs: step.limits.wallMs,
        // A machine too busy to set up a jail in time has not seen the program: that is no verdict.
        start: { begun, withinMs: START_MS },
        ...(late !== null && come !== undefined && { turn: { come, withinMs: late.withinMs } }),
        kill: (child) => killJail(child, status),
        ...this.#pauses(step, status),
      },
      { signal },
    )
  }

  /** The watch on memory, outside, goes on while the program stands. */
  #pauses({ on = 'cpu' }: JailStep, status: StatusReader) {
    const throttle = this.#parts.throttles?.[on]
    if (throttle === undefined) return {}
    const all = (act: (init: number) => void) => () => {
      if (status.init !== null) act(status.init)
    }
    return { pauses: { join: (target: Suspendable) => throttle.join(target), stop: all(stopBelow), go: all(continueBelow) } }
  }

  /** launcher (outside) -> bubblewrap -> launcher (inside) -> program. */
  #arguments(step: JailStep, group: RunGroup): string[] {
    const { bubblewrap, features, launcher, root, cgroups } = this.#parts
    const inside: Mount = { kind: 'own-file', folder: launcher.folder, file: launcher.file, at: LAUNCHER_AT }
    const mounts = [...step.mounts, inside]
    const stage = new Stage(mounts, { root })
    const { temporaryBytes, sharedBytes } = step.limits
    const sizes = { temporaryBytes, sharedBytes }
    const layout = { mounts, dataAt: step.data?.at ?? null, ...sizes }
    return [
      ...['fault', String(FD.fault)],
      // Outside the cgroup, so that it outlives a kill of all that is in it.
      ...(this.#parts.orphansStay ? ['adopt'] : []),
      ...['open', String(FD.filter), `${launcher.folder}/${filterFile(step.filter)}`],
      ...group.joinFiles.flatMap((file) => ['join', file]),
      ...stage.operations,
      'expendable',
      ...(this.#parts.background ? ['background'] : []),
      ...(root ? ['user', String(JAIL_ID)] : []),
      // After the change of user, which cuts the tether.
      'tether',
      ...(this.#watches ? ['watch', String(step.limits.memoryBytes)] : []),
      ...['--', bubblewrap, ...bubblewrapArguments(layout, features, stage.resolve), '--', LAUNCHER_AT],
      ...['fault', String(FD.fault)],
      ...processLimits(step.limits, { memory: cgroups.memory !== null, tasks: cgroups.tasks !== null }).flatMap(
        ([name, value]) => ['limit', name, String(value)],
      ),
      ...step.environment.flatMap((entry) => ['env', entry]),
      ...['fixed-addresses', 'seal', '--', ...step.argv],
    ]
  }
}

/**
 * Kills init first, because the kernel then kills all it held. Asked before bubblewrap has told its number, this waits
 * for the number: killing bubblewrap alone in its first instants could leave an init behind that nobody owns. bubblewrap
 * then has a moment to bury its init and end: one that it leaves unburied would stay for good where the first process of
 * a container, who inherits it, is this one.
 */
async function killJail(child: ChildProcess, status: StatusReader): Promise<void> {
  await status.standing(child)
  if (status.init !== null && child.exitCode === null && child.signalCode === null) {
    try {
      process.kill(status.init, 'SIGKILL')
    } catch {
      // Gone in the meantime.
    }
  }
  await ended(child, BURIAL_MS)
  await killGroup(child)
}

/** Resolves when a child has ended, or after a time. */
async function ended(child: ChildProcess, withinMs: number): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const { promise, resolve } = Promise.withResolvers<void>()
  const clock = setTimeout(resolve, withinMs)
  child.once('exit', () => resolve())
  await promise
  clearTimeout(clock)
}

function resultOf(end: ChildEnd, status: StatusReader, usage: GroupUsage): JailResult {
  // The program was not over its limit: another machine would have let it run. What our own clock or cap ended is told by that.
  const byUs = end.stopped === 'wall' || end.stopped === 'full'
  if (usage.oomKills > 0 && usage.atLimit === 0 && !byUs)
    throw new SandboxFault('jail', 'this machine ran out of memory during a run')
  if (end.stopped === 'start') throw new SandboxFault('jail', `no jail stood within ${START_MS} ms`)
  if (end.stopped === 'turn') throw new SandboxFault('jail', 'the turn of a program that waited for it never came')
  const stop = stopOf(end, usage)
  const launched = saidOf(end).replace(WATCHED, '')
  if (!STARTED.startsWith(launched)) throw new SandboxFault('jail', `the jail could not be set up: ${oneLine(launched)}`)
  if (stop === 'ended' && (launched !== STARTED || status.exitCode === null)) {
    const said = end.outputs.get(FD.stderr)?.toString('utf8') ?? ''
    throw new SandboxFault('jail', `bubblewrap failed (${end.signal ?? end.code}): ${oneLine(said)}`)
  }
  return {
    stop,
    exitCode: stop === 'ended' ? status.exitCode : null,
    stdout: end.outputs.get(FD.stdout) ?? Buffer.alloc(0),
    stderr: end.outputs.get(FD.stderr) ?? Buffer.alloc(0),
    report: end.outputs.get(FD.report) ?? Buffer.alloc(0),
    wallMs: end.wallMs,
    peakBytes: usage.peakBytes,
  }
}

/** What the watch on memory has seen, where there was one and it was not killed itself. */
function watched(end: ChildEnd): GroupUsage | null {
  const [, word, bytes] = WATCHED.exec(saidOf(end)) ?? []
  if (word === undefined) return null
  return { oomKills: word === 'peak' ? 0 : 1, atLimit: word === 'memory' ? 1 : 0, peakBytes: Number(bytes) }
}

function saidOf(end: ChildEnd): string {
  return (end.outputs.get(FD.fault) ?? Buffer.alloc(0)).toString('utf8')
}

/** The kernel's kill for memory explains every end that came with it; otherwise the watcher that fired first. */
function stopOf(end: ChildEnd, usage: GroupUsage): JailStop {
  if (usage.oomKills > 0 && usage.atLimit > 0) return 'memory'
  if (end.stopped === 'wall') return 'wall'
  return end.stopped === 'full' ? 'output' : 'ended'
}

function oneLine(text: string): string {
  return text.trim().split('\n').slice(0, 3).join('; ').slice(0, 500)
}
