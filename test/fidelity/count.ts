/**
 * Counts what a finished run says about a file of cases: `node test/fidelity/count.ts CASES.jsonl OUT [--json]`, where OUT is
 * the folder `kernelswarm run CASES.jsonl --out OUT` wrote. Where the cases carry outputs that somebody recorded on a GPU
 * (`consistent_outputs`), how many of the printed ones are the recorded ones.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { compatEqual } from '../../protocol/index.ts'

interface SideOutcome {
  status: string | null
  output: string | null
  flags: string[]
}

interface Outcome {
  line: number
  id: string | number | null
  judgement: { compat: string; strict: string }
  tests: { cpp: SideOutcome; cuda: SideOutcome; compat: string; strict: string }[]
}

/** A table of counts: what was counted, in words, and how often. */
export type Counts = Record<string, number>

export interface Recorded {
  tests: number
  cpp: number
  cuda: number
  both: number
  /** `id/test` (tests from 0) of those that are not on both sides what was recorded. */
  other: string[]
}

export interface Fidelity {
  cases: number
  tests: number
  recorded: Recorded | null
  /** `compat / strict`. */
  judgements: Counts
  cells: Counts
  flags: { cpp: Counts; cuda: Counts }
  /** Tests with a flag on either side. */
  flaggedTests: number
  /** `id/test` by flag and side. */
  flagged: Record<string, string[]>
}

/** How well an output agrees with a recorded one, by the reference's own rule. */
function isRecorded(side: SideOutcome, recorded: string): boolean {
  return side.status === 'success' && compatEqual(Buffer.from(side.output ?? ''), Buffer.from(recorded))
}

export function countFidelity(cases: readonly { consistent_outputs?: string[] }[], outcomes: readonly Outcome[]): Fidelity {
  const result: Fidelity = {
    cases: outcomes.length,
    tests: 0,
    recorded: null,
    judgements: {},
    cells: {},
    flags: { cpp: {}, cuda: {} },
    flaggedTests: 0,
    flagged: {},
  }
  for (const [index, { id, judgement, tests }] of outcomes.entries()) {
    count(result.judgements, `${judgement.compat} / ${judgement.strict}`)
    for (const [at, test] of tests.entries()) {
      const name = `${id}/${at}`
      result.tests++
      count(result.cells, `${test.compat} / ${test.strict}`)
      for (const side of ['cpp', 'cuda'] as const) {
        for (const flag of test[side].flags) {
          count(result.flags[side], flag)
          result.flagged[`${flag}, ${side}`] = [...(result.flagged[`${flag}, ${side}`] ?? []), name]
        }
      }
      if (test.cpp.flags.length + test.cuda.flags.length > 0) result.flaggedTests++
      const recorded = cases[index]?.consistent_outputs?.[at]
      if (recorded !== undefined) result.recorded = addRecorded(result.recorded, name, test, recorded)
    }
  }
  return result
}

function addRecorded(
  so: Recorded | null,
  name: string,
  { cpp, cuda }: { cpp: SideOutcome; cuda: SideOutcome },
  recorded: string,
): Recorded {
  const sum = so ?? { tests: 0, cpp: 0, cuda: 0, both: 0, other: [] }
  const [left, right] = [isRecorded(cpp, recorded), isRecorded(cuda, recorded)]
  sum.tests++
  if (left) sum.cpp++
  if (right) sum.cuda++
  if (left && right) sum.both++
  else sum.other.push(name)
  return sum
}

function count(counts: Counts, key: string): void {
  counts[key] = (counts[key] ?? 0) + 1
}

function linesOf(file: string) {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))
}

if (import.meta.main) {
  const { positionals, values } = parseArgs({ allowPositionals: true, options: { json: { type: 'boolean', default: false } } })
  const [cases = '', out = ''] = positionals
  const fidelity = countFidelity(linesOf(cases), linesOf(join(out, 'outcomes.jsonl')))
  process.stdout.write(`${values.json ? JSON.stringify(fidelity) : JSON.stringify(fidelity, null, 2)}\n`)
}
