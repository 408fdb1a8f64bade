import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { Chronicle } from '../../coordinator/operations/chronicle.ts'
import { Fixture } from '../http/fixture.ts'

test('what is done to a round is a line each, its end one too, and none has a text of a researcher', async () => {
  await using fixture = await Fixture.open()
  const before = await fixture.openRound('opened before')
  const chronicle = new Chronicle(fixture.ledger, fixture.journal)
  const round = await fixture.openRound('a secret name')
  await fixture.sealRound(round)
  await fixture.cancelRound(before)
  await turn()
  chronicle.stop()
  await fixture.openRound('afterwards')
  const told = fixture.lines.map(({ event, round: of }) => [event, of])
  assert.deepEqual(told, [
    ['round-opened', round],
    ['round-sealed', round],
    ['round-aggregated', round],
    ['round-cancelled', before],
  ])
  assert.doesNotMatch(JSON.stringify(fixture.lines), /secret name/)
})
