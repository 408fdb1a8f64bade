/**
 * Records what a release says and stores, once, when it is made: `node test/vectors/release.ts`. What stands in `releases/` is never made
 * again, so that all later releases are held against it (test/protocol/releases.test.ts). A version that was not released yet may be
 * recorded anew: `--again`.
 */
import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { gzipSync } from 'node:zlib'
import { ANNOUNCEMENTS_TOPIC, ROUNDS_PROTOCOL, VERSION, WORK_PROTOCOL } from '../../protocol/index.ts'
import { GRAMMARS, grammar } from '../specification/grammar.ts'
import { RELEASES, type RecordedForms, VECTOR_FILES } from './releases.ts'
import { recordedRound } from './round.ts'

const { values } = parseArgs({ options: { again: { type: 'boolean', default: false } } })
const folder = new URL(`${VERSION}/`, RELEASES)
if (values.again) await rm(folder, { recursive: true, force: true })
await mkdir(RELEASES, { recursive: true })
await mkdir(folder)
for (const file of VECTOR_FILES) await copyFile(new URL(file, import.meta.url), new URL(file, folder))
const forms: RecordedForms = {
  protocols: [WORK_PROTOCOL, ROUNDS_PROTOCOL, ANNOUNCEMENTS_TOPIC],
  blocks: Object.fromEntries(Object.keys(GRAMMARS).map((block) => [block, grammar(block)])),
}
await writeFile(new URL('forms.json', folder), `${JSON.stringify(forms, null, 2)}\n`)
const { store, outcome } = await recordedRound()
await writeFile(new URL('store.gz', folder), gzipSync(store, { level: 9 }))
await writeFile(new URL('outcome.json', folder), `${JSON.stringify(outcome, null, 2)}\n`)
