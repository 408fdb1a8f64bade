import { runOutcome } from '../executor/outcome.ts'
import { type TestOrder, type TestRunner, testStep } from '../executor/runner.ts'
import type { Jail } from '../jail/jail.ts'
import type { Mount } from '../jail/policy.ts'
import type { TestRun } from '../types.ts'
import { sanitizedLimits } from './limits.ts'
import { FOUND_EXIT, flagged, gaveUp, unflagged } from './outcome.ts'
import { ownPlace, type Places } from './places.ts'
import { parseReport } from './report.ts'

/**
 * Runs one test of a program built with sanitizers, in a jail as the plain pass makes it, but for address space, of which
 * sanitizers reserve terabytes and use little.
 *
 * 1. It ended by a finding: its report is read, and the first call that is the program's own is looked up, in another jail.
 * 2. It ended otherwise: as it ended.
 */
export class SanitizedRunner implements TestRunner {
  readonly #jail: Jail
  readonly #libraries: readonly Mount[]
  readonly #places: Places
  constructor(components: { jail: Jail; libraries: readonly Mount[]; places: Places }) {
    this.#jail = components.jail
    this.#libraries = components.libraries
    this.#places = components.places
  }

  async run(order: TestOrder, { signal }: { signal: AbortSignal }): Promise<TestRun> {
    const step = testStep({ ...order, limits: sanitizedLimits(order.limits) }, this.#libraries)
    const result = await this.#jail.run({ ...step, limits: { ...step.limits, addressSpace: 'unbounded' } }, { signal })
    const run = runOutcome(result)
    if (result.exitCode !== FOUND_EXIT) return unflagged(run)
    const report = parseReport(result.stderr)
    if (report?.limit) return gaveUp(run)
    const direct = report?.place ? ownPlace(report.place.file, report.place.line) : null
    const place = direct ?? (await this.#places.first(order.product, report?.calls ?? [], { signal }))
    return flagged(run, report, place)
  }
}
