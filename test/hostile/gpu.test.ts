import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { createSandbox } from '../../sandbox/index.ts'
import { CACHE } from '../support/cache.ts'
import { patience } from '../support/patience.ts'
import { attempt, isolatedSurprises } from './attempt.ts'
import { Bait } from './bait.ts'
import { contained, nextIsRight } from './contained.ts'
import { GPU_ATTACKS, GPU_IDS } from './gpu.ts'

const COUNT = 9

test('every id of the list against a GPU is there, each attack has a name of its own and says how it ends in both passes', () => {
  assert.deepEqual(
    GPU_IDS,
    Array.from({ length: COUNT }, (_, at) => `G${at + 1}`),
  )
  assert.equal(new Set(GPU_ATTACKS.map(({ name }) => name)).size, GPU_ATTACKS.length)
  for (const { name, tests, ends, isolated } of GPU_ATTACKS) {
    assert.deepEqual([ends.length, isolated?.length], [tests.length, tests.length], name)
  }
})

const sandbox = await createSandbox({ cacheDir: CACHE })
const skip = sandbox.executors.includes('gpu') ? false : 'this machine has no GPU that the sandbox can use'

suite('a hostile program on a GPU', { timeout: patience(600_000), skip }, () => {
  for (const attack of GPU_ATTACKS) {
    test(`${attack.id} ${attack.name}: contained, and the GPU is right after it`, async () => {
      await contained(sandbox, attack, 'gpu')
    })

    test(`${attack.id} ${attack.name}: in the isolated pass`, async () => {
      await using bait = await Bait.lay(CACHE)
      const runs = await attempt(sandbox, attack, bait, { device: 'gpu', pass: 'isolated' })
      assert.deepEqual(isolatedSurprises(attack, runs), [])
      await nextIsRight(sandbox, 'gpu')
    })
  }
})
