import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { it } from 'node:test'
import { PREFERENCE_ROWS } from '../../node/preferences/schema.ts'

it('docs/volunteers.md has every preference with its default and meaning, and no other', async () => {
  const page = await readFile(new URL('../../docs/volunteers.md', import.meta.url), 'utf8')
  const section = page.split('\n## ').find((part) => part.startsWith('The preferences file')) ?? ''
  const rows = section.split('\n').filter((line) => line.startsWith('| `'))
  const expected = PREFERENCE_ROWS.map(
    ({ path, byDefault, says }) => `| \`${path.join('.')}\` | \`${JSON.stringify(byDefault)}\` | ${says} |`,
  )
  assert.deepEqual(rows, expected)
})
