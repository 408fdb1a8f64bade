import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { mayHold } from '../../coordinator/rules/holding.ts'
import { FIRST_CREDITS, MAX_CREDITS } from '../../protocol/index.ts'
import { Desk } from '../support/desk.ts'

const ONE = { kind: 'majority', quorum: 1, replicas: 1 } as const

const rows: [id: string, record: { verdicts: number; expired: number } | undefined, may: number][] = [
  ['that was given nothing yet', undefined, FIRST_CREDITS],
  ['that has answered nothing yet', { verdicts: 0, expired: 0 }, FIRST_CREDITS],
  ['that has answered', { verdicts: 10, expired: 0 }, FIRST_CREDITS + 10],
  ['that has answered all its life', { verdicts: 100_000, expired: 7 }, MAX_CREDITS],
  ['that lets some pass', { verdicts: 10, expired: 8 }, FIRST_CREDITS + 2],
  ['that answers nothing', { verdicts: 0, expired: 1_000 }, 1],
]

describe('how much a node may hold', () => {
  for (const [id, record, may] of rows) it(`one ${id}`, () => assert.equal(mayHold(record), may))

  it('grows from answer to answer, until it has all that it asked for', async () => {
    const desk = new Desk({ mayHold })
    await desk.round('r', MAX_CREDITS, { policy: ONE })
    desk.join('n', MAX_CREDITS)
    const held: number[] = []
    for (let turn = 0; turn < 4; turn++) {
      const given = desk.give()
      held.push(given.length)
      for (const assigned of given) desk.answer(assigned)
    }
    assert.deepEqual(
      held,
      [1, 2, 4, 8].map((times) => times * FIRST_CREDITS),
    )
  })
})
