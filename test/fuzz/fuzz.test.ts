import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { patience } from '../support/patience.ts'
import { bytesOf, decoderOf, readCorpus } from './corpus.ts'
import { DECODERS, decodeMany, takes } from './decoders.ts'
import type { DirectionName } from './directions.ts'
import { Fuzzed } from './run.ts'
import { closeServers } from './servers.ts'

/** Short forms of `npm run fuzz`. */
const MESSAGES = 500
const INPUTS = 200
const DIRECTIONS: DirectionName[] = ['to-coordinator/work', 'to-coordinator/rounds', 'to-node', 'to-researcher']

describe('whatever is said', { timeout: patience(300_000) }, () => {
  let fuzzed: Fuzzed
  const warnings: Error[] = []
  const onWarning = (warning: Error) => warnings.push(warning)
  before(async () => {
    process.on('warning', onWarning)
    fuzzed = await Fuzzed.start()
  })
  after(async () => {
    process.off('warning', onWarning)
    await fuzzed[Symbol.asyncDispose]()
    await closeServers()
  })

  for (const direction of DIRECTIONS) {
    it(`${direction}: the session ends, and answers with messages only`, async () => {
      const { messages } = await fuzzed.sayMany(direction, { messages: MESSAGES, seed: 1 })
      assert.ok(messages >= MESSAGES)
      assert.deepEqual(warnings, [])
    })
  }

  it('and whatever did harm once', async () => {
    for (const { file, saved } of await readCorpus()) {
      const decoder = decoderOf(saved)
      if (decoder === null) await fuzzed.say(saved.to as DirectionName, bytesOf(saved))
      else for (const bytes of bytesOf(saved)) await takes(decoder, bytes)
      assert.deepEqual(warnings, [], file)
    }
  })

  for (const decoder of DECODERS) {
    it(`${decoder.id}: what is right is taken, and all else is or is refused`, async () => {
      const taken = await Promise.all(decoder.right.map((bytes) => takes(decoder, bytes)))
      assert.ok(taken[0])
      await decodeMany(decoder, { inputs: INPUTS, seed: 1 })
    })
  }
})
