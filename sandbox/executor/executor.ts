import type { Pass, Program, RunLimits } from '../../protocol/index.ts'
import type { IsolatedRunner } from '../isolated/runner.ts'
import type { Composition, CpuExecutor, SourceComposer } from '../toolchain/composer.ts'
import type { TestRun } from '../types.ts'
import { type Build, CompileBudget, type Compiler } from './compiler.ts'
import { notRun } from './outcome.ts'
import type { Runner } from './runner.ts'

export interface ExecutorComponents {
  composer: SourceComposer
  compiler: Compiler
  runner: Runner
  isolated: IsolatedRunner
}

/** A composition after the compiler: a program to run, or the outcome of every test that was in it. */
type Built = { kind: 'product'; bytes: Uint8Array } | { kind: 'none'; run: TestRun; alone: boolean }

/**
 * Takes one program through composing, compiling and running.
 *
 * 1. All tests in one unit, compiled once. It compiled: run each test.
 * 2. It did not, or cannot be composed: is it the program, or one of the tests? The unit without tests tells.
 * 3. The program: every test has that outcome. Else each test is compiled alone and gets what it would have had alone.
 *
 * A limit reached in 1 ends there: what one unit could not, sixty-four will not.
 */
export class ProgramExecutor {
  readonly #parts: ExecutorComponents
  constructor(components: ExecutorComponents) {
    this.#parts = components
  }

  async execute(
    program: Program,
    build: Build,
    limits: RunLimits,
    { signal }: { signal: AbortSignal },
  ): Promise<{ tests: TestRun[]; compileMs: number }> {
    const job = new Job(this.#parts, program, build, limits, signal)
    const tests = await job.all()
    return { tests, compileMs: Math.round(job.budget.usedMs) }
  }
}

class Job {
  readonly budget = new CompileBudget()
  readonly #parts: ExecutorComponents
  readonly #program: Program
  readonly #executor: CpuExecutor
  readonly #pass: Pass
  readonly #limits: RunLimits
  readonly #signal: AbortSignal

  constructor(parts: ExecutorComponents, program: Program, build: Build, limits: RunLimits, signal: AbortSignal) {
    this.#parts = parts
    this.#program = program
    this.#executor = build.executor
    this.#pass = build.pass
    this.#limits = limits
    this.#signal = signal
  }

  async all(): Promise<TestRun[]> {
    const { composer } = this.#parts
    if (this.#program.tests.length === 0) return []
    const joint = await this.#build(composer.compose(this.#program, this.#executor, this.#pass))
    if (joint.kind === 'product') return await this.#each((index) => this.#run(joint.bytes, index))
    if (!joint.alone || this.#program.tests.length === 1) return this.#same(joint.run)
    const bare = await this.#build(composer.compose({ ...this.#program, tests: [] }, this.#executor, this.#pass))
    if (bare.kind === 'none') return this.#same(bare.run)
    return await this.#each((index) => this.#alone(index))
  }

  async #alone(index: number): Promise<TestRun> {
    const built = await this.#build(this.#parts.composer.composeSingle(this.#program, this.#executor, this.#pass, index))
    return built.kind === 'product' ? await this.#run(built.bytes, index) : built.run
  }

  async #build(composition: Composition): Promise<Built> {
    if (composition.kind === 'unsupported') {
      return { kind: 'none', run: notRun('unsupported', composition.reason), alone: true }
    }
    const { compiler, composer } = this.#parts
    const outcome = await compiler.compile(composition.text, { executor: this.#executor, pass: this.#pass }, this.budget, {
      signal: this.#signal,
    })
    switch (outcome.kind) {
      case 'product':
        return outcome
      case 'limit':
        return { kind: 'none', run: notRun(outcome.status, outcome.detail), alone: false }
      case 'rejected': {
        const { status, detail } = composer.explainFailure(this.#program, this.#executor, outcome.diagnostics)
        return { kind: 'none', run: notRun(status, detail), alone: true }
      }
      default:
        return outcome satisfies never
    }
  }

  async #run(product: Uint8Array, index: number): Promise<TestRun> {
    if (this.#pass === 'isolated') {
      const order = { program: this.#program, product, index, executor: this.#executor, limits: this.#limits }
      return await this.#parts.isolated.run(order, { signal: this.#signal })
    }
    return await this.#parts.runner.run(product, index, this.#executor, this.#limits, { signal: this.#signal })
  }

  /** One after the other: how many programs run at once is the caller's to say. */
  async #each(one: (index: number) => Promise<TestRun>): Promise<TestRun[]> {
    const runs: TestRun[] = []
    for (const index of this.#program.tests.keys()) runs.push(await one(index))
    return runs
  }

  #same(run: TestRun): TestRun[] {
    return this.#program.tests.map(() => ({ ...run, findings: [...run.findings] }))
  }
}
