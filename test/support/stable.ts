import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Result files that must not depend on who ran what when. */
export const STABLE = [
  'outcomes.jsonl',
  'valid_translations.jsonl',
  'translator_sft.json',
  'tester_sft.json',
  'dataset_info.json',
  'matrix.csv',
  'scores.json',
] as const

/** Their texts in a folder of results, by name. @throws where one is not there */
export async function stableIn(folder: string): Promise<Record<string, string>> {
  return Object.fromEntries(await Promise.all(STABLE.map(async (name) => [name, await readFile(join(folder, name), 'utf8')])))
}

/** The same of results that were fetched. @throws where one is not there */
export function stableOf(files: ReadonlyMap<string, string>): Record<string, string> {
  return Object.fromEntries(
    STABLE.map((name) => {
      const text = files.get(name)
      if (text === undefined) throw new Error(`no ${name} among the results`)
      return [name, text]
    }),
  )
}
