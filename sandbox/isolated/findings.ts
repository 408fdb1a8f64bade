import type { Finding, Program } from '../../protocol/index.ts'
import type { Frame } from './frame.ts'
import { argumentName, launchPlace, type Place } from './places.ts'
import { type CallValues, type Difference, firstDifference, readValues } from './values.ts'

/** One test of one program. */
export interface Subject {
  program: Program
  index: number
}

/** A run that came to its end, in what it is compared by. */
export interface Ended {
  frame: Frame
  printed: Buffer
}

const LONGEST_WORDS = 300

function finding(flag: Finding['flag'], { file, line }: Place, what: string): Finding {
  return { flag, file, line, what: what.slice(0, LONGEST_WORDS) }
}

const fileOf = ({ index }: Subject) => `test ${index + 1}`
const testOf = ({ program, index }: Subject) => program.tests[index] ?? ''

export function vacuous(subject: Subject, { frame }: Ended): Finding[] {
  if (frame.called.length > 0) return []
  return [finding('vacuous-test', { file: fileOf(subject), line: 0 }, 'the test never calls wrapper')]
}

export function pendingError({ program, index }: Subject, { frame: { error } }: Ended): Finding[] {
  if (error === null) return []
  return [finding('cuda-error', launchPlace(program, index), `${error} is pending at the end, and nobody has read it`)]
}

/** On a GPU: what was written behind memory that the program allocated. */
export function writesOutside({ program, index }: Subject, { frame: { gpu } }: Ended): Finding[] {
  if (gpu === null || gpu.outsideBytes === 0) return []
  const what = `device memory is written past its end (${gpu.outsideBytes} bytes or more)`
  return [finding('undefined-behaviour', launchPlace(program, index), what)]
}

/** What two runs with other bytes in memory that nobody wrote differ in, in words; null where they are alike. */
export function differenceOf(subject: Subject, one: Ended, other: Ended): { place: Place; what: string } | null {
  const found = firstDifference(readValues(one.frame.values), readValues(other.frame.values))
  if (found !== null) return describe(subject, one, found)
  const line = one.frame.called[0] ?? 0
  const place = { file: fileOf(subject), line }
  if (comparable(one.printed) !== comparable(other.printed)) return { place, what: 'what it prints' }
  const same = one.frame.launches === other.frame.launches && one.frame.error === other.frame.error
  return same ? null : { place, what: 'which kernels run' }
}

function describe(subject: Subject, { frame }: Ended, { call, argument, element }: Difference): { place: Place; what: string } {
  const line = frame.called[call - 1] ?? 0
  const name = argument === 0 ? 'what is returned' : argumentName(testOf(subject), line, argument)
  return { place: { file: fileOf(subject), line }, what: element === null ? name : `element ${element} of ${name}` }
}

/** Where memory lies, and the sign of what is no number, are nobody's result. */
function comparable(printed: Buffer): string {
  return printed
    .toString('latin1')
    .replace(/0x[0-9a-f]+/g, '0x')
    .replace(/-nan/g, 'nan')
}

export function dependsOnUnwritten(difference: { place: Place; what: string }): Finding {
  return finding('undefined-behaviour', difference.place, `${difference.what} depends on memory that nobody has written`)
}

export function endsDependOnUnwritten(subject: Subject, how: string): Finding {
  const what = `it ends otherwise (${how}) where memory that nobody has written holds other bytes`
  return finding('undefined-behaviour', { file: fileOf(subject), line: 0 }, what)
}

export function nondeterministic(difference: { place: Place; what: string }): Finding {
  return finding('nondeterministic', difference.place, `${difference.what} is another from run to run`)
}

export function notWaitedFor(difference: { place: Place; what: string }): Finding {
  return finding('race', difference.place, `${difference.what} depends on work of the device that the host does not wait for`)
}

export function endsBeforeWork(subject: Subject, how: string): Finding {
  const what = `it ends otherwise (${how}) where the device does as late as it may what the host does not wait for`
  return finding('race', { file: fileOf(subject), line: 0 }, what)
}

/** What is known of kernel work after the first run: nothing amiss, nothing done, or arguments that must be asked about. */
export type KernelWork = { kind: 'done' } | { kind: 'none'; what: string } | { kind: 'in doubt' }

export function kernelWork({ frame }: Ended): KernelWork {
  if (frame.launches === 0) return { kind: 'none', what: 'no kernel has run' }
  const returns = readValues(frame.values).some(({ returned }) => returned !== null && returned.head !== 'void')
  if (!frame.reached && (frame.changes.length > 0 || returns)) {
    return { kind: 'none', what: 'nothing that a kernel wrote has come to the host' }
  }
  return frame.changes.some(({ unexplained }) => unexplained > 0) ? { kind: 'in doubt' } : { kind: 'done' }
}

/**
 * The arguments that do not change with what kernels wrote: `disturbed` are runs in which all that came from kernels' memory was
 * changed on its way to the host. A run that ended otherwise, null, shows that what it computes does depend on that.
 */
export function hostMade(subject: Subject, one: Ended, disturbed: readonly (Ended | null)[]): string | null {
  if (disturbed.includes(null)) return null
  const values = readValues(one.frame.values)
  const others = disturbed.map((run) => readValues((run as Ended).frame.values))
  for (const { call, argument, changed, unexplained, indices } of one.frame.changes) {
    const element = (run: readonly CallValues[], at: number) => run[call - 1]?.arguments[argument - 1]?.elements[at]
    const untouched = indices.filter((at) => others.every((run) => element(run, at) === element(values, at)))
    if (untouched.length === 0) continue
    const name = argumentName(testOf(subject), one.frame.called[call - 1] ?? 0, argument)
    const count = unexplained > indices.length ? `at least ${untouched.length}` : untouched.length
    return `of ${name} ${count} of ${changed} changed elements come from no kernel`
  }
  return null
}

export function noKernelWork({ program, index }: Subject, what: string): Finding {
  return finding('no-kernel-work', launchPlace(program, index), what)
}
