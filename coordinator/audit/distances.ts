import { outputsApart } from '../../protocol/index.ts'
import type { ArchiveFile } from './archive-file.ts'
import { type Far, onlyBytes } from './digits.ts'
import type { AuditPlace } from './failure.ts'
import type { Outputs, Saying } from './majority.ts'
import { comparatorOf, type Manifest, type TaskRecord } from './records.ts'
import { textOf } from './verdicts.ts'

/**
 * Measures the outputs of a task that are to be held against each other: of the same test and kind, whose bytes differ, where
 * the round's votes have a tolerance. Only these are read.
 */
export async function measure(
  archive: ArchiveFile,
  manifest: Manifest,
  { pass }: TaskRecord,
  answers: readonly (readonly Saying[])[],
  place: AuditPlace,
): Promise<Outputs> {
  const compare = pass === 'plain' || pass === 'isolated' ? comparatorOf(manifest) : null
  if (compare === null) return { far: onlyBytes, text: (output) => output }
  const known = new Map<string, number>()
  const texts = new Map<string, string>()
  for (const [a, b] of pairsIn(answers)) {
    const read = async (output: string) => await archive.bytes(output, place, 'the output')
    const tolerances = outputsApart(pass, await read(a), await read(b), compare)
    known.set(`${a} ${b}`, tolerances ?? Number.POSITIVE_INFINITY)
    for (const output of [a, b])
      if (!texts.has(output)) texts.set(output, await textOf(archive, pass === 'isolated', output, place))
  }
  const far: Far = (a, b) => (a === b ? 0 : (known.get(a < b ? `${a} ${b}` : `${b} ${a}`) ?? Number.POSITIVE_INFINITY))
  return { far, text: (output) => texts.get(output) ?? output }
}

/** The pairs, the smaller name first, each once. */
function pairsIn(answers: readonly (readonly Saying[])[]): [string, string][] {
  const pairs = new Map<string, [string, string]>()
  const seen = new Map<string, Set<string>>()
  for (const answer of answers) {
    for (const [test, { kind, output }] of answer.entries()) {
      const others = seen.get(`${test} ${kind}`) ?? new Set()
      seen.set(`${test} ${kind}`, others)
      for (const other of others) {
        const pair: [string, string] = output < other ? [output, other] : [other, output]
        if (output !== other) pairs.set(pair.join(' '), pair)
      }
      others.add(output)
    }
  }
  return [...pairs.values()]
}
