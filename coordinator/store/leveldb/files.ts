import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Fault } from './fault.ts'
import { faultsOfLog } from './log-file.ts'
import { faultsOfTable } from './table-file.ts'

/** What a file of a database is checked by; its lock and the notes it takes for people are not its content. */
const CHECKS: [RegExp, (bytes: Uint8Array) => Iterable<Fault>][] = [
  [/^\d+\.(ldb|sst)$/, faultsOfTable],
  [/^\d+\.log$/, faultsOfLog],
  [/^MANIFEST-\d+$/, faultsOfLog],
  [/^CURRENT$/, faultsOfCurrent],
]

/**
 * Reads every file of a LevelDB folder and holds it against the checksums in it: LevelDB itself does so for what it happens
 * to read, and passes over what is wrong in its log. Nobody may write there meanwhile.
 * @throws when a file cannot be read
 */
export async function* faultsIn(folder: string): AsyncGenerator<Fault & { file: string }> {
  for (const file of (await readdir(folder)).sort()) {
    const check = CHECKS.find(([name]) => name.test(file))?.[1]
    if (check === undefined) continue
    const bytes = await readFile(join(folder, file))
    for (const fault of check(bytes)) yield { file, ...fault }
  }
}

/** Names the manifest; that one is there shows when the database is opened. */
function* faultsOfCurrent(bytes: Uint8Array): Generator<Fault> {
  if (!/^MANIFEST-\d{6,}\n$/.test(Buffer.from(bytes).toString('latin1'))) yield { at: 0, what: 'names no manifest' }
}
