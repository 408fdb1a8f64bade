import type { Pass, Program, RunLimits } from '../../protocol/index.ts'
import type { Composition, CpuExecutor, Decider, SourceComposer } from '../toolchain/composer.ts'
import type { TestRun } from '../types.ts'
import { type Build, CompileBudget, type Compiler } from './compiler.ts'
import { complaints, type Decision, type NvccOracle } from './nvcc-oracle.ts'
import { notRun } from './outcome.ts'
import type { TestRunner } from './runner.ts'

export interface ExecutorComponents {
  composer: SourceComposer
  compiler: Compiler
  /** By pass; those that stand nowhere here run as the plain one. */
  runners: { plain: TestRunner } & Readonly<Partial<Record<Pass, TestRunner>>>
  /** Decides the compile status of programs of the CUDA side; null where g++ does. */
  oracle: NvccOracle | null
}

/** A unit after the compilers: a program to run, or the outcome of every test that was in it. */
type Built = { kind: 'product'; bytes: Uint8Array } | { kind: 'none'; run: TestRun; alone: boolean }

/**
 * Takes one program through composing, compiling and running.
 *
 * 1. All tests in one unit, compiled once. It compiled: run each test.
 * 2. It did not, or cannot be composed: is it the program, or one of the tests? The unit without tests tells.
 * 3. The program: every test has that outcome. Else each test is compiled alone and gets what it would have had alone.
 *
 * A limit reached in 1 ends there: what one unit could not, sixty-four will not.
 *
 * Compiling a unit of the CUDA side, where nvcc decides:
 *
 * 1. nvcc refuses it: `compile_error`, and nothing else is asked.
 * 2. It has no composition for the emulator: `unsupported`.
 * 3. g++ makes a program of it, to run. It does not: a whole compile by nvcc says whether the unit is at fault
 *    (`compile_error`) or the emulator (`unsupported`).
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
  readonly #oracle: NvccOracle | null

  constructor(parts: ExecutorComponents, program: Program, build: Build, limits: RunLimits, signal: AbortSignal) {
    this.#parts = parts
    this.#program = program
    this.#executor = build.executor
    this.#pass = build.pass
    this.#limits = limits
    this.#signal = signal
    this.#oracle = build.executor === 'emulated' && program.side === 'cuda' ? parts.oracle : null
  }

  async all(): Promise<TestRun[]> {
    const { composer } = this.#parts
    const { tests } = this.#program
    if (tests.length === 0) return []
    const all = [...tests.keys()]
    const together = tests.length === 1 || composer.sharesFile(this.#program)
    const joint = together ? await this.#build(all, this.#compose(this.#program)) : null
    if (joint?.kind === 'product') return await this.#each((index) => this.#run(joint.bytes, index))
    if (joint?.alone === false || (joint !== null && tests.length === 1)) return this.#same(joint.run)
    const bare = await this.#build([], this.#compose({ ...this.#program, tests: [] }))
    if (bare.kind === 'none') return this.#same(bare.run)
    return await this.#each((index) => this.#alone(index))
  }

  get #decider(): Decider {
    return this.#oracle === null ? 'g++' : 'nvcc'
  }

  async #alone(index: number): Promise<TestRun> {
    const composition = this.#parts.composer.composeSingle(this.#program, this.#executor, this.#pass, index, this.#decider)
    const built = await this.#build([index], composition)
    return built.kind === 'product' ? await this.#run(built.bytes, index) : built.run
  }

  #compose(program: Program): Composition {
    return this.#parts.composer.compose(program, this.#executor, this.#pass, this.#decider)
  }

  async #build(indices: readonly number[], composition: Composition): Promise<Built> {
    // Strict passes are made of programs whose plain run has shown that they compile.
    const asked = this.#pass === 'plain' ? this.#oracle : null
    const decision = (await asked?.decide(this.#program, indices, this.budget, this.#signal)) ?? null
    if (decision !== null && decision.kind !== 'accepted') return this.#declined(decision)
    if (composition.kind === 'unsupported') return none(notRun('unsupported', composition.reason))
    const build = { executor: this.#executor, pass: this.#pass }
    const outcome = await this.#parts.compiler.compile(composition.text, build, this.budget, { signal: this.#signal })
    switch (outcome.kind) {
      case 'product':
        return outcome
      case 'limit':
        return { kind: 'none', run: notRun(outcome.status, outcome.detail), alone: false }
      case 'rejected':
        return await this.#rejected(indices, outcome.diagnostics)
      default:
        return outcome satisfies never
    }
  }

  /** g++ made no program of a unit. Where nvcc decides, it has accepted the unit so far. */
  async #rejected(indices: readonly number[], diagnostics: string): Promise<Built> {
    const { status, detail } = this.#parts.composer.explainFailure(this.#program, this.#executor, diagnostics)
    if (this.#oracle === null) return none(notRun(status, detail))
    const decision = await this.#oracle.settle(this.#program, indices, this.budget, this.#signal)
    if (decision.kind !== 'accepted') return this.#declined(decision)
    return none(notRun('unsupported', `nvcc accepts it and the emulator does not: ${detail}`))
  }

  #declined(decision: Exclude<Decision, { kind: 'accepted' }>): Built {
    if (decision.kind === 'refused') return none(notRun('compile_error', complaints(decision.diagnostics)))
    return { kind: 'none', run: notRun(decision.status, decision.detail), alone: false }
  }

  async #run(product: Uint8Array, index: number): Promise<TestRun> {
    const { runners } = this.#parts
    const runner = runners[this.#pass] ?? runners.plain
    const order = { program: this.#program, product, index, executor: this.#executor, limits: this.#limits }
    return await runner.run(order, { signal: this.#signal })
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

function none(run: TestRun): Built {
  return { kind: 'none', run, alone: true }
}
