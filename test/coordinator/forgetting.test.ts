import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { forgettable, type Weight } from '../../coordinator/state/forgetting.ts'
import { TrustSwarm } from '../support/trust-swarm.ts'

/** Names whose weights stand in them: rank, when they were heard of last; `!` must not be forgotten. */
function weigh(name: string): Weight | null {
  const [rank = '', lastAt = ''] = name.split('/')
  return name.endsWith('!') ? null : { rank: Number(rank), lastAt: Number(lastAt), name }
}

const leaving = (names: readonly string[], most: number) => forgettable(new Map(names.map((name) => [name, name])), most, weigh)

describe('who is forgotten where too many are known', () => {
  const rows: [what: string, known: string[], most: number, gone: string[]][] = [
    ['nobody while there is room', ['0/1', '0/2'], 2, []],
    ['who ranks lower, however lately it was heard of', ['1/1', '0/9', '1/2'], 2, ['0/9', '1/1']],
    ['of one rank who was heard of longest ago', ['0/3', '0/1', '0/2'], 2, ['0/1', '0/2']],
    ['nobody of whom something is awaited', ['0/1!', '0/2!', '1/3'], 2, ['1/3']],
  ]
  for (const [what, known, most, gone] of rows) {
    it(what, () => {
      assert.deepEqual(leaving(known, most), gone)
      assert.deepEqual(leaving(known.toReversed(), most), gone, 'whatever the order in which they are held')
    })
  }

  it('is not many at a time when many are allowed: down to 95 of 100', () => {
    const known = Array.from({ length: 101 }, (_, n) => `0/${n}`)
    assert.deepEqual(leaving(known, 100), known.slice(0, 6))
  })
})

describe('strangers who come with ever new keys and addresses', () => {
  it('are forgotten before those who work, and these go on deciding', async () => {
    const most = { nodes: 20, operators: 20 }
    const swarm = new TrustSwarm(5, most)
    swarm.join(8)
    await swarm.open('first', 60)
    swarm.run()
    const { trust } = swarm.state
    const established = [...trust.operators.values()]
      .filter(({ standing }) => standing === 'established')
      .map((one) => one.operator)
    assert.ok(established.length >= 5, `${established.length} established`)
    for (let n = 0; n < 12; n++) {
      // They take work, and give nothing back.
      swarm.join(5, () => null, { prefix: `stranger ${n} ` })
      const round = await swarm.open(`round ${n}`, 4)
      swarm.run()
      assert.equal(round.state, 'aggregated', round.id)
      for (const { node } of [...swarm.nodes.values()].filter((one) => one.node.startsWith('stranger'))) swarm.leave(node)
      assert.ok(swarm.state.nodes.size <= most.nodes, `${swarm.state.nodes.size} nodes`)
    }
    const known = [...trust.operators.values()]
    assert.ok(known.length <= most.operators, `${known.length} operators`)
    assert.ok(
      known.some(({ operator }) => operator.includes('stranger')),
      'strangers were given work',
    )
    for (const operator of established) assert.equal(trust.operators.standingOf(operator), 'established', operator)
  })
})
