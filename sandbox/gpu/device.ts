import { setTimeout as sleep } from 'node:timers/promises'
import { LOADER_AT, UNIT_AT } from '../isolated/runner.ts'
import type { FilterChoice } from '../jail/filter/filters.ts'
import type { Jail, JailResult, JailStep } from '../jail/jail.ts'
import { DIAGNOSTIC_BYTES, REPORT_BYTES, RUN_TASKS } from '../jail/limits.ts'
import { type Mount, RUN_ENVIRONMENT, type StepLimits } from '../jail/policy.ts'
import { SandboxFault } from '../types.ts'
import type { PreparedLoader } from './loader.ts'
import { type Probe, parseProbe } from './probe.ts'
import { LONGEST_TURN_MS, Places, type Turns } from './turns.ts'

/** What CUDA's driver and a context keep in a process's memory, beside what the round gives it. */
export const GPU_RESERVE_BYTES = 1024 * 1024 ** 2
/** Copies of what the host has put into device memory, in the isolated pass; the loader's own bound. */
export const WITNESS_BYTES = 512 * 1024 ** 2
/** A context opens devices and events by the dozen. */
const GPU_OPEN_FILES = 1024
const GPU_TEMPORARY_BYTES = 64 * 1024 ** 2
/** A context takes a third of a second; on a machine that wakes its driver up, many. */
const CONTEXT_MS = 90_000
const PROBE_MS = 90_000
/** Between two tries of a device that has not answered. */
const PAUSE_MS = 2_000
/** After which a device that was given up is tried again. */
export const RECHECK_MS = 5 * 60_000
/** One runs, one makes its context meanwhile. */
const AT_A_TIME = 2

/** What a jail with the GPU shows, and under which filter. */
export interface GpuJail {
  mounts: readonly Mount[]
  environment: readonly string[]
  filter: FilterChoice
}

/** One run of a unit on the GPU. */
export interface GpuOrder {
  product: Uint8Array
  /** What the loader reads when its turn has come, its nonce first. */
  orders: string
  limits: Pick<StepLimits, 'wallMs' | 'memoryBytes' | 'stdoutBytes' | 'stderr'>
  reportBytes: number
  /** A program around the loader, with what it needs. @default none */
  around?: { argv: readonly [string, ...string[]]; mounts: readonly Mount[]; filter: FilterChoice }
}

export interface GpuDeviceParts {
  jail: Pick<Jail, 'run'>
  loader: PreparedLoader
  /** The loader's own libraries. */
  libraries: readonly Mount[]
  shows: GpuJail
  turns: Turns
  /** How many processes there are at a time: one has the GPU, the others make their contexts. @default AT_A_TIME */
  atATime?: number
  /** @default RECHECK_MS */
  recheckMs?: number
  /** @default PAUSE_MS */
  pauseMs?: number
}

/** Says which ends of a run may have been the GPU's, or may have harmed it. */
export type IsAbnormal = (result: JailResult) => boolean

/**
 * One GPU: runs units on it one at a time, and watches its health.
 *
 * 1. A process is started in its jail and makes its context while the one before still has the GPU.
 * 2. Its turn comes: it gets its orders, and its wall time begins.
 * 3. Any abnormal end: a known kernel runs in a fresh process, and once more after a pause. Where it fails twice the GPU is
 *    out of service, until a later try succeeds, and nothing is said of that run: it may have been the GPU's end and not the
 *    program's. Nothing is ever reset.
 */
export class GpuDevice implements Disposable {
  readonly #parts: GpuDeviceParts
  readonly #places: Places
  readonly #listeners = new Set<() => void>()
  #out: { why: string } | null = null
  #recheck: NodeJS.Timeout | undefined

  constructor(parts: GpuDeviceParts) {
    this.#parts = parts
    this.#places = new Places(parts.atATime ?? AT_A_TIME)
  }

  /** Why it is out of service, or null. */
  get outOfService(): string | null {
    return this.#out?.why ?? null
  }

  /** Calls when it goes out of service or comes back. */
  onChange(listener: () => void): void {
    this.#listeners.add(listener)
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#recheck)
  }

