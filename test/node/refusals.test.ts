import assert from 'node:assert/strict'
import { stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { isRefused, NO_REFUSALS, readRefusals, writeRefusals } from '../../node/refusals.ts'
import { scratch } from '../support/scratch.ts'

const origin = (label: string, researcher = 'r') => ({ label, researcher })

describe('what an owner does not want', () => {
  for (const { id, refusals, origins, refused } of [
    { id: 'nothing', refusals: {}, origins: [origin('x')], refused: false },
    { id: 'a label', refusals: { labels: ['weather'] }, origins: [origin('Weather')], refused: true },
    { id: 'another label', refusals: { labels: ['weather'] }, origins: [origin('weather 2')], refused: false },
    { id: 'a pattern', refusals: { labels: ['*mine*'] }, origins: [origin('coin Mining\nround')], refused: false },
    { id: 'a pattern over lines', refusals: { labels: ['coin*round'] }, origins: [origin('coin Mining\nround')], refused: true },
    { id: 'signs of patterns', refusals: { labels: ['a.c(1)'] }, origins: [origin('abc(1)')], refused: false },
    { id: 'a researcher', refusals: { researchers: ['12D3x'] }, origins: [origin('x', '12D3x')], refused: true },
    { id: 'one of two rounds', refusals: { labels: ['b'] }, origins: [origin('a'), origin('b')], refused: true },
    { id: 'no label, wanted', refusals: { labels: ['*'] }, origins: undefined, refused: false },
    { id: 'no label, not wanted', refusals: { unlabelled: true }, origins: undefined, refused: true },
  ]) {
    it(id, () => assert.equal(isRefused({ ...NO_REFUSALS, ...refusals }, origins === undefined ? {} : { origins }), refused))
  }

  it('is kept in a file that only its owner reads, and is never taken for nothing', async (t) => {
    const file = join(await scratch(t), 'refused.json')
    assert.deepEqual(await readRefusals(file), NO_REFUSALS)
    await writeRefusals(file, { ...NO_REFUSALS, labels: ['a'] })
    assert.deepEqual((await readRefusals(file)).labels, ['a'])
    assert.equal((await stat(file)).mode & 0o777, 0o600)
    await writeFile(file, '{"labels": ["a"')
    await assert.rejects(readRefusals(file), { code: 'file', message: /move it away/ })
  })
})
