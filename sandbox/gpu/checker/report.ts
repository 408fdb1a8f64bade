import type { Flag } from '../../../protocol/index.ts'
import { ownPlace, type Place } from '../../sanitized/places.ts'

/** The first thing that compute-sanitizer found. */
export interface CheckerFinding {
  flag: Flag
  /** The innermost place that is the program's own; null where none is named. */
  place: Place | null
  what: string
}

const MARK = '========='
const LONGEST_SENTENCE = 300

/** Lines that begin a finding, by tool. What is not here (errors of calls, leaks, its own trouble) is none. */
const BEGINS: readonly { flag: Flag; line: RegExp; what: (match: RegExpExecArray) => string }[] = [
  {
    flag: 'undefined-behaviour',
    line: /^Invalid (__\w+__|\w+) (read|write|atomic)(?: of size (\d+)(?: bytes)?)?/,
    what: ([, space, access, size]) =>
      `a kernel's ${access} of ${size ?? 'some'} bytes is out of bounds or misaligned in ${space} memory`,
  },
  {
    flag: 'undefined-behaviour',
    line: /^Uninitialized (__\w+__) memory (read)(?: of size (\d+)(?: bytes)?)?/,
    what: ([, space, , size]) => `a kernel reads ${size ?? 'some'} bytes of ${space} memory that nobody has written`,
  },
  {
    flag: 'undefined-behaviour',
    line: /^(?:Warning: |Error: )?(?:Address|Malloc\/Free Error|Invalid free|Double free)[^\n]*\b(double free|freed|not allocated|invalid)\b/i,
    what: () => 'a kernel frees what it may not',
  },
  {
    flag: 'race',
    line: /^(?:Error|Warning): Race reported between (Read|Write|Atomic) access/,
    what: ([, access]) =>
      `a kernel races: a ${access?.toLowerCase()} of shared memory and an access of another thread of the block`,
  },
  {
    flag: 'race',
    line: /^(?:Error|Warning): (?:Potential )?(RAW|WAR|WAW) hazard detected/,
    what: ([, kind]) => `a kernel races: ${kind} hazard in shared memory`,
  },
]

/**
 * Reads what compute-sanitizer printed. A finding is a line that begins one and the lines set in below it, of which the first
 * `... in FILE:LINE` that is the program's tells where:
 *
 *     ========= Invalid __global__ write of size 4 bytes
 *     =========     at k(int *, int)+0x70 in code:3
 *     =========     by thread (32,0,0) in block (0,0,0)
 *
 * Older ones write `at 0x70 in code:3:k(int *, int)`, a racecheck `Race reported between Write access at k(int *)+0x90 in code:4`.
 */
export function parseChecker(output: Buffer): CheckerFinding | null {
  const lines = output
    .toString('latin1')
    .split('\n')
    .flatMap((line) => (line.startsWith(MARK) ? [line.slice(MARK.length)] : []))
  for (const [at, line] of lines.entries()) {
    const text = line.trimStart()
    for (const { flag, line: begins, what } of BEGINS) {
      const match = begins.exec(text)
      if (match === null) continue
      const said = what(match)
        .replace(/[^\x20-\x7e]/g, '?')
        .slice(0, LONGEST_SENTENCE)
      return { flag, place: placeIn([text, ...below(lines, at)]), what: said }
    }
  }
  return null
}

/** The lines of a finding after its first: those set in further. */
function below(lines: readonly string[], at: number): string[] {
  const end = lines.findIndex((line, index) => index > at && !/^ {2,}\S/.test(line))
  return lines.slice(at + 1, end < 0 ? undefined : end)
}

function placeIn(lines: readonly string[]): Place | null {
  for (const line of lines) {
    // The program's own texts are `code`, `wrapper`, and `test N`, whose name has a blank in it.
    for (const [, file = '', number] of line.matchAll(/\bin (\S*?(?:code|wrapper|test \d{1,3})):(\d{1,8})(?=[:\s]|$)/g)) {
      const place = ownPlace(file, Number(number))
      if (place !== null) return place
    }
  }
  return null
}
