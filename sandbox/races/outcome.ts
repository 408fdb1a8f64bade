import type { Flag } from '../../protocol/index.ts'
import type { TestRun } from '../types.ts'

/** The exit code of a process whose kernel was seen to race; built into the emulator (runtime/accesses.h). */
export const RACED_EXIT = 88

/** What a watched run reported first. */
export interface Sighting {
  flag: Flag
  /** Where in the program the access returns to; null where that did not arrive. */
  at: bigint | null
  what: string
}

const LINE = /^(race|misaligned) ([0-9a-f]{1,12}) ([\x20-\x7e]{1,250})$/m
const LOST: Sighting = { flag: 'race', at: null, what: 'a kernel races, and where did not arrive' }

/** The first thing a watched run reported, or null. The pipe is the program's as well: whoever forges a line flags himself. */
export function sightingIn(report: Buffer, exitCode: number | null): Sighting | null {
  const [, word, at = '0', what = ''] = LINE.exec(report.toString('latin1')) ?? []
  if (word === undefined) return exitCode === RACED_EXIT ? LOST : null
  const address = BigInt(`0x${at}`)
  return word === 'race'
    ? { flag: 'race', at: address, what }
    : { flag: 'undefined-behaviour', at: address, what: `misaligned access: ${what}` }
}

/** A run with nothing to report, as it ended; what it printed is nothing to this pass. */
export function unsighted(run: TestRun): TestRun {
  return { ...run, output: new Uint8Array() }
}

/** The pass is done: it has an answer. */
export function sighted(run: TestRun, { flag, what }: Sighting, place: { file: string; line: number } | null): TestRun {
  const { file, line } = place ?? { file: '', line: 0 }
  return { ...run, status: 'success', output: new Uint8Array(), findings: [{ flag, file, line, what }], detail: what }
}
