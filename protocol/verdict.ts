import { z } from 'zod'
import { CidText } from './content.ts'
import { MAX_TESTS_PER_CASE } from './limits.ts'
import { ExecutorName, Pass } from './task.ts'

/** How one test of one program ended. `unsupported`: the executor cannot run it, which says nothing about the program. */
export const TestStatus = z.enum([
  'success',
  'compile_error',
  'runtime_error',
  'timeout',
  'memory_limit',
  'output_limit',
  'unsupported',
])
export type TestStatus = z.infer<typeof TestStatus>

/** A word about a test that the strict rule knows. */
export const Flag = z.enum([
  'undefined-behaviour',
  'cuda-error',
  'no-kernel-work',
  'vacuous-test',
  'nondeterministic',
  'race',
  'numerically-unstable',
  'arch-dependent',
])
export type Flag = z.infer<typeof Flag>

/** What a strict pass found, and where. */
export const Finding = z.strictObject({
  flag: Flag,
  /** `code`, `wrapper` or `test N` (from 1) of the program; empty where no place can be named. */
  file: z.string().max(64),
  /** From 1, in that text; 0 where no line can be named. */
  line: z.int().nonnegative(),
  /** One sentence for people. Votes agree by flags alone: words differ between versions of a tool. */
  what: z.string().max(300),
})
export type Finding = z.infer<typeof Finding>

/** The GPU a verdict was made on. */
export const GpuEnvironment = z.strictObject({
  /** As its driver names it, for example `NVIDIA H200`; that of the whole card where it is a slice of one. */
  model: z.string().max(128),
  /** What nvcc compiles for it, for example `sm_90`. */
  arch: z.string().regex(/^sm_\d{2,3}$/),
  driver: z.string().max(64),
  /** The toolkit whose runtime is linked in, for example `13.0`. */
  toolkit: z.string().max(64),
  memoryMib: z.int().nonnegative(),
})
export type GpuEnvironment = z.infer<typeof GpuEnvironment>

/** Where a verdict was made. Votes are pooled only inside one class, which `classOf` reads from here. */
export const Environment = z
  .strictObject({
    executor: ExecutorName,
    /** The passes it can do on that executor. */
    passes: z.array(Pass).min(1).max(Pass.options.length),
    /** Version of what the sandbox prints and how: raised whenever the same program could give other bytes. */
    sandbox: z.string().max(64),
    /** Host compiler and its version, for example `g++ 12.2.0`. */
    compiler: z.string().max(64),
    /** nvcc's version where it decided what compiles, for example `13.0`; null where the host compiler did. */
    nvcc: z.string().max(64).nullable(),
    /** Processor family, for example `x86-64`. */
    cpu: z.string().max(64),
    /** Limits that were in force and by what, for example `memory:cgroup`, `processes:rlimit`. */
    limits: z.array(z.string().max(64)).max(16),
    /** Of the executor `gpu`, and of no other. */
    gpu: GpuEnvironment.nullable(),
  })
  .refine(({ executor, gpu }) => (executor === 'gpu') === (gpu !== null), 'a gpu belongs to the executor gpu, and to no other')
export type Environment = z.infer<typeof Environment>

/** One test's outcome as it is signed: the output by its digest. */
export const TestOutcome = z.strictObject({
  status: TestStatus,
  /** CID (raw) of the canonical output; of no bytes where the test printed nothing, and in passes that compare none. */
  output: CidText,
  outputBytes: z.int().nonnegative(),
  /** Each flag once. */
  findings: z.array(Finding).max(Flag.options.length),
})
export type TestOutcome = z.infer<typeof TestOutcome>

/** What a verdict cost, as the node reports it; medians over nodes are shown, no decision uses it. Null where nothing measured it. */
export const Resources = z.strictObject({
  compileMs: z.int().nonnegative(),
  runMs: z.int().nonnegative(),
  /** Of all kernels of all tests, by the GPU's own clock, to the microsecond. */
  kernelMs: z.number().nonnegative().nullable(),
  /** The most that one test held. */
  peakMemoryBytes: z.int().nonnegative().nullable(),
  /** The most device memory that one test had allocated. */
  peakGpuMemoryBytes: z.int().nonnegative().nullable(),
})
export type Resources = z.infer<typeof Resources>

/** What a node says about one assignment, before it is signed. */
export const UnsignedVerdict = z.strictObject({
  v: z.literal(1),
  task: z.string().max(128),
  nonce: z.string().max(64),
  environment: Environment,
  tests: z.array(TestOutcome).max(MAX_TESTS_PER_CASE),
  resources: Resources,
})
export type UnsignedVerdict = z.infer<typeof UnsignedVerdict>

/**
 * The class inside which votes may agree: executor, sandbox version, compiler major, nvcc major.minor, processor family, and
 * the architecture of a GPU, which decides what ptxas makes of a kernel. Neither model nor driver changes what a right program prints.
 * In the coverage pass the compiler's whole version: which lines there are, and which belong together, is its own affair, and no
 * promise holds it to that from one version to the next.
 */
export function classOf({ executor, sandbox, compiler, nvcc, cpu, gpu }: Environment, pass: Pass): string {
  const gcc = pass === 'coverage' ? compiler : compiler.replace(/(\d+)(\.\d+)*$/, '$1')
  const cuda = nvcc === null ? [] : [`nvcc ${nvcc.split('.').slice(0, 2).join('.')}`]
  return [executor, sandbox, gcc, ...cuda, cpu, ...(gpu === null ? [] : [gpu.arch])].join(' / ')
}
