import { runOutcome } from '../executor/outcome.ts'
import { type TestOrder, type TestRunner, testStep } from '../executor/runner.ts'
import type { Jail } from '../jail/jail.ts'
import type { Mount } from '../jail/policy.ts'
import type { TestRun } from '../types.ts'
import { splitNotes } from './notes.ts'
import type { CoverageReader } from './reader.ts'

/** Eight bytes a counter: a hundred thousand of them. The harness hands out no more (harness/coverage/counters.h). */
const COUNTERS_BYTES = 1024 * 1024
/** Counting takes a fraction more; this is for the writing at the end. */
const WALL_FACTOR = 2
const EMPTY = new Uint8Array()

/**
 * Runs one test of a counting program and says which lines of the original it reached.
 *
 * 1. It ended well, and the harness has handed its counters out: gcov reads them, in another jail.
 * 2. It ended well without (by `_exit`, or with the descriptor closed), or with counters that are none: not measured, which is `success`
 *    without an output. Never nothing reached.
 * 3. It ended otherwise: as it ended, and not measured.
 */
export class CoverageRunner implements TestRunner {
  readonly #jail: Jail
  readonly #libraries: readonly Mount[]
  readonly #reader: CoverageReader
  constructor(components: { jail: Jail; libraries: readonly Mount[]; reader: CoverageReader }) {
    this.#jail = components.jail
    this.#libraries = components.libraries
    this.#reader = components.reader
  }

  async run(order: TestOrder, { signal }: { signal: AbortSignal }): Promise<TestRun> {
    const noted = splitNotes(order.product)
    const limits = { ...order.limits, wallMs: order.limits.wallMs * WALL_FACTOR }
    const step = testStep({ ...order, product: noted?.program ?? order.product, limits }, this.#libraries)
    const result = await this.#jail.run({ ...step, reportBytes: COUNTERS_BYTES }, { signal })
    const run = { ...runOutcome(result), output: EMPTY }
    if (run.status !== 'success') return run
    if (noted === null) return { ...run, detail: 'not measured: nothing of the code can be counted' }
    if (result.report.length === 0) return { ...run, detail: 'not measured: it ended without leaving its counters' }
    const read = await this.#reader.read({ notes: noted.notes, counters: result.report }, { signal })
    if ('wrong' in read) return { ...run, detail: `not measured: ${read.wrong}` }
    // What a round allows as an output holds for this one, too.
    if (read.text.byteLength > order.limits.outputBytes)
      return { ...run, detail: 'not measured: it is more than an output may be' }
    return { ...run, output: read.text }
  }
}
