import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { AssignedEvent } from '../../coordinator/dispatch/dispatcher.ts'
import type { TaskEntry } from '../../coordinator/state/model.ts'
import { DEFAULT_COMPARATOR, type RoundSpec } from '../../protocol/index.ts'
import { UNMEASURED } from '../../sandbox/types.ts'
import { Desk } from '../support/desk.ts'
import { ENVIRONMENT } from '../support/environment.ts'

const numeric: Partial<RoundSpec> = { compare: DEFAULT_COMPARATOR }

/** A desk at which nodes have been given the same task. */
async function begun(
  nodes: number,
  init: Partial<RoundSpec> = numeric,
): Promise<{ desk: Desk; task: string; given: AssignedEvent[] }> {
  const desk = new Desk()
  await desk.round('r', 1, init)
  for (let n = 0; n < nodes; n++) desk.join(`n${n}`, 1, { abilities: ['host/plain'] })
  const given = desk.give()
  const task = given[0]?.task as string
  return { desk, task, given }
}

/** Says of all that waits how far apart it is: by what stands behind the output's `~`, in tolerances. */
function measure(desk: Desk, key: string): void {
  const { arrivals, distances } = desk.task(key)
  const off = (output: string) => Number(output.split('~')[1] ?? 0)
  const pairs = distances.missing(arrivals[0]?.vote.cells ?? []).map(({ a, b }) => {
    const far = Math.abs(off(a) - off(b))
    return { a, b, tolerances: far <= 2 ? far : null }
  })
  desk.record({ t: 'measured', at: desk.now, task: key, pairs })
}

/** A verdict comes in, and nothing is withdrawn for it. */
function say(desk: Desk, nonce: string, output: string): void {
  const cells = [{ status: 'success' as const, output, compat: output, masked: output, findings: [] }]
  const resources = { compileMs: 0, runMs: 1, ...UNMEASURED }
  desk.record({ t: 'verdict', at: desk.now, nonce, verdict: nonce, class: 'class', environment: ENVIRONMENT, cells, resources })
}

function outcome({ ballot }: TaskEntry) {
  return [ballot.state, ballot.cells[0]?.output ?? null, ballot.cells[0]?.votes ?? 0]
}

describe('a verdict whose output differs from those before', () => {
  it('is counted when it was compared, and not before', async () => {
    const { desk, task, given } = await begun(2)
    desk.answer(given[0] as AssignedEvent, { output: 'x~0' })
    desk.answer(given[1] as AssignedEvent, { output: 'x~0.5' })
    assert.deepEqual([desk.task(task).ballot.state, desk.task(task).votes.length], ['open', 1])
    assert.deepEqual([...desk.state.measuring], [task])
    measure(desk, task)
    assert.deepEqual(outcome(desk.task(task)), ['decided', 'x~0', 2])
    assert.deepEqual(desk.task(task).ballot.cells[0]?.alike, ['x~0.5'])
    assert.equal(desk.state.measuring.size, 0)
  })

  it('is waited for: meanwhile the task is given to nobody', async () => {
    const { desk, task, given } = await begun(2)
    desk.answer(given[0] as AssignedEvent, { output: 'x~0' })
    desk.answer(given[1] as AssignedEvent, { output: 'x~5' })
    desk.join('third', 1, { abilities: ['host/plain'] })
    desk.join('same', 1, { abilities: ['host/plain'], operator: 'n1' })
    assert.deepEqual(
      desk.pass(3).given.filter((event) => event.task === task),
      [],
    )
    measure(desk, task)
    assert.deepEqual(
      desk.pass(3).given.map(({ node }) => node),
      ['third'],
    )
  })

  it('is compared after a restart, where it was not before', async () => {
    const { desk, task, given } = await begun(2)
    desk.answer(given[0] as AssignedEvent, { output: 'x~0' })
    desk.answer(given[1] as AssignedEvent, { output: 'x~0.5' })
    desk.restart()
    assert.deepEqual([...desk.state.measuring], [task])
    measure(desk, task)
    const decided = outcome(desk.task(task))
    assert.deepEqual(decided, ['decided', 'x~0', 2])
    desk.restart()
    assert.deepEqual(outcome(desk.task(task)), decided)
  })

  it('counts in order of arrival, where several wait', async () => {
    const { desk, task, given } = await begun(3, { ...numeric, policy: { kind: 'majority', quorum: 3, replicas: 5 } })
    for (const [at, output] of ['x~0', 'x~0.5', 'x~0.25'].entries()) desk.answer(given[at] as AssignedEvent, { output })
    assert.equal(desk.task(task).arrivals.length, 2)
    measure(desk, task)
    assert.deepEqual([desk.task(task).votes.length, desk.task(task).arrivals.length], [2, 1])
    measure(desk, task)
    assert.deepEqual(outcome(desk.task(task)), ['decided', 'x~0.25', 3])
  })

  it('says the same when it comes late, in other digits; beyond the tolerance it does not', async () => {
    const { desk, task, given } = await begun(2)
    for (const node of ['late', 'wrong']) {
      desk.record({ t: 'assigned', at: desk.now, nonce: node, task, node, operator: node, deadlineAt: desk.now + 60_000 })
    }
    for (const { nonce } of given) say(desk, nonce, 'x~0')
    assert.deepEqual(outcome(desk.task(task)), ['decided', 'x~0', 2])
    say(desk, 'late', 'x~0.5')
    say(desk, 'wrong', 'x~5')
    measure(desk, task)
    measure(desk, task)
    assert.deepEqual(outcome(desk.task(task)), ['decided', 'x~0', 2])
    const disagreed = ['late', 'wrong'].map((node) => desk.state.nodes.get(node)?.disagreed)
    assert.deepEqual(disagreed, [0, 1])
  })

  it('needs no comparing in a round that compares exactly', async () => {
    const { desk, task, given } = await begun(2, {})
    desk.answer(given[0] as AssignedEvent, { output: 'x~0' })
    desk.answer(given[1] as AssignedEvent, { output: 'x~0.5' })
    assert.deepEqual([desk.state.measuring.size, desk.task(task).votes.length], [0, 2])
  })
})

describe('rounds with other tolerances', () => {
  it('have ballots of their own on the same task; those with the same share it', async () => {
    const desk = new Desk()
    const wide = { ...DEFAULT_COMPARATOR, float: { absolute: 1, relative: 1 } }
    await desk.round('r', 1, numeric)
    await desk.round('same', 1, { ...numeric, programs: 'r' })
    await desk.round('wide', 1, { compare: wide, programs: 'r' })
    await desk.round('exact', 1, { programs: 'r' })
    const keys = (id: string) => desk.state.rounds.get(id)?.cases[0]?.tasks?.cpp
    assert.equal(keys('same'), keys('r'))
    assert.equal(new Set([keys('r'), keys('wide'), keys('exact')]).size, 3)
    assert.equal(new Set([...desk.state.tasks.values()].map(({ id }) => id)).size, 2)
  })
})
