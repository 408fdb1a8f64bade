import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import { SandboxFault } from '../types.ts'
import { REAP_MS } from './limits.ts'
import type { Suspendable } from './throttle.ts'

/** One pipe that the child writes. */
export interface OutputPipe {
  fd: number
  /** Most bytes kept. */
  maxBytes: number
  /** What happens at the byte after that: the child is stopped, or it is read and forgotten. */
  whenFull: 'stop' | 'discard'
  /** Sees every piece as it comes, before the cap. */
  onData?: (piece: Buffer) => void
}

export interface ChildSpec {
  file: string
  args: readonly string[]
  env: Readonly<Record<string, string>>
  /** Bytes the child may read, by descriptor, now or later; each pipe is closed after them. */
  inputs: ReadonlyMap<number, Uint8Array | Promise<Uint8Array>>
  outputs: readonly OutputPipe[]
  wallMs: number
  /**
   * Where the wall time begins later than the process: when `begun` resolves, which it must within `withinMs`.
   * @default the wall time begins with the process
   */
  start?: { begun: Promise<void>; withinMs: number }
  /**
   * Where the wall time begins later still: when `come` resolves, which it must within `withinMs` of the begin.
   * @default it begins at once
   */
  turn?: { come: Promise<void>; withinMs: number }
  /**
   * Who stops the child for a while, and how that is done: not before it has begun. Its wall time stands meanwhile.
   * @default nobody
   */
  pauses?: { join: (target: Suspendable) => () => void; stop: () => void; go: () => void }
  /** Ends the child and all it started. @default SIGKILL to its process group */
  kill?: (child: ChildProcess) => Promise<void>
}

/** Why the child was stopped; the first reason counts, a child that ended by itself has none. */
export type StopReason = 'start' | 'turn' | 'wall' | 'full' | 'abort'

export interface ChildEnd {
  stopped: StopReason | null
  code: number | null
  signal: NodeJS.Signals | null
  outputs: Map<number, Buffer>
  /** From the begin of its wall time; 0 where that never came. */
  wallMs: number
}

/**
 * Runs one process to its end: three watchers (clock, full pipes, the caller's signal) race with its own end.
 *
 * 1. Start it as leader of a process group of its own. Could not start: SandboxFault.
 * 2. Feed its inputs and drain all its outputs, each with a cap.
 * 3. The first watcher to fire records its reason and kills; later ones find it recorded.
 * 4. Wait until it has ended and all its pipes are closed; what keeps them open after its end is cut off.
 *
 * Resolves however it ended; the caller says what that means.
 */
export async function runChild(spec: ChildSpec, { signal }: { signal: AbortSignal }): Promise<ChildEnd> {
  const child = spawn(spec.file, spec.args, { cwd: '/', env: spec.env, detached: true, stdio: stdioOf(spec) })
  const closed = closing(child, spec.file)
  const stopper = new Stopper(() => (spec.kill ?? killGroup)(child))
  const outputs = new Map(spec.outputs.map((pipe) => [pipe.fd, collect(child, pipe, stopper)]))
  for (const [fd, bytes] of spec.inputs) feed(child.stdio[fd] as Writable | null, bytes)
  const clock = new Clock(spec, stopper)
  const pauser = new Pauser(spec, clock)
  const onAbort = () => stopper.stop('abort')
  if (signal.aborted) onAbort()
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    const { code, signal: endSignal } = await closed
    await stopper.killed
    const read = new Map([...outputs].map(([fd, pieces]) => [fd, Buffer.concat(pieces)]))
    return { stopped: stopper.reason, code, signal: endSignal, outputs: read, wallMs: clock.elapsedMs }
  } finally {
    pauser.leave()
    clock.stop()
    signal.removeEventListener('abort', onAbort)
  }
}

/** SIGKILL to the whole group: a jail has nothing to tidy up, so there is no reason to ask first. */
export async function killGroup(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // Gone in the meantime.
  }
}

