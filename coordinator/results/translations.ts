import type { Program, Side } from '../../protocol/index.ts'
import type { Content } from './content.ts'
import { type Item, type Snapshot, translationOf } from './snapshot.ts'

/** How the files that a training reads name the sides. */
export const SIDE_NAMES = { cpp: 'CPP', cuda: 'CUDA' } as const satisfies Record<Side, string>

/** A pair that was found equivalent under the round's rule, with its texts. */
export interface ValidPair {
  original: Program
  translation: Program
  programs: Record<Side, Program>
  source: Side
  /** Numbers of the tests that passed under the rule, from 0. Under `strict` an equivalent pair may have void ones beside them. */
  valid: readonly number[]
}

/** The equivalent pairs of a round, in input order, one at a time. */
export async function* validPairs({ items, round }: Snapshot, content: Content): AsyncGenerator<ValidPair> {
  const { rule } = round.spec
  const valid = items.flatMap((item) => (item.judgement?.[rule] === 'equivalent' ? [{ item, cells: item.judgement.cells }] : []))
  for await (const { item, cells } of content.readFor(valid, ({ item: { entry } }) => Object.values(entry.programs))) {
    const passed = cells.flatMap((cell, test) => (cell[rule] === 'pass' ? [test] : []))
    yield await readPair(item, passed, content)
  }
}

async function readPair(item: Item, valid: readonly number[], content: Content): Promise<ValidPair> {
  const { programs: names, source } = item.entry
  const programs = { cpp: await content.program(names.cpp), cuda: await content.program(names.cuda) }
  return { programs, source, original: programs[source], translation: programs[translationOf(item)], valid }
}

/** `valid_translations.jsonl`: a line an equivalent pair; the inputs are those of the original's side. */
export async function* validTranslations(snapshot: Snapshot, content: Content): AsyncGenerator<string> {
  for await (const { programs, original, source, valid } of validPairs(snapshot, content)) {
    yield `${JSON.stringify({
      CUDA: programs.cuda.code,
      CPP: programs.cpp.code,
      CUDA_WRAPPER: programs.cuda.wrapper,
      source: SIDE_NAMES[source],
      valid_unit_tests_inputs: valid.map((test) => original.tests[test]),
    })}\n`
  }
}
