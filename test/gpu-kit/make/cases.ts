import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { parseCaseLine, programOf, ROUND_DEFAULTS } from '../../../protocol/index.ts'
import type { Sandbox } from '../../../sandbox/index.ts'
import { type CaseSet, type EmulatedTest, type KitCase, nameOf } from '../there/cases.ts'

/** Where each set is read from, and who says what must be printed. The dev cases are never copied into the project, only into kits. */
const SETS: Readonly<Record<CaseSet, { file: URL; from: 'a GPU' | 'sequential C++' }>> = {
  corpus: { file: new URL('../../corpus/corpus.jsonl', import.meta.url), from: 'sequential C++' },
  dev: { file: new URL('../../../../shared/data/babeltower/eval-dev.jsonl', import.meta.url), from: 'a GPU' },
  examples: { file: new URL('../../../docs/examples/first-round.jsonl', import.meta.url), from: 'sequential C++' },
}

/** A case as it is before anything has run it. */
export type BareCase = Omit<KitCase, 'emulated' | 'host'>

/**
 * Every set that is there; those whose name (`corpus/axpy`) matches. The recorded ones and the corpus in turn, the examples last: where
 * time is short what comes first is run, and it is some of both.
 */
export function readSets(wanted: RegExp): BareCase[] {
  const [dev, corpus, examples] = [readSet('dev'), readSet('corpus'), readSet('examples')]
  const turns = Array.from({ length: Math.max(dev.length, corpus.length) }, (_, at) => [dev[at], corpus[at]])
  const found = [...turns.flat(), ...examples].filter((one) => one !== undefined)
  return found.filter((one) => wanted.test(nameOf(one)))
}

function readSet(set: CaseSet): BareCase[] {
  const { file, from } = SETS[set]
  const lines = textOf(file).split('\n')
  return lines.flatMap((line, index): BareCase[] => {
    if (line === '') return []
    const item = parseCaseLine(line, { file: file.pathname, line: index + 1 }, (code) =>
      createHash('sha256').update(code).digest('hex'),
    )
    const { consistent_outputs: outputs } = JSON.parse(line) as { consistent_outputs?: string[] }
    const expected = outputs?.map((text) => ({ from, text })) ?? null
    return [{ set, id: String(item.id), program: programOf(item, 'cuda'), original: programOf(item, 'cpp'), expected }]
  })
}

function textOf(file: URL): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

/** What the emulated executor says of every test, in both passes, and what the other side prints. */
export async function emulate(sandbox: Sandbox, one: BareCase, signal: AbortSignal): Promise<KitCase> {
  const { limits } = ROUND_DEFAULTS
  const run = async (pass: 'plain' | 'isolated') =>
    (await sandbox.execute(one.program, 'emulated', limits, { signal, pass })).tests
  const { tests: original } = await sandbox.execute(one.original, 'host', limits, { signal })
  const [plain, isolated] = [await run('plain'), await run('isolated')]
  const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')
  const emulated = plain.map((test, at): EmulatedTest => {
    const strict = isolated[at]
    if (strict === undefined) throw new Error(`${nameOf(one)}: the isolated pass has other tests`)
    const flags = strict.findings.map(({ flag }) => flag).sort()
    return {
      plain: { status: test.status, output: base64(test.output) },
      isolated: { status: strict.status, output: base64(strict.output), flags },
    }
  })
  const host = original.map(({ status, output }) => ({ status, output: base64(output) }))
  return { ...one, emulated, host }
}
