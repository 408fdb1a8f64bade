import { readdir, readFile } from 'node:fs/promises'
import type { Program, RunLimits } from '../../protocol/index.ts'
import { openSandbox } from '../../sandbox/executor/open.ts'
import type { Sandbox, SandboxInit, TestRun } from '../../sandbox/index.ts'
import { CACHE } from '../support/cache.ts'
import { plainComposer } from './stand-in.ts'

export const LIMITS: RunLimits = { wallMs: 10_000, memoryBytes: 128 * 1024 ** 2, outputBytes: 64 * 1024 }
/** For programs that do not end: as short as limits may be without cutting the start of a jail on a busy machine. */
export const SHORT: RunLimits = { ...LIMITS, wallMs: 1000 }

export function plainSandbox(init: Partial<SandboxInit> = {}): Promise<Sandbox> {
  return openSandbox({ composer: plainComposer }, { cacheDir: CACHE, ...init })
}

export function programOf(code: string, tests: string[]): Program {
  return { v: 1, side: 'cpp', code, wrapper: '', tests }
}

/** Runs the tests of a program, all with the same limits. */
export async function runAll(sandbox: Sandbox, code: string, tests: string[], limits = LIMITS): Promise<TestRun[]> {
  const { signal } = new AbortController()
  return (await sandbox.execute(programOf(code, tests), 'host', limits, { signal })).tests
}

/** Runs a program that is one test. */
export async function runOne(sandbox: Sandbox, test: string, limits = LIMITS, code = ''): Promise<TestRun & { text: string }> {
  const [run] = await runAll(sandbox, code, [test], limits)
  if (run === undefined) throw new Error('no test run')
  return { ...run, text: Buffer.from(run.output).toString('utf8') }
}

/** Host processes whose first argument is that name. */
export async function processesNamed(name: string): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry))
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')))
  return lines.filter((line) => line.split('\0')[0] === name)
}
