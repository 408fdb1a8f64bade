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

/** Where a verdict was made. Votes are pooled only inside one class, which `classOf` reads from here. */
export const Environment = z.strictObject({
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
})
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

/** What a node says about one assignment, before it is signed. */
export const UnsignedVerdict = z.strictObject({
  v: z.literal(1),
  task: z.string().max(128),
  nonce: z.string().max(64),
  environment: Environment,
  tests: z.array(TestOutcome).max(MAX_TESTS_PER_CASE),
  /** As the node reports it; a median over nodes is shown, no decision uses it. */
  resources: z.strictObject({ compileMs: z.int().nonnegative(), runMs: z.int().nonnegative() }),
})
export type UnsignedVerdict = z.infer<typeof UnsignedVerdict>

/** The class inside which votes may agree: executor, sandbox version, compiler major, nvcc major.minor, processor family. */
export function classOf(environment: Environment): string {
  const compiler = environment.compiler.replace(/(\d+)(\.\d+)*$/, '$1')
  const nvcc = environment.nvcc === null ? [] : [`nvcc ${environment.nvcc.split('.').slice(0, 2).join('.')}`]
  return [environment.executor, environment.sandbox, compiler, ...nvcc, environment.cpu].join(' / ')
}
