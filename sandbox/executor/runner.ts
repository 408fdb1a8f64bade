import type { ExecutorName, Program, RunLimits } from '../../protocol/index.ts'
import type { Jail, JailStep } from '../jail/jail.ts'
import { EMULATED_RESERVE_BYTES, HOST_RESERVE_BYTES, RUN_TASKS, RUN_TEMPORARY_BYTES, sharedBytesFor } from '../jail/limits.ts'
import { type Mount, RUN_ENVIRONMENT, type StepLimits } from '../jail/policy.ts'
import type { TestRun } from '../types.ts'
import { runOutcome } from './outcome.ts'

/** What differs between executors when a program runs. */
const RESERVE_BYTES: Readonly<Record<ExecutorName, number>> = {
  host: HOST_RESERVE_BYTES,
  emulated: EMULATED_RESERVE_BYTES,
  // Its address space is not held at all: CUDA reserves that of all memory there is.
  gpu: HOST_RESERVE_BYTES,
}

/** Every program has the same name: it is part of what lies on its stack. */
const PROGRAM_AT = '/program'

/** One test of a compiled program. */
export interface TestOrder {
  program: Program
  product: Uint8Array
  /** From 0. */
  index: number
  executor: ExecutorName
  limits: RunLimits
}

/** Runs tests as one pass does it. */
export interface TestRunner {
  run(order: TestOrder, options: { signal: AbortSignal }): Promise<TestRun>
}

/** A jail that holds the program, its shared libraries and nothing else. */
export function testStep({ product, index, executor, limits }: TestOrder, libraries: readonly Mount[]): JailStep {
  return {
    argv: [PROGRAM_AT, String(index)],
    environment: RUN_ENVIRONMENT,
    mounts: libraries,
    data: { at: PROGRAM_AT, bytes: product },
    stdin: null,
    filter: 'run',
    limits: testLimits(executor, limits),
  }
}

/** What a round allows a test, as the limits of a jail. */
export function testLimits(executor: ExecutorName, { wallMs, memoryBytes, outputBytes }: RunLimits): StepLimits {
  return {
    wallMs,
    memoryBytes,
    reserveBytes: RESERVE_BYTES[executor],
    tasks: RUN_TASKS,
    temporaryBytes: RUN_TEMPORARY_BYTES,
    sharedBytes: executor === 'emulated' ? sharedBytesFor(memoryBytes) : 0,
    stdoutBytes: outputBytes,
    // A flood of complaints costs its reader as much as one of output.
    stderr: { maxBytes: outputBytes, whenFull: 'stop' },
  }
}

/** The plain pass. */
export class Runner implements TestRunner {
  readonly #jail: Jail
  readonly #libraries: readonly Mount[]
  constructor(components: { jail: Jail; libraries: readonly Mount[] }) {
    this.#jail = components.jail
    this.#libraries = components.libraries
  }

  async run(order: TestOrder, { signal }: { signal: AbortSignal }): Promise<TestRun> {
    return runOutcome(await this.#jail.run(testStep(order, this.#libraries), { signal }))
  }
}
