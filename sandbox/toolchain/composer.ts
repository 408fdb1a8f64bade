import type { Pass, Program } from '../../protocol/index.ts'
import type { BuildSettings, Composition, CpuExecutor } from '../source/compose.ts'
import type { Decider } from '../source/decider.ts'
import type { HeavyNames } from '../source/lean.ts'
import type { NvccUnit } from '../source/nvcc-unit.ts'

export type { BuildSettings, Composition, CpuExecutor, Decider }

/** The executors of this machine's processor; the one for GPUs will stand beside them. */
export const CPU_EXECUTORS: readonly CpuExecutor[] = ['host', 'emulated']

/**
 * Turns a program into C++: the harness, the program's code, its tests. What comes out is compiled to an executable
 * that takes the test's number as its argument, prints to standard output and may write one line
 * `unsupported REASON` to descriptor 3.
 */
export interface SourceComposer {
  /** Whether its tests can stand in one unit. */
  sharesFile(program: Program): boolean
  /** All tests in one unit. */
  compose(program: Program, executor: CpuExecutor, pass: Pass, decider: Decider): Composition
  /** One test alone, under its own number: what is wrong with the others does not matter. */
  composeSingle(program: Program, executor: CpuExecutor, pass: Pass, testIndex: number, decider: Decider): Composition
  /** The text that nvcc is asked about, with our headers at a place; see `NvccOracle`. Null where it is not to be asked. */
  nvccUnit: ((program: Program, testIndices: readonly number[], includeAt: string, heavy: HeavyNames | null) => NvccUnit) | null
  /** What it means that a unit did not compile. */
  explainFailure(
    program: Program,
    executor: CpuExecutor,
    compilerOutput: string,
  ): { status: 'compile_error' | 'unsupported'; detail: string }
  /** Folder with the headers units include; inside the jail it is `INCLUDE_AT`. */
  includeDir: string
  /** How units are built, by executor and pass; a pass that does not stand there is not offered. */
  builds: Readonly<Record<CpuExecutor, Readonly<Partial<Record<Pass, BuildSettings>>>>>
}
