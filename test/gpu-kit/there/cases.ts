import { readFileSync } from 'node:fs'
import type { Program, TestStatus } from '../../../protocol/index.ts'

/** Where the programs of a kit come from. */
export type CaseSet = 'corpus' | 'examples' | 'dev'

/** Built both ways: the corpus has every feature, and more would not fit into the time there is. */
export const BOTH_WAYS: readonly CaseSet[] = ['corpus']

/** What the emulated executor said of one test when the kit was made. Outputs in base64: they need not be text. */
export interface EmulatedTest {
  plain: { status: TestStatus; output: string }
  /** `output` is a report of the isolated pass. */
  isolated: { status: TestStatus; output: string; flags: string[] }
}

/** One program of the CUDA side with all that is known of it. */
export interface KitCase {
  set: CaseSet
  id: string
  program: Program
  /** The other side, for figures of whole cases. */
  original: Program
  /** Test by test what must be printed; null where nothing independent is known. */
  expected: { from: 'a GPU' | 'sequential C++'; text: string }[] | null
  /** What the other side printed, test by test, when the kit was made: for that no GPU is needed. */
  host: { status: TestStatus; output: string }[]
  emulated: EmulatedTest[]
}

/** Name of a case in reports, and of one of its tests (from 1). */
export const nameOf = ({ set, id }: Pick<KitCase, 'set' | 'id'>, test?: number) =>
  `${set}/${id}${test === undefined ? '' : `/${test + 1}`}`

export function readCases(file: string): KitCase[] {
  const lines = readFileSync(file, 'utf8').split('\n')
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as KitCase)
}

export function writeCases(cases: readonly KitCase[]): Uint8Array {
  return Buffer.from(cases.map((one) => `${JSON.stringify(one)}\n`).join(''))
}
