import assert from 'node:assert/strict'
import { before, suite, test } from 'node:test'
import { createSandbox, type Sandbox } from '../../sandbox/index.ts'
import { CACHE } from '../support/cache.ts'
import { ATTACKS } from './attacks.ts'
import { attempt, isolatedSurprises } from './attempt.ts'
import { Bait } from './bait.ts'

test('every row against the harness says what the isolated pass makes of it', () => {
  const without = ATTACKS.filter(({ id, isolated, tests }) => id.startsWith('H') && isolated?.length !== tests.length)
  assert.deepEqual(without, [])
})

suite('a program against the harness, in the isolated pass', { timeout: 300_000 }, () => {
  let sandbox: Sandbox
  before(async () => {
    sandbox = await createSandbox({ cacheDir: CACHE })
  })
  for (const attack of ATTACKS.filter(({ isolated }) => isolated !== undefined)) {
    test(`${attack.id} ${attack.name}`, async () => {
      await using bait = await Bait.lay(CACHE)
      const runs = await attempt(sandbox, attack, bait, { pass: 'isolated' })
      assert.deepEqual(isolatedSurprises(attack, runs), [])
    })
  }
})
