import type { Finding, Program, RunLimits } from '../../protocol/index.ts'
import { createSandbox, type Sandbox, type TestRun } from '../../sandbox/index.ts'
import { CACHE } from '../support/cache.ts'

export const LIMITS: RunLimits = { wallMs: 20_000, memoryBytes: 512 * 1024 ** 2, outputBytes: 64 * 1024 }

export function openProjectSandbox(): Promise<Sandbox> {
  return createSandbox({ cacheDir: CACHE })
}

export function programOf(side: Program['side'], texts: { code: string; wrapper?: string; tests: string[] }): Program {
  return { v: 1, side, code: texts.code, wrapper: texts.wrapper ?? '', tests: texts.tests }
}

/** Runs all tests of a program in the sanitized pass. */
export async function runSanitized(sandbox: Sandbox, program: Program, limits = LIMITS): Promise<TestRun[]> {
  const executor = program.side === 'cuda' ? 'emulated' : 'host'
  const { signal } = new AbortController()
  return (await sandbox.execute(program, executor, limits, { signal, pass: 'sanitized' })).tests
}

/** How a run ended, in a line that a failed assertion can show. */
export function inWords({ status, findings, detail }: TestRun): string {
  const [found] = findings
  return found === undefined ? `${status}: ${detail}` : `${placed(found)}: ${found.what}`
}

function placed({ flag, file, line }: Finding): string {
  return `${flag} in ${file}:${line}`
}
