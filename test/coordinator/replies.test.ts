import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { FilePiece } from '../../coordinator/results/index.ts'
import { sendPieces } from '../../coordinator/rounds/replies.ts'
import type { ToResearcher } from '../../protocol/index.ts'

describe('results on their way', () => {
  it('are told to be in the making while a piece takes long, before the first and between two', async () => {
    const sent: string[] = []
    let heard = Promise.withResolvers<void>()
    const send = async (message: ToResearcher) => {
      if (message.t !== 'file') return assert.fail(message.t)
      sent.push(`${message.name} ${message.bytes.length}`)
      if (message.bytes.length === 0) heard.resolve()
    }
    async function* slow(): AsyncGenerator<FilePiece> {
      await heard.promise
      yield { name: 'outcomes.jsonl', bytes: Buffer.from('one') }
      heard = Promise.withResolvers()
      await heard.promise
      yield { name: 'round.car', bytes: Buffer.from('two') }
    }
    await sendPieces({ send }, slow(), 'outcomes.jsonl', 1)
    const distinct = sent.filter((text, at) => text !== sent[at - 1])
    assert.deepEqual(distinct, ['outcomes.jsonl 0', 'outcomes.jsonl 3', 'outcomes.jsonl 0', 'round.car 3'])
  })

  it('end with what breaks them, and nothing is sent after', async () => {
    const sent: ToResearcher[] = []
    const send = async (message: ToResearcher) => void sent.push(message)
    // biome-ignore lint/correctness/useYield: it breaks before
    async function* broken(): AsyncGenerator<FilePiece> {
      throw new Error('gone')
    }
    await assert.rejects(sendPieces({ send }, broken(), 'outcomes.jsonl', 1), /gone/)
    assert.deepEqual(sent, [])
  })
})
