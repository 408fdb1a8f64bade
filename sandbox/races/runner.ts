import { runOutcome } from '../executor/outcome.ts'
import { type TestOrder, type TestRunner, testStep } from '../executor/runner.ts'
import type { Jail } from '../jail/jail.ts'
import type { Mount } from '../jail/policy.ts'
import type { Places } from '../sanitized/places.ts'
import type { TestRun } from '../types.ts'
import { sighted, sightingIn, unsighted } from './outcome.ts'

/** Watched kernels take several times the time of others; a launch of few threads and much arithmetic twice. */
const WALL_FACTOR = 3
/** Sixteen bytes are kept for each of 4 MiB that are watched. */
const MEMORY_MORE_BYTES = 96 * 1024 ** 2

/** Runs one test of a program whose kernels' accesses are watched; the first race ends it. */
export class RacesRunner implements TestRunner {
  readonly #jail: Jail
  readonly #libraries: readonly Mount[]
  readonly #places: Places
  constructor(components: { jail: Jail; libraries: readonly Mount[]; places: Places }) {
    this.#jail = components.jail
    this.#libraries = components.libraries
    this.#places = components.places
  }

  async run(order: TestOrder, { signal }: { signal: AbortSignal }): Promise<TestRun> {
    const { wallMs, memoryBytes, outputBytes } = order.limits
    const limits = { wallMs: wallMs * WALL_FACTOR, memoryBytes: memoryBytes + MEMORY_MORE_BYTES, outputBytes }
    const step = testStep({ ...order, limits }, this.#libraries)
    const result = await this.#jail.run({ ...step, argv: [...step.argv, 'forward', 'halt'] }, { signal })
    const run = runOutcome(result)
    const sighting = run.status === 'unsupported' ? null : sightingIn(result.report, result.exitCode)
    if (sighting === null) return unsighted(run)
    // The access is before the place it returns to.
    const place = sighting.at === null ? null : await this.#places.first(order.product, [sighting.at - 1n], { signal })
    return sighted(run, sighting, place)
  }
}
