import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Ballot, CellDecision } from '../../coordinator/rules/ballot.ts'
import { Known } from '../../coordinator/trust/known.ts'
import { KNOWN_KEPT } from '../../coordinator/trust/model.ts'
import { Operators } from '../../coordinator/trust/operators.ts'

function decided(status: CellDecision['status'], ...classes: string[]): Ballot {
  const cell = { status, output: '', compat: '', masked: '', findings: [], votes: 2 }
  return { cells: classes.map((name) => ({ ...cell, class: name })), state: 'decided', wanted: 0 }
}

describe('known answers', () => {
  it('are the last ones of a class, however many were decided; failing ones are counted over all', () => {
    const known = new Known()
    const dropped = Array.from({ length: KNOWN_KEPT + 3 }, (_, n) => known.add(`k${n}`, decided('runtime_error', 'c')))
    assert.deepEqual(
      dropped.filter((key) => key !== null),
      ['k0', 'k1', 'k2'],
    )
    assert.equal(known.failing(['c', 'other']), KNOWN_KEPT + 3)
    assert.deepEqual([known.has('k2'), known.has('k3')], [false, true])
    const newcomer = new Operators().get('o')
    assert.equal(
      known.next(newcomer, ['c'], () => true),
      'k3',
    )
  })

  it('are asked of nobody twice, and not of who may not run them', () => {
    const known = new Known()
    for (const key of ['a', 'b', 'c']) known.add(key, decided('success', 'c'))
    known.add('mixed', decided('success', 'c', 'd'))
    const newcomer = new Operators().get('o')
    newcomer.asked.add('a')
    const next = (except: string) => known.next(newcomer, ['c'], (key) => key !== except)
    assert.deepEqual([next(''), next('b')], ['b', 'c'])
    newcomer.asked.add('b').add('c')
    assert.equal(next(''), null)
  })
})
