import { randomBytes } from 'node:crypto'
import { encodeReport, type Finding } from '../../protocol/index.ts'
import { notRun, runOutcome } from '../executor/outcome.ts'
import { type TestOrder, type TestRunner, testLimits } from '../executor/runner.ts'
import type { Jail, JailResult } from '../jail/jail.ts'
import { type Mount, RUN_ENVIRONMENT } from '../jail/policy.ts'
import type { SourceComposer } from '../toolchain/composer.ts'
import type { Equipment } from '../toolchain/equipment.ts'
import type { TestRun } from '../types.ts'
import {
  dependsOnUnwritten,
  differenceOf,
  type Ended,
  endsBeforeWork,
  endsDependOnUnwritten,
  hostMade,
  kernelWork,
  noKernelWork,
  nondeterministic,
  notWaitedFor,
  pendingError,
  vacuous,
} from './findings.ts'
import { readReport } from './frame.ts'

const LOADER_AT = '/loader'
const UNIT_AT = '/program'

/** Bytes of memory that nobody has written: as any type of number they are large, and another one each. */
const FILLS = { first: 0x7b, other: 0xcd, none: 0 } as const
/** When the device does what the host does not wait for. */
const WORK = { atOnce: 0, late: 1 } as const
/** What is done to bytes on their way from a kernel's memory to the host: see the loader's options. */
const DISTURB = { not: 0, zeros: 1, otherBits: 2 } as const

const NONCE_BYTES = 32
/** Beside the values a report has lines on calls and on what changed. */
const REPORT_RESERVE_BYTES = 512 * 1024
/** A run that is disturbed, or late, may wait for ever for what never comes. */
const SHORT_FACTOR = 3
const SHORT_LEAST_MS = 1_000

/** What the loader is asked for in one run. */
interface How {
  fill: number
  /** @default DISTURB.not */
  disturb?: number
  /** @default WORK.atOnce */
  work?: number
}

/** One run in its jail: it came to its end, or how else it ended. */
type EndedRun = { ended: Ended; wallMs: number }
type Run = ({ kind: 'ended' } & EndedRun) | { kind: 'other'; run: TestRun }

/**
 * Runs one test of a unit of the isolated pass as often as it takes to say what the pass says.
 *
 * 1. With the first fill. It fails: once more with zeros; if that does not fail, it was memory nobody wrote.
 * 2. With another fill. The reports differ: with the first once more, which tells undefined from random.
 * 3. Emulated, where it has streams or memory that host and device share, and 2 found nothing: with the device's work done as
 *    late as the host lets it. The reports differ: nobody waited for it.
 * 4. Emulated, where no copy explains what changed: with what kernels wrote disturbed on its way. What stays, no kernel made.
 */
export class IsolatedRunner implements TestRunner {
  readonly #parts: { jail: Jail; libraries: readonly Mount[]; equipment: Equipment; composer: SourceComposer }
  constructor(parts: { jail: Jail; libraries: readonly Mount[]; equipment: Equipment; composer: SourceComposer }) {
    this.#parts = parts
  }

  async run(order: TestOrder, options: { signal: AbortSignal }): Promise<TestRun> {
    const first = await this.#once(order, { fill: FILLS.first }, options)
    if (first.kind === 'other') return await this.#failed(order, first.run, options)
    const ofFill = await this.#fillFindings(order, first.ended, options)
    const findings = [
      ...vacuous(order, first.ended),
      ...pendingError(order, first.ended),
      ...ofFill,
      ...(ofFill.length === 0 && first.ended.frame.waits ? await this.#lateFindings(order, first, options) : []),
      ...(order.executor === 'emulated' ? await this.#workFindings(order, first, options) : []),
    ]
    return report(order, first.ended, findings, first.wallMs)
  }

  /** A test that fails only because of what lies in memory has done something undefined; else the failure stands. */
  async #failed(order: TestOrder, run: TestRun, options: { signal: AbortSignal }): Promise<TestRun> {
    if (run.status !== 'runtime_error') return run
    const zeros = await this.#once(order, { fill: FILLS.none }, options)
    return zeros.kind === 'other' ? run : { ...run, findings: [endsDependOnUnwritten(order, run.detail)] }
  }

  async #fillFindings(order: TestOrder, first: Ended, options: { signal: AbortSignal }): Promise<Finding[]> {
    const other = await this.#once(order, { fill: FILLS.other }, options)
    if (other.kind === 'other') return [endsDependOnUnwritten(order, other.run.detail)]
    const difference = differenceOf(order, first, other.ended)
    if (difference === null) return []
    const again = await this.#once(order, { fill: FILLS.first }, options)
    const random = again.kind === 'other' ? difference : differenceOf(order, first, again.ended)
    return [random === null ? dependsOnUnwritten(difference) : nondeterministic(random)]
  }

