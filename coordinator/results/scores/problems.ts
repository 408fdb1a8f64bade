import { createHash } from 'node:crypto'
import type { CellWord, Rule } from '../../../protocol/index.ts'
import type { Content } from '../content.ts'
import { cellWords, type Item, type Pending, type Snapshot } from '../snapshot.ts'
import type { Row } from './choose.ts'
import type { Samples } from './pass-at-k.ts'

/** The cases that translate the same original: equal `problem` fields, or without these equal original code. */
export interface Problem {
  name: string
  /** In input order. */
  items: readonly Item[]
}

/** The problems of a round, in the order of their first cases. */
export function problemsOf({ items }: Pick<Snapshot, 'items'>): Problem[] {
  const problems = new Map<string, { name: string; items: Item[] }>()
  for (const item of items) {
    const { problem: name } = item.entry
    const known = problems.get(name)
    if (known === undefined) problems.set(name, { name, items: [item] })
    else known.items.push(item)
  }
  return [...problems.values()]
}

/** What a rule says of a problem's translations. `open` is neither right nor wrong: undecided, invalid or pending. */
export interface Counts extends Samples {
  open: number
}

/** Counts a problem's translations: an equivalent one is correct. */
export function countSamples({ name, items }: Problem, rule: Rule): Counts {
  const counts = { problem: name, n: items.length, correct: 0, open: 0 }
  for (const { judgement } of items) {
    const word = judgement?.[rule]
    if (word === 'equivalent') counts.correct++
    else if (word !== 'different') counts.open++
  }
  return counts
}

/**
 * A problem's tests: for every translation, in order, the number of each of its tests among the tests of the problem (from 0).
 * Translations that were made for one original with one list of tests, as most are, share all of them; others those whose
 * original and input are the same text.
 */
export async function testNumbers({ items }: Problem, content: Content): Promise<(row: number, test: number) => number> {
  const originals = items.map(({ entry: { programs, source } }) => programs[source])
  if (new Set(originals).size <= 1) return (_, test) => test
  const numbers = new Map<string, number>()
  const lists = new Map<string, number[]>()
  for (const cid of new Set(originals)) {
    const { code, wrapper, tests } = await content.program(cid)
    const names = tests.map((test) => digest(JSON.stringify([code, wrapper, test])))
    for (const name of names) if (!numbers.has(name)) numbers.set(name, numbers.size)
    lists.set(
      cid,
      names.map((name) => numbers.get(name) as number),
    )
  }
  return (row, test) => lists.get(originals[row] as string)?.[test] as number
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64')
}

const LETTERS = { pass: 'p', fail: 'f', void: 'v', unknown: 'u', pending: '.' } as const satisfies Record<
  CellWord | Pending,
  string
>

/** A problem's matrix as text: a word a translation, a letter a test of its own list. */
export function letteredCells({ items }: Problem, rule: Rule): string[] {
  return items.map((item) => Array.from({ length: item.entry.tests }, (_, test) => LETTERS[cellWords(item, test)[rule]]).join(''))
}

/**
 * A problem's matrix under a rule. Only pass and fail are known; `void` says that the test is no good, and a test that is so for
 * all translations is none.
 */
export function rowsOf({ items }: Problem, rule: Rule, numberOf: (row: number, test: number) => number): Row[] {
  return items.map((item, row) => {
    const [passed, failed] = [new Set<number>(), new Set<number>()]
    for (let test = 0; test < item.entry.tests; test++) {
      const word = cellWords(item, test)[rule]
      if (word === 'pass') passed.add(numberOf(row, test))
      if (word === 'fail') failed.add(numberOf(row, test))
    }
    // The same input twice in a list is one test, which both times must have passed.
    return { passed: sorted(passed).filter((test) => !failed.has(test)), failed: sorted(failed) }
  })
}

function sorted(numbers: Iterable<number>): number[] {
  return [...numbers].sort((a, b) => a - b)
}
