import { randomBytes } from 'node:crypto'
import type { RunLimits } from '../../protocol/index.ts'
import { measuredIn, notRun, runOutcome } from '../executor/outcome.ts'
import type { TestOrder, TestRunner } from '../executor/runner.ts'
import { readReport } from '../isolated/frame.ts'
import { type Attempt, measuredBy, REPORT_RESERVE_BYTES } from '../isolated/runner.ts'
import type { JailResult } from '../jail/jail.ts'
import type { TestRun } from '../types.ts'
import { type GpuDevice, type GpuOrder, WITNESS_BYTES } from './device.ts'
import { MODE, ordersText } from './orders.ts'

const NONCE_BYTES = 32

export function newNonce(): string {
  return randomBytes(NONCE_BYTES).toString('hex')
}

/** A round's limits, as those of a process with a GPU. */
export function gpuRunLimits({ wallMs, memoryBytes, outputBytes }: RunLimits): GpuOrder['limits'] {
  return { wallMs, memoryBytes, stdoutBytes: outputBytes, stderr: { maxBytes: outputBytes, whenFull: 'stop' } }
}

/**
 * An end after which the GPU is looked at: by a limit, by a signal, or with its context lost. What a program chooses to exit with
 * is its own matter.
 */
export function harmed(result: JailResult, nonce: string): boolean {
  if (result.stop !== 'ended' || (result.exitCode ?? 0) > 128) return true
  const said = readReport(result.report, nonce)
  return said.kind === 'frame' && said.frame.gpu?.lost === true
}

/** The plain pass: the program prints as it likes, and is measured. */
export class GpuRunner implements TestRunner {
  readonly #device: GpuDevice
  constructor(components: { device: GpuDevice }) {
    this.#device = components.device
  }

  async run({ product, index, limits }: TestOrder, { signal }: { signal: AbortSignal }): Promise<TestRun> {
    const nonce = newNonce()
    const orders = ordersText({ nonce, test: index, fill: 0, disturb: 0, mostValues: 0, mode: MODE.plain })
    const order = { product, orders, limits: gpuRunLimits(limits), reportBytes: REPORT_RESERVE_BYTES }
    const result = await this.#device.run(order, (end) => harmed(end, nonce), { signal })
    return plainOutcome(result, nonce)
  }
}

/** What the loader says is believed only with the nonce: the rest is the program's. */
function plainOutcome(result: JailResult, nonce: string): TestRun {
  const said = readReport(result.report, nonce)
  if (result.stop === 'ended' && said.kind === 'unlinked') return notRun('compile_error', said.reason)
  const run = runOutcome({ ...result, report: Buffer.alloc(0) })
  return { ...run, measured: said.kind === 'frame' ? measuredBy(result, said.frame) : measuredIn(result) }
}

/** Runs units of the isolated pass on the GPU, for `IsolatedRunner`. */
export function gpuAttempts({ device }: { device: GpuDevice }): Attempt {
  return async ({ product, index, limits }, { fill, disturb, nonce }, { signal }) => {
    const { outputBytes } = limits
    const orders = ordersText({ nonce, test: index, fill, disturb, mostValues: outputBytes, mode: MODE.isolated })
    const own = gpuRunLimits({ ...limits, memoryBytes: limits.memoryBytes + WITNESS_BYTES })
    const order = { product, orders, limits: own, reportBytes: outputBytes + REPORT_RESERVE_BYTES }
    return await device.run(order, (end) => harmed(end, nonce), { signal })
  }
}