  async #lateFindings(order: TestOrder, first: EndedRun, options: { signal: AbortSignal }): Promise<Finding[]> {
    const late = await this.#once(shortly(order, first.wallMs), { fill: FILLS.first, work: WORK.late }, options)
    // A host that looks at shared memory until a kernel has changed it waits too, in its own way.
    if (late.kind === 'other') return late.run.status === 'timeout' ? [] : [endsBeforeWork(order, late.run.detail)]
    const difference = differenceOf(order, first.ended, late.ended)
    return difference === null ? [] : [notWaitedFor(difference)]
  }

  async #workFindings(order: TestOrder, first: EndedRun, options: { signal: AbortSignal }) {
    const work = kernelWork(first.ended)
    if (work.kind === 'none') return [noKernelWork(order, work.what)]
    if (work.kind === 'done') return []
    const short = shortly(order, first.wallMs)
    const disturbed: (Ended | null)[] = []
    for (const how of [DISTURB.zeros, DISTURB.otherBits]) {
      const run = await this.#once(short, { fill: FILLS.first, disturb: how }, options)
      disturbed.push(run.kind === 'ended' ? run.ended : null)
      if (hostMade(order, first.ended, disturbed) === null) return []
    }
    return [noKernelWork(order, hostMade(order, first.ended, disturbed) ?? '')]
  }

  async #once(order: TestOrder, how: How, { signal }: { signal: AbortSignal }): Promise<Run> {
    const nonce = randomBytes(NONCE_BYTES).toString('hex')
    const result = await this.#parts.jail.run(this.#step(order, how, nonce), { signal })
    return readRun(order, result, nonce)
  }

  #step({ product, executor, limits, index }: TestOrder, how: How, nonce: string) {
    const { libraries, equipment, composer } = this.#parts
    const { fill, disturb = DISTURB.not, work = WORK.atOnce } = how
    const file = composer.builds[executor].isolated?.loader?.file ?? ''
    return {
      argv: [LOADER_AT, ...[index, fill, disturb, work, limits.outputBytes].map(String)] as [string, ...string[]],
      environment: RUN_ENVIRONMENT,
      mounts: [...libraries, { kind: 'own-file' as const, folder: equipment.folder, file, at: LOADER_AT }],
      data: { at: UNIT_AT, bytes: product },
      stdin: Buffer.from(nonce),
      filter: 'run' as const,
      reportBytes: limits.outputBytes + REPORT_RESERVE_BYTES,
      limits: testLimits(executor, limits),
    }
  }
}

/** The same test with the time that it takes, and some more. */
function shortly(order: TestOrder, tookMs: number): TestOrder {
  const wallMs = Math.min(order.limits.wallMs, SHORT_LEAST_MS + Math.ceil(SHORT_FACTOR * tookMs))
  return { ...order, limits: { ...order.limits, wallMs } }
}

/** Exit facts and report -> what the run came to. */
function readRun({ limits }: TestOrder, result: JailResult, nonce: string): Run {
  const { wallMs } = result
  const other = (run: TestRun): Run => ({ kind: 'other', run: { ...run, output: new Uint8Array(), wallMs } })
  if (result.stop !== 'ended') return other(runOutcome(result))
  const said = readReport(result.report, nonce)
  switch (said.kind) {
    case 'unlinked':
      return other(notRun('compile_error', said.reason))
    case 'unsupported':
      return other(notRun('unsupported', said.reason))
    case 'nothing':
      return other(noReport(result))
    case 'frame':
      if (result.exitCode !== 0) return other(runOutcome(result))
      if (said.frame.values.length > limits.outputBytes) return other(tooLarge())
      return { kind: 'ended', ended: { frame: said.frame, printed: result.stdout }, wallMs }
    default:
      return said satisfies never
  }
}

function noReport(result: JailResult): TestRun {
  const detail =
    result.exitCode === 0 ? 'the program ended before its test did' : runOutcome({ ...result, report: Buffer.alloc(0) }).detail
  return notRun('runtime_error', detail)
}

function tooLarge(): TestRun {
  return notRun('output_limit', 'its report is larger than its output limit')
}

function report({ limits }: TestOrder, { frame, printed }: Ended, findings: Finding[], wallMs: number): TestRun {
  const { values, launches, error } = frame
  const output = encodeReport({ v: 1, printed: new Uint8Array(printed), values: new Uint8Array(values), launches, error })
  if (output.length > limits.outputBytes) return { ...tooLarge(), findings, wallMs }
  return { status: 'success', output, findings, detail: '', wallMs }
}
