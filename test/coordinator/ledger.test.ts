import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Ledger } from '../../coordinator/ledger.ts'
import { Intake } from '../../coordinator/rounds/intake.ts'
import type { Store } from '../../coordinator/store/store.ts'
import { SPEC } from '../support/swarm.ts'

/** A store that is as slow as the test wants. */
function storeOn(append: () => Promise<void>): Store {
  const disk = { get: async () => undefined, clear: async () => undefined }
  return { events: async function* () {}, append, disk, last: 0 } as unknown as Store
}

describe('the ledger', () => {
  it('answers with a failure when the store is closed before what it would say is on disk', async () => {
    const ledger = await Ledger.open(storeOn(() => Promise.reject(new Error('closed before'))))
    const intake = new Intake({ ledger, clock: { now: () => 1 } })
    await assert.rejects(intake.open('owner', { t: 'open', spec: SPEC, casesDigest: 'd', salt: '' }, 1), /closed before/)
  })

  it('answers nobody before what the answer says is on disk, also when another stream recorded it', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const ledger = await Ledger.open(storeOn(() => promise))
    const intake = new Intake({ ledger, clock: { now: () => 1 } })
    const answered: string[] = []
    const open = async (who: string) => {
      await intake.open('owner', { t: 'open', spec: SPEC, casesDigest: 'd', salt: '' }, 1)
      answered.push(who)
    }
    const first = open('first')
    while (ledger.state.rounds.size === 0) await new Promise((done) => setImmediate(done))
    const second = open('second')
    for (let turn = 0; turn < 10; turn++) await new Promise((done) => setImmediate(done))
    assert.deepEqual(answered, [])
    resolve()
    await Promise.all([first, second])
    assert.equal(ledger.state.events, 1)
  })
})
