import { constants } from 'node:os'
import type { TestStatus } from '../../protocol/index.ts'
import type { JailResult } from '../jail/jail.ts'
import { type Measured, type TestRun, UNMEASURED } from '../types.ts'

/** What a compile came to. A limit that it reached is a limit of ours, which the reference has not. */
export type CompileOutcome =
  | { kind: 'product'; bytes: Uint8Array }
  | { kind: 'rejected'; diagnostics: string }
  | { kind: 'limit'; status: TestStatus; detail: string }

const EMPTY = new Uint8Array()
/**
 * Where compiler, assembler or linker say themselves that they reached a limit of ours. A complaint about the program has
 * a line and a column before it, and the program's own words are set in from the margin: neither is looked at.
 */
const OUT_OF_MEMORY = /^(?!\s|.*:\d+:\d+: ).*(out of memory|virtual memory exhausted|cannot allocate memory|std::bad_alloc)/im
const OUT_OF_ROOM = /^(?!\s|.*:\d+:\d+: ).*(no space left on device|file size limit exceeded|file too large)/im

/** Exit facts of the compiler -> what they mean. Total and pure. */
export function compileOutcome(result: JailResult): CompileOutcome {
  const diagnostics = result.stderr.toString('utf8')
  switch (result.stop) {
    case 'wall':
      return { kind: 'limit', status: 'timeout', detail: `the compiler was stopped after ${Math.round(result.wallMs)} ms` }
    case 'memory':
      return { kind: 'limit', status: 'memory_limit', detail: 'the compiler reached its memory limit' }
    case 'output':
      return { kind: 'limit', status: 'output_limit', detail: 'the compiled program, or the complaints about it, are too large' }
    case 'ended':
      if (result.exitCode === 0) return { kind: 'product', bytes: result.stdout }
      return rejection(diagnostics)
    default:
      return result.stop satisfies never
  }
}

function rejection(diagnostics: string): CompileOutcome {
  if (OUT_OF_MEMORY.test(diagnostics)) {
    return { kind: 'limit', status: 'memory_limit', detail: 'the compiler reached its memory limit' }
  }
  if (OUT_OF_ROOM.test(diagnostics)) {
    return { kind: 'limit', status: 'output_limit', detail: 'the compiled program is too large' }
  }
  return { kind: 'rejected', diagnostics }
}

/** Exit facts of a test -> its outcome. Total and pure. */
export function runOutcome(result: JailResult): TestRun {
  const { wallMs, stdout } = result
  const measured = measuredIn(result)
  const run = (status: TestStatus, output: Uint8Array, detail: string): TestRun => ({
    status,
    output,
    findings: [],
    detail,
    wallMs,
    measured,
  })
  switch (result.stop) {
    // How far it came until the clock, or the kernel, stopped it differs from run to run: no output to agree on.
    case 'wall':
      return run('timeout', EMPTY, 'stopped at its wall time limit')
    case 'memory':
      return run('memory_limit', EMPTY, `reached its memory limit (peak ${result.peakBytes} bytes)`)
    case 'output':
      return run('output_limit', stdout, 'wrote more than its output limit')
    case 'ended':
      return endedOutcome(result, run)
    default:
      return result.stop satisfies never
  }
}

function endedOutcome(result: JailResult, run: (status: TestStatus, output: Uint8Array, detail: string) => TestRun): TestRun {
  const unsupported = /^unsupported (.*)/.exec(result.report.toString('utf8'))?.[1]
  if (unsupported !== undefined) return run('unsupported', EMPTY, unsupported.slice(0, 500))
  if (result.exitCode === 0) return run('success', result.stdout, '')
  return run('runtime_error', result.stdout, exitText(result.exitCode ?? 0))
}

/** A shell's exit code in words. A program may exit with such a number itself, so it is for people only. */
function exitText(code: number): string {
  const signal = Object.entries(constants.signals).find(([, number]) => number === code - 128)?.[0]
  return signal === undefined ? `exit code ${code}` : `exit code ${code} (${signal})`
}

/** A test that never ran, because its program was not compiled. */
export function notRun(status: TestStatus, detail: string): TestRun {
  return { status, output: EMPTY, findings: [], detail, wallMs: 0, measured: UNMEASURED }
}

/** What the jail itself has measured of a run. */
export function measuredIn({ peakBytes }: Pick<JailResult, 'peakBytes'>): Measured {
  return { ...UNMEASURED, peakMemoryBytes: peakBytes === 0 ? null : peakBytes }
}
