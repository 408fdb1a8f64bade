/**
 * Records what a release says and stores, once, when it is made: `node test/vectors/release.ts`. What stands in `releases/` is never made
 * again, so that all later releases are held against it (test/protocol/releases.test.ts). A version that was not released yet may be
 * recorded anew: `--again`.
 */
import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { gzipSync } from 'node:zlib'
import { VERSION } from '../../protocol/index.ts'
import { RELEASES, VECTOR_FILES } from './releases.ts'
import { recordedRound } from './round.ts'

const { values } = parseArgs({ options: { again: { type: 'boolean', default: false } } })
const folder = new URL(`${VERSION}/`, RELEASES)
if (values.again) await rm(folder, { recursive: true, force: true })
await mkdir(RELEASES, { recursive: true })
await mkdir(folder)
for (const file of VECTOR_FILES) await copyFile(new URL(file, import.meta.url), new URL(file, folder))
const { store, outcome } = await recordedRound()
await writeFile(new URL('store.gz', folder), gzipSync(store, { level: 9 }))
await writeFile(new URL('outcome.json', folder), `${JSON.stringify(outcome, null, 2)}\n`)
