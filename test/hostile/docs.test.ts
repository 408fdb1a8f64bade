import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { IDS } from './attacks.ts'
import { GPU_ATTACKS, GPU_IDS } from './gpu.ts'
import { ISOLATED_HEAD, isolatedRows, TABLE_HEAD, tableRows } from './table.ts'

const DOC = new URL('../../docs/sandbox.md', import.meta.url)

test('docs/sandbox.md lists every hostile program as it is tested, and no other', async () => {
  const lines = (await readFile(DOC, 'utf8')).split('\n')
  const listed = lines.filter((line) => /^\| [CRHG]\d+ \|/.test(line))
  const wanted = [...tableRows(), ...isolatedRows(), ...tableRows(GPU_ATTACKS), ...isolatedRows(GPU_ATTACKS)]
  assert.deepEqual(listed, wanted, 'the tables are made by: node test/hostile/table.ts')
  assert.ok([...TABLE_HEAD, ...ISOLATED_HEAD].every((line) => lines.includes(line)))
})

test('docs/sandbox.md names no id that has no test', async () => {
  const named = (await readFile(DOC, 'utf8')).match(/\b[CRHG]\d+\b/g) ?? []
  assert.deepEqual(
    [...new Set(named)].filter((id) => ![...IDS, ...GPU_IDS].includes(id)),
    [],
  )
})
