import type { Pass, Program, RunLimits } from '../../protocol/index.ts'
import { CompileBudget } from '../executor/compiler.ts'
import { notRun } from '../executor/outcome.ts'
import type { TestRunner } from '../executor/runner.ts'
import type { ExecuteOptions, TestRun } from '../types.ts'
import type { GpuBuilder, GpuProduct } from './build/index.ts'

export interface GpuExecutorParts {
  builder: Pick<GpuBuilder, 'build'>
  /** For example `sm_90`. */
  arch: string
  runners: { plain: TestRunner } & Readonly<Partial<Record<Pass, TestRunner>>>
  /** Whether its tests can stand in one unit. */
  sharesFile(program: Program): boolean
}

/** Tests of one program under way at a time: while one has the GPU, the next makes its context. */
const TESTS_AHEAD = 2

/**
 * Takes one program of the CUDA side through nvcc and the GPU. It is built once, for all passes:
 *
 * 1. All tests in one unit. It compiled: run each test.
 * 2. It did not, or may not stand in one: the unit without tests tells whether it is the program, or one of the tests.
 * 3. The program: every test has that outcome. Else each test is built alone.
 */
export class GpuExecutor {
  readonly #parts: GpuExecutorParts
  constructor(parts: GpuExecutorParts) {
    this.#parts = parts
  }

  /** The passes it can do. */
  get passes(): Pass[] {
    return Object.keys(this.#parts.runners) as Pass[]
  }

  /** @throws SandboxFault; the signal's reason when aborted, after every process is gone */
  async execute(
    program: Program,
    pass: Pass,
    limits: RunLimits,
    { signal, onBuilt }: Pick<ExecuteOptions, 'signal' | 'onBuilt'>,
  ): Promise<{ tests: TestRun[]; compileMs: number }> {
    const job = new Job(this.#parts, program, pass, limits, { signal, ...(onBuilt && { onBuilt }) })
    const tests = await job.all()
    return { tests, compileMs: Math.round(job.budget.usedMs) }
  }
}

class Job {
  readonly budget = new CompileBudget()
  readonly #parts: GpuExecutorParts
  readonly #program: Program
  readonly #pass: Pass
  readonly #limits: RunLimits
  readonly #signal: AbortSignal
  readonly #onBuilt: () => void
  constructor(
    parts: GpuExecutorParts,
    program: Program,
    pass: Pass,
    limits: RunLimits,
    { signal, onBuilt = () => {} }: Pick<ExecuteOptions, 'signal' | 'onBuilt'>,
  ) {
    this.#parts = parts
    this.#program = program
    this.#pass = pass
    this.#limits = limits
    this.#signal = signal
    this.#onBuilt = onBuilt
  }

  async all(): Promise<TestRun[]> {
    const { tests } = this.#program
    if (tests.length === 0) return []
    const together = tests.length === 1 || this.#parts.sharesFile(this.#program)
    const joint = together ? await this.#build([...tests.keys()]) : null
    if (joint?.kind === 'product') {
      this.#onBuilt()
      return await this.#each((index) => this.#run(joint, index))
    }
    if (joint?.alone === false || (joint !== null && tests.length === 1)) return this.#same(joint)
    const bare = await this.#build([])
    if (bare.kind === 'none') return this.#same(bare)
    return await this.#each(async (index) => {
      const alone = await this.#build([index])
      return alone.kind === 'product' ? await this.#run(alone, index) : notRun(alone.status, alone.detail)
    })
  }

  async #build(indices: readonly number[]): Promise<GpuProduct> {
    const { builder, arch } = this.#parts
    return await builder.build(
      this.#program,
      indices,
      { arch, ways: ['fast', 'own'], unit: 'isolated' },
      this.budget,
      this.#signal,
    )
  }

  async #run(product: Extract<GpuProduct, { kind: 'product' }>, index: number): Promise<TestRun> {
    if (this.#pass === 'isolated' && product.unit === 'plain') {
      return notRun('unsupported', 'a program that would change what surrounds it, which the isolated pass cannot take apart')
    }
    const runner = this.#parts.runners[this.#pass] ?? this.#parts.runners.plain
    const order = { program: this.#program, product: product.bytes, index, executor: 'gpu' as const, limits: this.#limits }
    return await runner.run(order, { signal: this.#signal })
  }

  /** In the order of the tests, a few at a time; the first that throws ends the others. */
  async #each(one: (index: number) => Promise<TestRun>): Promise<TestRun[]> {
    const runs: TestRun[] = []
    const indices = this.#program.tests.keys()
    let failed = false
    const worker = async () => {
      for (const index of indices) {
        if (failed) return
        runs[index] = await one(index).catch((error: unknown) => {
          failed = true
          throw error
        })
      }
    }
    const ended = await Promise.allSettled(Array.from({ length: TESTS_AHEAD }, worker))
    for (const end of ended) if (end.status === 'rejected') throw end.reason
    return runs
  }

  #same({ status, detail }: Extract<GpuProduct, { kind: 'none' }>): TestRun[] {
    return this.#program.tests.map(() => notRun(status, detail))
  }
}
