/** Puts grammar and examples into docs/protocol.md again: `node test/specification/make.ts`. */
import { readFile, writeFile } from 'node:fs/promises'
import { withParts } from './document.ts'

const PAGE = new URL('../../docs/protocol.md', import.meta.url)
await writeFile(PAGE, await withParts(await readFile(PAGE, 'utf8')))
