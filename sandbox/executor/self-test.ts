import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import {
  decodeCoverage,
  type ExecutorName,
  type Pass,
  type Program,
  type RunLimits,
  type TestStatus,
} from '../../protocol/index.ts'
import { type Sandbox, SandboxFault, type TestRun } from '../types.ts'
import { CUDA_OVERRUN, CUDA_TWICE, HOSTILE, type HostileProgram } from './self-test-programs.ts'

/** One check of a self-test, as people read it. */
export interface SelfTestResult {
  name: string
  ok: boolean
  /** What was seen, where it is not what was expected. */
  detail: string
  ms: number
}

const LIMITS: RunLimits = { wallMs: 1000, memoryBytes: 128 * 1024 ** 2, outputBytes: 64 * 1024 }
/** The first jail of a machine that does much else at the time. */
const PATIENT: RunLimits = { ...LIMITS, wallMs: 20_000 }

/**
 * Checks the sandbox of this machine by what it is for: a right program gives its result on each executor, and programs
 * that reach for the network, for files, for all processes, all memory, all time or all room end as they must.
 * A node where one of these fails does not join.
 */
export async function selfTest(sandbox: Sandbox, { signal }: { signal?: AbortSignal } = {}): Promise<SelfTestResult[]> {
  const bench = new Bench(sandbox, signal ?? new AbortController().signal)
  const results: SelfTestResult[] = []
  for (const executor of sandbox.executors) {
    results.push(await bench.check(`a right program gives its result (${executor})`, () => bench.right(executor)))
  }
  for (const executor of sandbox.executors.filter((name) => sandbox.environment(name).passes.includes('sanitized'))) {
    results.push(await bench.check(`the sanitizers find an overrun (${executor})`, () => bench.finds(executor)))
  }
  if (sandbox.environment('host').passes.includes('coverage')) {
    results.push(await bench.check('gcov tells which lines a test reaches (host)', () => bench.reaches()))
  }
  results.push(await bench.check('a listening port of this machine cannot be reached', () => bench.network()))
  for (const hostile of HOSTILE) results.push(await bench.check(hostile.name, () => bench.hostile(hostile)))
  // After all that, the next program must find the machine as the first did.
  results.push(await bench.check('a right program still gives its result', () => bench.right('host')))
  return results
}

class Bench {
  readonly #sandbox: Sandbox
  readonly #signal: AbortSignal
  constructor(sandbox: Sandbox, signal: AbortSignal) {
    this.#sandbox = sandbox
    this.#signal = signal
  }

  /** `probe` returns what is wrong, or null. */
  async check(name: string, probe: () => Promise<string | null>): Promise<SelfTestResult> {
    const startedAt = performance.now()
    const wrong = await probe().catch((error) => {
      if (error instanceof SandboxFault) return error.message
      throw error
    })
    return { name, ok: wrong === null, detail: wrong ?? '', ms: Math.round(performance.now() - startedAt) }
  }

  async right(executor: ExecutorName): Promise<string | null> {
    const program = executor === 'host' ? cpp('int twice(int x) { return 2 * x; }', 'wrapper(twice, 21);') : CUDA_TWICE
    const run = await this.#run(program, executor, PATIENT)
    const printed = Buffer.from(run.output).toString('utf8')
    return run.status === 'success' && /\b42\b/.test(printed) ? null : describe(run)
  }

  /** Reports of sanitizers come from places of the compiler and of the kernel that differ between machines. */
  async finds(executor: ExecutorName): Promise<string | null> {
    const program = executor === 'host' ? cpp(OVERRUN, 'wrapper(past, 4);') : CUDA_OVERRUN
    const run = await this.#run(program, executor, PATIENT, 'sanitized')
    const [found] = run.findings
    // On a GPU the checker may not know lines, where nothing was built for it to know them.
    const placed = found?.file === 'code' && found.line === 3
    return placed || (executor === 'gpu' && found !== undefined)
      ? null
      : `${describe(run)}; found in ${found?.file}:${found?.line}`
  }

  async reaches(): Promise<string | null> {
    const run = await this.#run(cpp(FORK, 'wrapper(side, 1);'), 'host', PATIENT, 'coverage')
    const lines = decodeCoverage(run.output) ?? []
    const reached = lines.flatMap(({ line, reached }) => (reached ? [line] : []))
    return reached.includes(2) && !reached.includes(3) && reached.includes(4)
      ? null
      : `${describe(run)}; reached lines ${reached.join(', ') || 'none'}`
  }

  /** A port is opened for this, so that only the jail can be the reason why it is not reached. */
  async network(): Promise<string | null> {
    let reached = 0
    const server = createServer((socket) => {
      reached += 1
      socket.destroy()
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    try {
      const { port } = server.address() as AddressInfo
      const run = await this.#run(cpp(CONNECT, `wrapper(reach, ${port});`), 'host', PATIENT)
      return run.status === 'success' && reached === 0 ? null : `${reached} connections; ${describe(run)}`
    } finally {
      server.close()
    }
  }

  async hostile({ code, ends }: HostileProgram): Promise<string | null> {
    // Whoever is to come to an end of another kind is not cut short where the machine does much else.
    const limits = ends.includes('timeout') ? LIMITS : PATIENT
    const run = await this.#run(cpp(code, 'wrapper(attack, 1);'), 'host', limits)
    const leaked = run.detail.includes('root:')
    return (ends as readonly TestStatus[]).includes(run.status) && !leaked ? null : describe(run)
  }

  async #run(program: Program, executor: ExecutorName, limits: RunLimits, pass: Pass = 'plain'): Promise<TestRun> {
    const { tests } = await this.#sandbox.execute(program, executor, limits, { signal: this.#signal, pass })
    const [run] = tests
    if (run === undefined) throw new SandboxFault('toolchain', 'a program with one test gave no test run')
    return run
  }
}

const CONNECT = `#include <arpa/inet.h>
#include <stdlib.h>
#include <sys/socket.h>
int reach(int port) {
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0) abort();
  return 0;
}`

const OVERRUN = 'int past(int n) {\n  int a[4] = {}, *p = a;\n  return p[n];\n}'

const FORK = 'int side(int n) {\n  if (n < 0)\n    return -1;\n  return 1;\n}'

function cpp(code: string, test: string): Program {
  return { v: 1, side: 'cpp', code, wrapper: '', tests: [test] }
}

function describe({ status, detail }: TestRun): string {
  return `ended as ${status}${detail === '' ? '' : `: ${detail.slice(0, 200)}`}`
}
