import {
  compatEqual,
  DEFAULT_COMPARATOR,
  decodeReport,
  differenceOf,
  differenceOfTexts,
  type IsolatedReport,
} from '../../../protocol/index.ts'
import type { TestRun } from '../../../sandbox/index.ts'
import type { EmulatedTest } from './cases.ts'

/** One cell held against something that is known: how it agrees, and in words where it does not. */
export interface Cell {
  /** The reference's own rule. */
  compat: boolean
  /** Numbers within tolerances, at full precision where values are known. */
  numeric: boolean
  detail: string
}

/** Both outputs are quoted as far as this. */
const QUOTED = 1200

/** A plain run against what must be printed. */
export function againstExpected(run: TestRun, expected: string): Cell {
  const wanted = Buffer.from(expected)
  if (run.status !== 'success') return { compat: false, numeric: false, detail: `${run.status}: ${run.detail}` }
  const compat = compatEqual(run.output, wanted)
  const difference = differenceOfTexts(run.output, wanted, DEFAULT_COMPARATOR.float)
  return { compat, numeric: difference === null, detail: compat ? '' : quoteBoth(difference, run.output, 'expected', wanted) }
}

/** A plain run against what the emulated executor printed. */
export function againstEmulatedPlain(run: TestRun, { plain }: EmulatedTest): Cell {
  if (run.status !== plain.status) return differs(`${run.status} here, ${plain.status} emulated: ${run.detail}`)
  const output = Buffer.from(plain.output, 'base64')
  const compat = compatEqual(run.output, output)
  const difference = differenceOfTexts(run.output, output, DEFAULT_COMPARATOR.float)
  return { compat, numeric: difference === null, detail: compat ? '' : quoteBoth(difference, run.output, 'emulated', output) }
}

/** An isolated run against the emulated one: values at full precision, and flags. */
export function againstEmulatedIsolated(run: TestRun, { isolated }: EmulatedTest): Cell & { flags: boolean } {
  const found = run.findings.map(({ flag }) => flag).sort()
  const flags = found.join() === isolated.flags.toSorted().join()
  const said = flags ? '' : `flags [${found.join(' ')}] here, [${isolated.flags.join(' ')}] emulated`
  if (run.status !== isolated.status) {
    return { ...differs(`${run.status} here, ${isolated.status} emulated: ${run.detail} ${said}`), flags }
  }
  if (run.status !== 'success') return { compat: true, numeric: true, flags, detail: said }
  const [here, there] = [decodeReport(run.output), decodeReport(Buffer.from(isolated.output, 'base64'))]
  const exact = differenceOf(here, there, { kind: 'exact' })
  const numeric = differenceOf(here, there, DEFAULT_COMPARATOR)
  const words = [numeric ?? exact, said].filter((one) => one !== null && one !== '').join('; ')
  const detail = exact === null ? words : `${words}. here ${valuesOf(here)} emulated ${valuesOf(there)}`
  return { compat: exact === null, numeric: numeric === null, flags, detail }
}

function differs(detail: string): Cell {
  return { compat: false, numeric: false, detail }
}

function quoteBoth(difference: string | null, here: Uint8Array, name: string, other: Uint8Array): string {
  return `${difference ?? 'equal as numbers'}. here ${quote(here)} ${name} ${quote(other)}`
}

function valuesOf({ values }: IsolatedReport): string {
  return quote(values)
}

function quote(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString('latin1').trim()
  return JSON.stringify(text.length <= QUOTED ? text : `${text.slice(0, QUOTED)}...`)
}