/** Stops the child and its clock, and lets both go on. One that has not begun yet is stopped when it does. */
class Pauser implements Suspendable {
  readonly leave: () => void
  readonly #pauses: ChildSpec['pauses']
  readonly #clock: Clock
  #begun = false
  #suspended = false
  constructor({ pauses, start }: ChildSpec, clock: Clock) {
    this.#pauses = pauses
    this.#clock = clock
    this.leave = pauses?.join(this) ?? (() => {})
    void (start?.begun ?? Promise.resolve()).then(() => {
      this.#begun = true
      if (this.#suspended) this.#stop()
    })
  }

  suspend(): void {
    this.#suspended = true
    if (this.#begun) this.#stop()
  }

  resume(): void {
    this.#suspended = false
    if (!this.#begun) return
    this.#pauses?.go()
    this.#clock.resume()
  }

  /** Stopped before its clock, and the clock goes on last: what it runs is never left out. */
  #stop(): void {
    this.#pauses?.stop()
    this.#clock.pause()
  }
}

/** Gives the child its time to start, then its wall time. */
class Clock {
  #timer: NodeJS.Timeout | undefined
  /** What the timer will do, and when it was to. */
  #next: { late: () => void; at: number } | null = null
  #begunAt: number | null = null
  #pausedAt: number | null = null
  #pausedMs = 0
  #stopped = false
  constructor({ start, turn, wallMs }: ChildSpec, stopper: Stopper) {
    const after = (
      step: { withinMs: number } | undefined,
      reason: StopReason,
      come: Promise<void> | undefined,
      next: () => void,
    ) => {
      if (step === undefined || come === undefined) return next()
      this.#set(() => stopper.stop(reason), step.withinMs)
      void come.then(next)
    }
    const begin = () => {
      if (this.#set(() => stopper.stop('wall'), wallMs)) this.#begunAt = performance.now()
    }
    after(start, 'start', start?.begun, () => after(turn, 'turn', turn?.come, begin))
  }

  #set(late: () => void, ms: number): boolean {
    if (this.#stopped) return false
    clearTimeout(this.#timer)
    this.#next = { late, at: performance.now() + ms }
    if (this.#pausedAt === null) this.#timer = setTimeout(late, ms)
    return true
  }

  /** Stands, until `resume`. */
  pause(): void {
    if (this.#pausedAt !== null) return
    this.#pausedAt = performance.now()
    clearTimeout(this.#timer)
  }

  resume(): void {
    if (this.#pausedAt === null) return
    const now = performance.now()
    // What began while it stood has not stood for longer.
    const stood = now - Math.max(this.#pausedAt, this.#begunAt ?? 0)
    this.#pausedAt = null
    if (this.#begunAt !== null) this.#pausedMs += stood
    if (this.#next === null || this.#stopped) return
    const { late, at } = this.#next
    // Its time may have been over when it was paused, on a machine too busy to notice.
    this.#set(late, Math.max(0, at + stood - now))
  }

  /** Without the time in which it stood. */
  get elapsedMs(): number {
    if (this.#begunAt === null) return 0
    return Math.max(0, (this.#pausedAt ?? performance.now()) - this.#begunAt - this.#pausedMs)
  }

  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
  }
}

class Stopper {
  reason: StopReason | null = null
  killed: Promise<void> = Promise.resolve()
  readonly #kill: () => Promise<void>
  constructor(kill: () => Promise<void>) {
    this.#kill = kill
  }

  stop(reason: StopReason): void {
    if (this.reason !== null) return
    this.reason = reason
    this.killed = this.#kill()
  }
}

function stdioOf(spec: ChildSpec): StdioOptions {
  const used = [...spec.inputs.keys(), ...spec.outputs.map((pipe) => pipe.fd)]
  return Array.from({ length: Math.max(2, ...used) + 1 }, (_, fd) => (used.includes(fd) ? 'pipe' : 'ignore'))
}

async function closing(child: ChildProcess, file: string): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
  const closed = once(child, 'close')
  let cut: NodeJS.Timeout | undefined
  child.once('exit', () => {
    cut = setTimeout(() => cutPipes(child), REAP_MS)
  })
  try {
    const [code, signal] = (await closed) as [number | null, NodeJS.Signals | null]
    return { code, signal }
  } catch (error) {
    throw new SandboxFault('jail', `cannot start ${file}: ${(error as Error).message}`, { cause: error })
  } finally {
    clearTimeout(cut)
  }
}

function cutPipes(child: ChildProcess): void {
  for (const stream of child.stdio) stream?.destroy()
}

function collect(child: ChildProcess, pipe: OutputPipe, stopper: Stopper): Buffer[] {
  const pieces: Buffer[] = []
  let kept = 0
  const stream = child.stdio[pipe.fd] as Readable | null
  stream?.on('data', (piece: Buffer) => {
    pipe.onData?.(piece)
    const room = pipe.maxBytes - kept
    if (room > 0) pieces.push(piece.subarray(0, room))
    kept += Math.min(room, piece.length)
    if (piece.length > room && pipe.whenFull === 'stop') stopper.stop('full')
  })
  // A pipe that breaks says no more than its end does.
  stream?.on('error', () => {})
  return pieces
}

function feed(stream: Writable | null, bytes: Uint8Array | Promise<Uint8Array>): void {
  // The child may end without having read everything.
  stream?.on('error', () => {})
  if (bytes instanceof Promise) {
    // Who does not come leaves the child with no input.
    bytes.then(
      (late) => stream?.end(late),
      () => stream?.end(),
    )
  } else stream?.end(bytes)
}
