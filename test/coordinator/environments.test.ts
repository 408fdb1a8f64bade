import assert from 'node:assert/strict'
import { it } from 'node:test'
import { MAX_ENVIRONMENTS_OF_NODE } from '../../coordinator/state/state.ts'
import { Desk } from '../support/desk.ts'

it('of a node that says it is another machine every time, only the last classes are kept', async () => {
  const desk = new Desk()
  const times = MAX_ENVIRONMENTS_OF_NODE + 5
  await desk.round('round', times)
  for (let n = 0; n < times; n++) {
    desk.join('one', 1, { class: `class ${n}` })
    const [given] = desk.give()
    assert.ok(given !== undefined, `task ${n}`)
    desk.answer(given)
    desk.leave('one')
  }
  const known = desk.state.nodes.get('one')
  assert.equal(known?.verdicts, times)
  assert.deepEqual(
    [...(known?.environments.keys() ?? [])],
    Array.from({ length: MAX_ENVIRONMENTS_OF_NODE }, (_, n) => `class ${n + 5}`),
  )
})
