import type { Pass } from '../../../protocol/index.ts'
import { measuredIn, notRun, runOutcome } from '../../executor/outcome.ts'
import type { TestOrder, TestRunner } from '../../executor/runner.ts'
import { readReport } from '../../isolated/frame.ts'
import { REPORT_RESERVE_BYTES } from '../../isolated/runner.ts'
import type { JailResult } from '../../jail/jail.ts'
import type { TestRun } from '../../types.ts'
import type { GpuDevice } from '../device.ts'
import { MODE, ordersText } from '../orders.ts'
import { gpuRunLimits, harmed, newNonce } from '../runner.ts'
import type { Checker } from './find.ts'
import { type CheckerFinding, parseChecker } from './report.ts'

/** Its code where it found something; the program's own code otherwise. */
export const FOUND_EXIT = 86
/** Checked kernels take tens of times as long. */
const WALL_FACTOR = 10
/** The checker's own process, and what it knows of device memory. */
const MEMORY_MORE_BYTES = 2 * 1024 ** 3
/** What is printed of findings: the first is read. */
const MOST_PRINTED = 8

const TOOLS = {
  memcheck: ['--tool', 'memcheck', '--report-api-errors', 'no'],
  initcheck: ['--tool', 'initcheck', '--report-api-errors', 'no'],
  racecheck: ['--tool', 'racecheck', '--racecheck-report', 'analysis', '--report-api-errors', 'no'],
} as const
export type Tool = keyof typeof TOOLS

/** Which tools a pass takes, one after the other; the first that finds something ends it. */
export const TOOLS_OF: Readonly<Partial<Record<Pass, readonly Tool[]>>> = {
  sanitized: ['memcheck', 'initcheck'],
  races: ['racecheck'],
}

export function checkerArguments({ path }: Checker, tool: Tool): [string, ...string[]] {
  return [
    path,
    ...TOOLS[tool],
    '--error-exitcode',
    String(FOUND_EXIT),
    '--print-limit',
    String(MOST_PRINTED),
    '--target-processes',
    'application-only',
  ]
}

/**
 * Runs one test under compute-sanitizer. The loader neither fills nor follows anything then: what the checker sees are the
 * program's own calls. What the program prints goes nowhere, so that what comes out is the checker's.
 *
 * 1. A finding ends the pass with it.
 * 2. Another end is told as it is, for nothing is known then: `runtime_error` where the checker itself did not come to its end.
 */
export class CheckedRunner implements TestRunner {
  readonly #parts: { device: GpuDevice; checker: Checker; tools: readonly Tool[] }
  constructor(parts: { device: GpuDevice; checker: Checker; tools: readonly Tool[] }) {
    this.#parts = parts
  }

  async run(order: TestOrder, options: { signal: AbortSignal }): Promise<TestRun> {
    let run: TestRun | null = null
    for (const tool of this.#parts.tools) {
      const next = await this.#once(order, tool, options)
      run = run === null ? next : { ...next, wallMs: run.wallMs + next.wallMs }
      if (run.findings.length > 0 || run.status !== 'success') break
    }
    return run ?? notRun('unsupported', 'no tool for this pass')
  }

  async #once({ product, index, limits }: TestOrder, tool: Tool, { signal }: { signal: AbortSignal }): Promise<TestRun> {
    const { device, checker } = this.#parts
    const nonce = newNonce()
    const longer = { ...limits, wallMs: limits.wallMs * WALL_FACTOR, memoryBytes: limits.memoryBytes + MEMORY_MORE_BYTES }
    const result = await device.run(
      {
        product,
        orders: ordersText({ nonce, test: index, fill: 0, disturb: 0, mostValues: 0, mode: MODE.checked }),
        limits: gpuRunLimits(longer),
        reportBytes: REPORT_RESERVE_BYTES,
        around: { argv: checkerArguments(checker, tool), mounts: checker.mounts, filter: 'gpu-checked' },
      },
      // What it found it kept from harming the device; the device is looked at all the same.
      (end) => end.exitCode === FOUND_EXIT || harmed(end, nonce),
      { signal },
    )
    return checkedOutcome(result, nonce)
  }
}

/** Exit facts, the loader's report and the checker's words -> what the pass says. */
export function checkedOutcome(result: JailResult, nonce: string): TestRun {
  const output = new Uint8Array()
  const plain = { ...runOutcome({ ...result, report: Buffer.alloc(0) }), output, measured: measuredIn(result) }
  if (result.stop !== 'ended') return plain
  const said = readReport(result.report, nonce)
  if (said.kind === 'unlinked') return notRun('compile_error', said.reason)
  const found = parseChecker(Buffer.concat([result.stdout, Buffer.from('\n'), result.stderr]))
  if (found !== null) return { ...plain, status: 'success', findings: [findingOf(found)], detail: found.what }
  if (result.exitCode === FOUND_EXIT) {
    return { ...plain, status: 'runtime_error', detail: 'compute-sanitizer reports an error that is not read here' }
  }
  if (result.exitCode === 0 && said.kind !== 'frame')
    return { ...plain, status: 'runtime_error', detail: 'the program ended before its test did' }
  return plain
}

function findingOf({ flag, place, what }: CheckerFinding): TestRun['findings'][number] {
  return { flag, file: place?.file ?? '', line: place?.line ?? 0, what }
}