  /**
   * @throws SandboxFault `gpu` where the device is out of service, no context could be made, or it does not compute after the run
   * @throws the signal's reason when aborted, after everything is gone
   */
  async run(order: GpuOrder, isAbnormal: IsAbnormal, { signal }: { signal: AbortSignal }): Promise<JailResult> {
    const first = await this.#once(order, isAbnormal, signal)
    if (noContext(first) === null) return first
    // Who had the GPU before may have taken this one's context with it. The device was tried since.
    const second = await this.#once(order, isAbnormal, signal)
    const reason = noContext(second)
    if (reason !== null) throw new SandboxFault('gpu', `no context on the GPU: ${reason}`)
    return second
  }

  /** Runs the known kernel in a process of its own, in its turn. */
  async probe({ signal }: { signal: AbortSignal }): Promise<Probe> {
    const leave = await this.#parts.turns.take({ signal })
    try {
      return await this.#probe(signal)
    } finally {
      await leave()
    }
  }

  async #once(order: GpuOrder, isAbnormal: IsAbnormal, signal: AbortSignal): Promise<JailResult> {
    this.#require()
    const leave = await this.#places.enter({ signal })
    const own = new AbortController()
    const stop = AbortSignal.any([signal, own.signal])
    const come = Promise.withResolvers<Uint8Array>()
    const ready = new Ready()
    try {
      const step = this.#step(order, { bytes: come.promise, withinMs: CONTEXT_MS + LONGEST_TURN_MS })
      const ended = this.#parts.jail.run({ ...step, onReport: (piece) => ready.push(piece) }, { signal: stop })
      ended.catch(() => {})
      return await this.#inTurn(order, { ended, ready, come: come.resolve, own, stop, isAbnormal })
    } catch (error) {
      own.abort(error)
      throw error
    } finally {
      come.reject(new Error('its turn is over'))
      come.promise.catch(() => {})
      leave()
    }
  }

  async #inTurn(
    { orders }: GpuOrder,
    run: {
      ended: Promise<JailResult>
      ready: Ready
      come: (orders: Uint8Array) => void
      own: AbortController
      stop: AbortSignal
      isAbnormal: IsAbnormal
    },
  ): Promise<JailResult> {
    const { ended, ready, come, own, stop, isAbnormal } = run
    await ready.within(CONTEXT_MS, ended, () =>
      own.abort(new SandboxFault('gpu', `no context on the GPU within ${CONTEXT_MS} ms`)),
    )
    const leave = await this.#parts.turns.take({ signal: stop })
    let checked = false
    try {
      this.#require()
      come(Buffer.from(orders))
      const result = await ended
      if (noContext(result) !== null || isAbnormal(result)) {
        checked = true
        await this.#check()
        this.#require()
      }
      return result
    } catch (error) {
      // Stopped in the middle, with or without a kernel on the device.
      own.abort(error)
      await ended.catch(() => {})
      if (!checked && !(error instanceof SandboxFault && error.code === 'gpu' && this.#out !== null)) await this.#check()
      throw error
    } finally {
      await leave()
    }
  }

  #require(): void {
    if (this.#out !== null) throw outFault(this.#out.why)
  }

  /** After an abnormal end, in its turn. A machine that fails otherwise (no jail) says nothing of its GPU. */
  async #check(): Promise<void> {
    const { pauseMs = PAUSE_MS } = this.#parts
    const { signal } = new AbortController()
    if ((await this.#probe(signal)).kind === 'computes') return
    await sleep(pauseMs)
    const again = await this.#probe(signal)
    if (again.kind === 'fails') this.#takeOut(again.why)
  }

  #takeOut(why: string): void {
    this.#out = { why }
    this.#tell()
    this.#later()
  }

  #later(): void {
    const { recheckMs = RECHECK_MS } = this.#parts
    this.#recheck = setTimeout(() => void this.recheck().catch(() => this.#later()), recheckMs)
    this.#recheck.unref()
  }

  /** Tries a device that is out of service. It comes back where it computes. */
  async recheck(): Promise<void> {
    if (this.#out === null) return
    clearTimeout(this.#recheck)
    const found = await this.probe({ signal: new AbortController().signal })
    if (found.kind === 'fails') {
      this.#out = { why: found.why }
      return this.#later()
    }
    this.#out = null
    this.#tell()
  }

  #tell(): void {
    for (const listener of this.#listeners) listener()
  }

  async #probe(signal: AbortSignal): Promise<Probe> {
    return await probeOnce(this.#parts, [LOADER_AT, 'probe'], this.#parts.shows, { signal })
  }

  #step({ product, limits, reportBytes, around }: GpuOrder, stdin: JailStep['stdin']): JailStep {
    const { loader, libraries, shows } = this.#parts
    const own: Mount = { kind: 'own-file', folder: loader.folder, file: loader.file, at: LOADER_AT }
    return {
      argv: around === undefined ? [LOADER_AT] : [...around.argv, LOADER_AT],
      environment: [...RUN_ENVIRONMENT, ...shows.environment],
      mounts: [...libraries, ...shows.mounts, own, ...(around?.mounts ?? [])],
      data: { at: UNIT_AT, bytes: product },
      stdin,
      filter: around?.filter ?? shows.filter,
      on: 'gpu',
      reportBytes: reportBytes + REPORT_BYTES,
      limits: gpuLimits(limits),
    }
  }
}

/** Address space is not held: CUDA reserves as much as there is memory of all kinds. */
function gpuLimits(limits: GpuOrder['limits']): StepLimits {
  return {
    ...limits,
    memoryBytes: limits.memoryBytes + GPU_RESERVE_BYTES,
    reserveBytes: 0,
    addressSpace: 'unbounded',
    tasks: RUN_TASKS,
    temporaryBytes: GPU_TEMPORARY_BYTES,
    openFiles: GPU_OPEN_FILES,
    sharedBytes: 0,
  }
}

/** A process of the loader's that loads nothing: whether a context stands and a kernel computes right, in a jail that shows this. */
export async function probeOnce(
  parts: Pick<GpuDeviceParts, 'jail' | 'loader' | 'libraries'>,
  argv: readonly [string, ...string[]],
  shows: GpuJail,
  options: { signal: AbortSignal },
): Promise<Probe> {
  return parseProbe(await runLoader(parts, argv, shows, options))
}

/** Runs the loader without a unit. */
export async function runLoader(
  { jail, loader, libraries }: Pick<GpuDeviceParts, 'jail' | 'loader' | 'libraries'>,
  argv: readonly [string, ...string[]],
  shows: GpuJail,
  { signal }: { signal: AbortSignal },
): Promise<JailResult> {
  const own: Mount = { kind: 'own-file', folder: loader.folder, file: loader.file, at: LOADER_AT }
  const limits = gpuLimits({
    wallMs: PROBE_MS,
    memoryBytes: WITNESS_BYTES,
    stdoutBytes: DIAGNOSTIC_BYTES,
    stderr: { maxBytes: DIAGNOSTIC_BYTES, whenFull: 'discard' },
  })
  return await jail.run(
    {
      argv,
      environment: [...RUN_ENVIRONMENT, ...shows.environment],
      mounts: [...libraries, ...shows.mounts, own],
      data: null,
      stdin: null,
      filter: shows.filter,
      limits,
    },
    { signal },
  )
}

function outFault(why: string): SandboxFault {
  return new SandboxFault(
    'gpu',
    `the GPU is out of service (${why}); it is tried again every few minutes. ${OUT_OF_SERVICE_REMEDY}`,
  )
}

export const OUT_OF_SERVICE_REMEDY =
  'See dmesg for lines with NVRM: Xid. If it stays so: end what else uses the GPU (nvidia-smi), reload the driver or restart the machine.'

/** Why the loader had no context, before anything of the program was loaded; null where it had one. */
function noContext({ report, exitCode }: JailResult): string | null {
  if (exitCode !== NO_CONTEXT_EXIT) return null
  return /^no-context (.{1,200})/m.exec(report.toString('latin1'))?.[1] ?? null
}

/** The loader's code for that. */
export const NO_CONTEXT_EXIT = 124

/** Waits for the loader's word that its context stands. */
class Ready {
  readonly #said = Promise.withResolvers<void>()
  #text = ''

  push(piece: Buffer): void {
    if (this.#text.length > REPORT_BYTES) return
    this.#text += piece.toString('latin1')
    if (this.#text.startsWith('ready\n')) this.#said.resolve()
  }

  /** Also resolves when the process has ended, however: its result says more. */
  async within(ms: number, ended: Promise<unknown>, late: () => void): Promise<void> {
    const clock = setTimeout(late, ms)
    try {
      await Promise.race([this.#said.promise, ended])
    } finally {
      clearTimeout(clock)
    }
  }
}
