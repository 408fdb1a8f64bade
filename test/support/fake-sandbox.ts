import { type Environment, type ExecutorName, Pass, type Program, type RunLimits } from '../../protocol/index.ts'
import { type ExecuteOptions, type Execution, type Sandbox, type TestRun, UNMEASURED } from '../../sandbox/index.ts'
import { ENVIRONMENT } from './environment.ts'

export type Behaviour = (
  program: Program,
  test: number,
  executor: ExecutorName,
  pass: Pass,
) => Partial<TestRun> | Promise<Partial<TestRun>>

/** What an honest fake prints: the test's own text, and whether the program's code says it is wrong. */
export const honest: Behaviour = (program, test) => {
  const input = (program.tests[test] ?? '').replace(/wrapper\(\w+/, 'wrapper(')
  return { output: Buffer.from(program.code.includes('WRONG') ? `wrong ${input}` : `right ${input}`) }
}

const FAKE_GPU = { model: 'NVIDIA H200', arch: 'sm_90', driver: '580.95.05', toolkit: '13.0', memoryMib: 143_771 }

/** A sandbox that answers at once as it is told to: for tests of the network and the rules, not of programs. */
export class FakeSandbox implements Sandbox {
  readonly executors: readonly ExecutorName[]
  executed = 0
  readonly #behave: Behaviour

  constructor(behave: Behaviour = honest, executors: readonly ExecutorName[] = ['host', 'emulated']) {
    this.#behave = behave
    this.executors = executors
  }

  environment(executor: ExecutorName): Environment {
    return {
      ...ENVIRONMENT,
      executor,
      passes: [...Pass.options],
      sandbox: 'fake-1',
      limits: ['memory:none'],
      gpu: executor === 'gpu' ? FAKE_GPU : null,
    }
  }

  async execute(
    program: Program,
    executor: ExecutorName,
    _limits: RunLimits,
    { signal, pass = 'plain' }: ExecuteOptions,
  ): Promise<Execution> {
    signal.throwIfAborted()
    this.executed++
    const tests: TestRun[] = []
    for (const test of program.tests.keys()) {
      const said = await Promise.race([this.#behave(program, test, executor, pass), aborted(signal)])
      tests.push({ ...quiet(), ...said })
    }
    return { environment: this.environment(executor), tests, compileMs: 1 }
  }
}

/** A test that went well and printed nothing. */
export function quiet(): TestRun {
  return { status: 'success', output: new Uint8Array(), findings: [], detail: '', wallMs: 1, measured: UNMEASURED }
}

/** Rejects when the signal aborts, as a sandbox must. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }))
}
