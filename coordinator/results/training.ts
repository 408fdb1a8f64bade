import type { Program } from '../../protocol/index.ts'
import type { Content } from './content.ts'
import { jsonArray } from './pieces.ts'
import type { Snapshot } from './snapshot.ts'
import { SIDE_NAMES, validPairs } from './translations.ts'
import { turnBack } from './turn-back.ts'

/** One example of LLaMA-Factory's alpaca form. */
export interface AlpacaEntry {
  system: string
  instruction: string
  input: string
  output: string
}

/** What the Tester is trained on says for which side it was made. */
export interface TesterEntry extends AlpacaEntry {
  target: 'CPP' | 'CUDA'
}

/** `translator_sft.json`: from the original's code to the translation's. A CUDA side's code is its kernels; wrappers are not part of it. */
export function translatorSet(snapshot: Snapshot, content: Content): AsyncGenerator<string> {
  return jsonArray(translatorEntries(snapshot, content))
}

async function* translatorEntries(snapshot: Snapshot, content: Content): AsyncGenerator<AlpacaEntry> {
  const system = snapshot.round.spec.prompts.translator
  for await (const { original, translation } of validPairs(snapshot, content)) {
    yield { system, instruction: original.code, input: '', output: translation.code }
  }
}

/**
 * `tester_sft.json`: from the translated side's code to its valid tests.
 *
 * Which cases are in it: co-verify keeps a pair whose outputs agree "and its tests as valid", and co-evolve trains on
 * what was kept. So a test is valid when it passed under the round's rule and its pair was kept.
 * A test that happened to pass on a translation known to be wrong is not: that would teach the Tester, from wrong code,
 * the very tests that do not tell. Cases without a valid test are left out.
 */
export function testerSet(snapshot: Snapshot, content: Content): AsyncGenerator<string> {
  return jsonArray(testerEntries(snapshot, content))
}

async function* testerEntries(snapshot: Snapshot, content: Content): AsyncGenerator<TesterEntry> {
  const system = snapshot.round.spec.prompts.tester
  for await (const { translation, valid } of validPairs(snapshot, content)) {
    if (valid.length === 0) continue
    const tests = valid.map((test) => translation.tests[test] as string)
    yield { system, instruction: codeOf(translation), input: '', output: inputCases(tests), target: SIDE_NAMES[translation.side] }
  }
}

function codeOf({ code, wrapper }: Program): string {
  return wrapper === '' ? code : `${code}\n${wrapper}`
}

/** Tests as the Tester writes them: numbered blocks, each ending in a plain call. */
function inputCases(tests: readonly string[]): string {
  return tests.map((test, index) => `//Input case ${index + 1}:\n${turnBack(test).trim()}`).join('\n')
}

const COLUMNS = { prompt: 'instruction', query: 'input', response: 'output', system: 'system' } as const

/** `dataset_info.json`: registers both sets with LLaMA-Factory, each under its file's name. */
export async function* datasetInfo(): AsyncGenerator<string> {
  const entry = (name: string) => [name, { file_name: `${name}.json`, formatting: 'alpaca', columns: COLUMNS }] as const
  yield `${JSON.stringify(Object.fromEntries([entry('translator_sft'), entry('tester_sft')]), null, 2)}\n`
}
