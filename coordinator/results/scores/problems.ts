import { createHash } from 'node:crypto'
import type { CellWord, Rule } from '../../../protocol/index.ts'
import type { Content } from '../content.ts'
import { cellWords, type Item, type Pending, type Snapshot } from '../snapshot.ts'
import type { Row } from './choose.ts'
import type { Samples } from './pass-at-k.ts'
import { Turns } from './turns.ts'

/** The cases that translate the same original: equal `problem` fields, or without these equal original code. */
export interface Problem {
  name: string
  /** In input order. */
  items: readonly Item[]
}

/**
 * The problems of a round, in the order of their first cases. What is held of a million cases is where each stands, some bytes a case:
 * a problem is put together when it is asked for.
 */
export class Problems {
  readonly #items: readonly Item[]
  /** Places of items, problem by problem, and of the first of each problem among these. */
  readonly #order: Uint32Array
  readonly #starts: Uint32Array

  private constructor(items: readonly Item[], order: Uint32Array, starts: Uint32Array) {
    this.#items = items
    this.#order = order
    this.#starts = starts
  }

  /** Looks at all items once, with turns of the event loop between. */
  static async of({ items }: Pick<Snapshot, 'items'>): Promise<Problems> {
    const numbers = new Map<string, number>()
    const numberOf = new Uint32Array(items.length)
    const turns = new Turns()
    for (const [at, { entry }] of items.entries()) {
      if (turns.due) await turns.end()
      const number = numbers.get(entry.problem) ?? numbers.size
      numbers.set(entry.problem, number)
      numberOf[at] = number
    }
    const starts = new Uint32Array(numbers.size + 1)
    for (const number of numberOf) starts[number + 1] = (starts[number + 1] as number) + 1
    for (let number = 0; number < numbers.size; number++)
      starts[number + 1] = (starts[number + 1] as number) + (starts[number] as number)
    const next = starts.slice(0, -1)
    const order = new Uint32Array(items.length)
    for (const [at, number] of numberOf.entries()) {
      const place = next[number] as number
      order[place] = at
      next[number] = place + 1
    }
    return new Problems(items, order, starts)
  }

  *[Symbol.iterator](): Generator<Problem> {
    for (let number = 0; number + 1 < this.#starts.length; number++) {
      const places = this.#order.subarray(this.#starts[number], this.#starts[number + 1])
      const items = Array.from(places, (at) => this.#items[at] as Item)
      yield { name: (items[0] as Item).entry.problem, items }
    }
  }
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
