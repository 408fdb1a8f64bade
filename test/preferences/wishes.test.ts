import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { it } from 'node:test'

const page = async (name: string) => await readFile(new URL(`../../${name}`, import.meta.url), 'utf8')

it('docs/volunteers.md names for each wish tests that there are', async () => {
  const section = (await page('docs/volunteers.md'))
    .split('\n## ')
    .find((part) => part.startsWith('What volunteers have asked for'))
  const rows = (section ?? '').split('\n').filter((line) => line.startsWith('| ') && !/^\| (wish|---)/.test(line))
  assert.equal(rows.length, 15)
  for (const row of rows) {
    const [, wish = '', tests = ''] = row.split('|').map((cell) => cell.trim())
    const named = [...tests.matchAll(/`([\w/.-]+)` "([^"]+)"/g)]
    assert.ok(
      named.length > 0 &&
        tests
          .replace(/`[\w/.-]+` "[^"]+"/g, '')
          .replaceAll(';', '')
          .trim() === '',
      wish,
    )
    for (const [, file = '', name = ''] of named) {
      const names = (await page(`test/${file}`)).match(/(?<=\b(?:it|test|id:|suite|describe)[( ]*['`]).*?(?=['`],)/g) ?? []
      assert.ok((names as string[]).includes(name), `${wish}: there is no test "${name}" in ${file}`)
    }
  }
})
