import type { CellWord, Flag, JudgementWord, Side } from '../../protocol/index.ts'
import { SIDES } from '../../protocol/index.ts'
import { explained, flagsOf } from '../rules/judge.ts'
import { cellWords, type Item, judgementWords, type Snapshot } from './snapshot.ts'

/** Entries of a list in the report; the rest are counted. All of them are in `outcomes.jsonl`, flag by flag. */
const MAX_LISTED = 10_000

/** The flags of one test of one side of a judged case, as `outcomes.jsonl` has them. */
export function flagsIn(item: Item, side: Side, test: number): Flag[] {
  const evidence = item.evidence?.(test)[side]
  return evidence === undefined ? [] : flagsOf(evidence)
}

/** One flag and what explains it. `test` counts from 1, `file` and `fileLine` are of the side's own texts. */
interface FlagRow {
  line: number
  id: string | number | null
  side: Side
  test: number
  flag: Flag
  file: string
  fileLine: number
  what: string
}

/** Every flag of every judged case, with the place and the words of the pass that found it; and how often each was given. */
export function listFlags({ items }: Snapshot) {
  const rows: FlagRow[] = []
  const counts: Partial<Record<Flag, number>> = {}
  let notListed = 0
  for (const item of items) {
    for (const row of rowsOf(item)) {
      counts[row.flag] = (counts[row.flag] ?? 0) + 1
      if (rows.length < MAX_LISTED) rows.push(row)
      else notListed++
    }
  }
  return { counts, rows, notListed }
}

function* rowsOf(item: Item): Generator<FlagRow> {
  const { line, entry, evidence } = item
  for (let test = 0; evidence !== null && test < entry.tests; test++) {
    const sides = evidence(test)
    for (const side of SIDES) {
      for (const { flag, file, line: fileLine, what } of explained(sides[side], test)) {
        yield { line, id: entry.id, side, test: test + 1, flag, file, fileLine, what }
      }
    }
  }
}

/**
 * Where the two rules say different things, and why: how many cases have each pair of judgements, how many tests each pair of
 * words, and the cases in which they differ.
 */
export function compareRules({ items }: Snapshot) {
  const judgements: Record<string, number> = {}
  const cells: Record<string, number> = {}
  const cases: { line: number; id: string | number | null; compat: string; strict: string; why: string[] }[] = []
  let notListed = 0
  for (const item of items) {
    if (item.judgement === null) continue
    const { compat, strict } = judgementWords(item)
    count(judgements, `${compat} / ${strict}`)
    for (let test = 0; test < item.entry.tests; test++) {
      const words = cellWords(item, test)
      count(cells, `${words.compat} / ${words.strict}`)
    }
    if (compat === strict) continue
    if (cases.length >= MAX_LISTED) notListed++
    else cases.push({ line: item.line, id: item.entry.id, compat, strict, why: whyDiffer(item) })
  }
  return { judgements, cells, cases, notListed }
}

function count(counts: Record<string, number>, key: string): void {
  counts[key] = (counts[key] ?? 0) + 1
}

/** In words: which tests, and what of them. */
function whyDiffer(item: Item): string[] {
  const reasons = new Map<string, number[]>()
  for (let test = 0; test < item.entry.tests; test++) {
    const { compat, strict } = cellWords(item, test) as Record<'compat' | 'strict', CellWord>
    if (compat === strict) continue
    const why = whyCell(item, test, compat, strict)
    reasons.set(why, [...(reasons.get(why) ?? []), test + 1])
  }
  if (reasons.size === 0)
    return [item.entry.tests === 0 ? 'it has no tests' : wordsOnly(item.judgement as { strict: JudgementWord })]
  return [...reasons].map(([why, tests]) => `${why} (${tests.length === 1 ? 'test' : 'tests'} ${tests.join(', ')})`)
}

/** The cells are the same: the rules sum them up differently. */
function wordsOnly({ strict }: { strict: JudgementWord }): string {
  return `the cells are the same, their sum is ${strict} under the strict rule`
}

function whyCell(item: Item, test: number, compat: CellWord, strict: CellWord): string {
  const evidence = item.evidence?.(test)
  if (evidence === undefined) return 'nothing to go by'
  const original = item.entry.source
  const translation = original === 'cpp' ? 'cuda' : 'cpp'
  const flags = (side: Side) => flagsOf(evidence[side]).join(', ')
  if (strict === 'void')
    return flags(original) === '' ? 'the original did not succeed' : `the original is flagged ${flags(original)}`
  if (strict === 'unknown') return 'a strict pass came to no decision'
  if (compat === 'unknown' && SIDES.some((side) => evidence[side].plain?.near))
    return 'nodes agree within the tolerance, not on one text'
  if (strict === 'pass') return 'equal as numbers, not as text'
  if (evidence.equal === false) return compat === 'pass' ? 'equal as printed, not at full precision' : 'outputs differ'
  if (flags(translation) !== '') return `the translation is flagged ${flags(translation)}`
  return 'the translation did not succeed apart from the harness'
}
