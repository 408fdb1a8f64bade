import type { TestRun } from '../types.ts'
import type { Place } from './places.ts'
import type { Report } from './report.ts'

/** The exit code of a process that ended by a finding; built into the harness (harness/sanitized/options.h). */
export const FOUND_EXIT = 87

const LONGEST_SENTENCE = 300

/** A run that ended by itself with nothing found: as it ended, and what it printed is nothing to this pass. */
export function unflagged(run: TestRun): TestRun {
  return { ...run, output: new Uint8Array() }
}

/** The pass is done: it has an answer. Without a report, because the program closed the pipe, there is still the code. */
export function flagged(run: TestRun, report: Report | null, place: Place | null): TestRun {
  const what = (report?.what ?? 'the sanitizer ended it, and what it said did not arrive').slice(0, LONGEST_SENTENCE)
  const { file, line } = place ?? { file: '', line: 0 }
  return {
    ...run,
    status: 'success',
    output: new Uint8Array(),
    findings: [{ flag: 'undefined-behaviour', file, line, what }],
    detail: what,
  }
}

/** The sanitizer gave up for a limit that the plain pass has not, or not there: nothing is known. */
export function gaveUp(run: TestRun): TestRun {
  return { ...unflagged(run), status: 'runtime_error', detail: 'out of stack, or an allocation that is too large' }
}
