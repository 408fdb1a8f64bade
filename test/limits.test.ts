import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { runInNewContext } from 'node:vm'
import * as limits from '../protocol/limits.ts'

const read = (file: string) => readFile(new URL(`../${file}`, import.meta.url), 'utf8')
/** Files whose every exported number is on the page. */
const WHOLE = ['protocol/limits.ts', 'coordinator/http/limits.ts', 'node/history/limits.ts', 'node/daemon/limits.ts']

interface Row {
  file: string
  name: string
  value: number
}

/** The rows of docs/limits.md that are about a constant: its file is the heading above them. */
function rowsOf(page: string): Row[] {
  const rows: Row[] = []
  let file = ''
  for (const line of page.split('\n')) {
    file = /^### `(.+)`$/.exec(line)?.[1] ?? file
    const found = /^\| `([A-Z][A-Z0-9_]+)` \| ([\d.,]+)/.exec(line)
    if (found !== null) rows.push({ file, name: found[1] as string, value: Number((found[2] as string).replaceAll(',', '')) })
  }
  return rows
}

/** The value of a constant as its file says; other limits may stand in it. */
function valueIn(text: string, name: string): number | null {
  const expression = new RegExp(`^(?:export )?const ${name}(?:: number)? = (.+)$`, 'm').exec(text)?.[1]
  return expression === undefined ? null : (runInNewContext(expression, { ...limits }) as number)
}

describe('docs/limits.md', () => {
  it('says of every number what the code says', async () => {
    const rows = rowsOf(await read('docs/limits.md'))
    assert.ok(rows.length > 60, `${rows.length} rows`)
    for (const { file, name, value } of rows) assert.equal(value, valueIn(await read(file), name), `${name} in ${file}`)
  })

  it('has every number that the rooms agree on, and that HTTP keeps to', async () => {
    const rows = rowsOf(await read('docs/limits.md'))
    for (const file of WHOLE) {
      const names = [...(await read(file)).matchAll(/^export const ([A-Z][A-Z0-9_]+)/gm)].map(([, name]) => name)
      assert.ok(names.length > 5, file)
      const missing = names.filter((name) => !rows.some((row) => row.file === file && row.name === name))
      assert.deepEqual(missing, [], `add to ${file} in docs/limits.md: | \`NAME\` | value unit | what it bounds, and why |`)
    }
  })

  it('names files that are there', async () => {
    const page = await read('docs/limits.md')
    for (const [, file] of page.matchAll(/`((?:protocol|coordinator|node|sandbox)\/[\w/.-]+\.ts)`/g)) await read(file as string)
  })
})
