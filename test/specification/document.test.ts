import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import {
  CertificateCode,
  FromNode,
  FromResearcher,
  NoticeCode,
  RefuseCode,
  RejectCode,
  ROUNDS_PROTOCOL,
  RoundRefusal,
  ToNode,
  ToResearcher,
  WORK_PROTOCOL,
} from '../../protocol/index.ts'
import * as limits from '../../protocol/limits.ts'
import { VECTOR_FILES } from '../vectors/releases.ts'
import { withParts } from './document.ts'

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url))
const PAGE = here('../../docs/protocol.md')
const VECTORS = here('../vectors')
const page = await readFile(PAGE, 'utf8')

interface Row {
  protocol: string
  by?: string
  expect: string
  message?: { t: string }
}

const kindsOf = (schema: { options: readonly { shape: { t: { value: string } } }[] }) =>
  schema.options.map(({ shape }) => shape.t.value)
const DIRECTIONS = [
  { id: 'work ', kinds: kindsOf(FromNode as never) },
  { id: 'work coordinator', kinds: kindsOf(ToNode as never) },
  { id: 'rounds ', kinds: kindsOf(FromResearcher as never) },
  { id: 'rounds coordinator', kinds: kindsOf(ToResearcher as never) },
]

describe('docs/protocol.md', () => {
  it('has the grammar and the examples of the code: else run node test/specification/make.ts', async () => {
    assert.equal(page, await withParts(page))
    assert.ok(page.includes(WORK_PROTOCOL) && page.includes(ROUNDS_PROTOCOL))
  })

  it('says of every code what it means', () => {
    const tables = page.slice(page.indexOf('## 6. Work'))
    const codes = [RefuseCode, RejectCode, NoticeCode, RoundRefusal, CertificateCode].flatMap(({ options }) => [...options])
    const source = page.slice(page.indexOf('## 9. Codes'), page.indexOf('## 10. Limits'))
    for (const code of codes) assert.ok(tables.includes(`\`${code}\``), code)
    for (const [, code] of source.matchAll(/^\| `([\w-]+)` \|/gm))
      assert.ok(code === 'cut' || CUTS.includes(code as string), code)
    for (const code of CUTS) assert.ok(source.includes(`\`${code}\``), code)
  })

  it('says what comes of every message', () => {
    const states = page.slice(page.indexOf('## 6. Work'), page.indexOf('## 8. Announcements'))
    for (const { id, kinds } of DIRECTIONS) for (const kind of kinds) assert.ok(states.includes(`\`${kind}\``), `${id}: ${kind}`)
  })

  it('has the numbers of the code', () => {
    const rows = [...page.matchAll(/^\| `([A-Z_]+)` \| ([\d,]+) \|$/gm)]
    assert.ok(rows.length > 10)
    for (const [, name, value] of rows)
      assert.equal(Number(value?.replaceAll(',', '')), (limits as Record<string, number>)[name ?? ''], name)
  })

  it('has a vector for every message', async () => {
    const rows = JSON.parse(await readFile(`${VECTORS}/messages.json`, 'utf8')) as Row[]
    for (const { id, kinds } of DIRECTIONS) {
      const own = rows.filter(({ protocol, by = '', expect }) => `${protocol} ${by}` === id && expect === 'ok')
      const missing = kinds.filter((kind) => !own.some(({ message }) => message?.t === kind))
      assert.deepEqual(missing, [], id)
    }
  })

  it('is enough for a reader of its own to come to the same with every vector', async () => {
    const { stdout } = await promisify(execFile)('python3', [here('reader.py'), PAGE, VECTORS])
    const { right, wrong } = JSON.parse(stdout) as { right: Record<string, number>; wrong: unknown[] }
    assert.deepEqual(wrong, [])
    for (const [file, count] of Object.entries(right)) {
      assert.equal(count, (JSON.parse(await readFile(`${VECTORS}/${file}`, 'utf8')) as unknown[]).length, file)
    }
    assert.deepEqual(Object.keys(right).sort(), [...VECTOR_FILES].sort())
  })
})

/** What a coordinator may say when it cuts somebody: the codes of ProtocolError, and its own fault. */
const CUTS = ['too-large', 'malformed', 'not-canonical', 'schema', 'unexpected', 'timeout', 'signature', 'closed', 'internal']
