import type { Environment, ExecutorName, Finding, Pass, Program, RunLimits, TestStatus } from '../protocol/index.ts'
import { KernelswarmError } from '../protocol/index.ts'

/** What one test of a program did. */
export interface TestRun {
  status: TestStatus
  /**
   * In the plain pass what the program wrote to standard output, in the isolated one an `IsolatedReport`, in others nothing;
   * at most `outputBytes`. Empty where it never started, and where it was stopped by clock or memory: how far it came until
   * then is another matter every time, and nothing to vote on.
   */
  output: Uint8Array
  /** What a strict pass found; each flag once. */
  findings: Finding[]
  /** For people, never voted on: a signal's name, the first lines of the compiler's complaint, why it is unsupported. */
  detail: string
  wallMs: number
  measured: Measured
}

/** What a test took beside time; null where nothing measured it. */
export interface Measured {
  /** Of all its kernels, by the GPU's own clock. */
  kernelMs: number | null
  /** The most that it held, all its processes. */
  peakMemoryBytes: number | null
  /** The most device memory that it had allocated. */
  peakGpuMemoryBytes: number | null
}

export const UNMEASURED: Measured = { kernelMs: null, peakMemoryBytes: null, peakGpuMemoryBytes: null }

/** What `execute` promises: as many test runs as the program has tests, in their order. */
export interface Execution {
  environment: Environment
  tests: TestRun[]
  compileMs: number
}

/** What this machine can run. */
export interface Sandbox {
  /** Those of now: a GPU that is out of service is none of them. */
  readonly executors: readonly ExecutorName[]
  /** The GPU that programs run on, where there is one and its driver names it. */
  readonly gpuUuid?: string | null
  /** For what share of the time programs run, from now on; 1 is always. One that cannot hold them back has none. */
  hold?(shares: { cpu: number; gpu: number }): void
  /** Calls when what it can run has changed; one that never changes has none. */
  onChange?(listener: () => void): void
  /** The environment verdicts of that executor will carry. */
  environment(executor: ExecutorName): Environment
  /**
   * Compiles the program once for a pass and runs each test in a jail of its own.
   * @throws SandboxFault when this machine failed (never for anything the program did);
   * @throws the signal's reason when aborted, after every process is gone.
   */
  execute(program: Program, executor: ExecutorName, limits: RunLimits, options: ExecuteOptions): Promise<Execution>
}

export interface ExecuteOptions {
  signal: AbortSignal
  /** @default 'plain' */
  pass?: Pass
  /** Calls once the program is built where what follows waits for a GPU and runs on it; never where it runs on the processor. */
  onBuilt?: () => void
}

/** The machine's fault, not the program's: no verdict is made, the assignment is declined with this reason. */
export type SandboxFaultCode =
  /** A program the sandbox needs is missing or broken. */
  | 'toolchain'
  /** No jail could be made. */
  | 'jail'
  /** The disk is full or a folder cannot be written. */
  | 'disk'
  /** The GPU does not answer as it must. */
  | 'gpu'

export class SandboxFault extends KernelswarmError<SandboxFaultCode> {}
