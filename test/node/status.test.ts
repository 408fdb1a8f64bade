import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { stripVTControlCharacters } from 'node:util'
import { statusLines } from '../../bin/commands/node/words.ts'
import { OPEN_GATE, type Permission } from '../../node/conditions/permission.ts'
import { explain, gpuNotes, type NodeStatus, rejectedStatus, type Situation } from '../../node/daemon/status.ts'
import type { RunRecord } from '../../node/history/record.ts'
import { RejectCode } from '../../protocol/index.ts'

const hot: Permission = {
  ...OPEN_GATE.permission,
  take: { may: false, code: 'gpu-hot', why: 'This GPU is too hot, or has been until just now.', until: 77 },
}
const place = (change: Partial<Situation['coordinators'][number]> = {}): Situation['coordinators'][number] => ({
  ...{ state: 'connected', trouble: null, retryAt: null, address: 'a' },
  ...change,
})
const away = (message: string, retryAt: number | null) =>
  place({ state: 'waiting', trouble: { code: null, message, at: 1 }, retryAt })
const pause = { since: 1, until: 99, why: '5 tasks in a row were lost, the last one: no jail' }

const SITUATIONS: ({ id: string; says: string; until?: number } & Partial<Situation>)[] = [
  { id: 'it is tested', phase: 'testing', says: 'It tests its sandbox before it joins.' },
  { id: 'it is stopped', phase: 'stopping', running: 2, says: 'It is being stopped: what runs is ended and given back.' },
  { id: 'it works', running: 1, says: 'It runs 1 program.' },
  { id: 'it works at several', running: 3, says: 'It runs 3 programs.' },
  {
    id: 'what runs goes on, and nothing comes',
    running: 1,
    permission: hot,
    says: 'It runs 1 program and takes no more: this GPU is too hot, or has been until just now.',
    until: 77,
  },
  { id: 'it may not', permission: hot, says: 'It does nothing: this GPU is too hot, or has been until just now.', until: 77 },
  {
    id: 'it may not, and is not connected either',
    permission: hot,
    coordinators: [away('nobody answers', 5)],
    says: 'It does nothing: this GPU is too hot, or has been until just now.',
    until: 77,
  },
  {
    id: 'it has paused itself',
    pause,
    says: 'It does nothing: it has paused itself, since 5 tasks in a row were lost, the last one: no jail; `kernelswarm node resume` ends that.',
    until: 99,
  },
  { id: 'there is no work', says: 'It waits: its coordinator has no work now that this machine may have.' },
  {
    id: 'one of two has no work',
    coordinators: [away('nobody answers', 5), place()],
    says: 'It waits: its coordinators have no work now that this machine may have.',
  },
  { id: 'it connects', coordinators: [place({ state: 'connecting' })], says: 'It connects to its coordinator.' },
  {
    id: 'nobody answers',
    coordinators: [away('Nobody answers there', 60), away('refused', 40)],
    says: 'It waits to connect: nobody answers there.',
    until: 40,
  },
]

describe('why a node does nothing', () => {
  for (const { id, says, until = null, ...situation } of SITUATIONS) {
    it(`in one sentence: ${id}`, () => {
      const usual: Situation = {
        ...{ phase: 'working', running: 0, permission: OPEN_GATE.permission, pause: null, coordinators: [place()] },
        ...situation,
      }
      assert.deepEqual(explain(usual), { says, until })
      assert.equal(says.split(/\. |\n/).length, 1, 'one sentence')
    })
  }
})

describe('why a verdict was rejected', () => {
  const record = {
    nonce: 'n',
    startedAt: 1,
    endedAt: 2,
    coordinator: 'c',
    task: { program: 'p' },
    answer: 'accepted',
    disagreed: [],
  }
  const of = (change: object) => rejectedStatus({ ...record, outcome: null, ...change } as unknown as RunRecord)

  it('names the tests in which another answer was decided, from 1', () => {
    assert.deepEqual(of({ outcome: 'disagreed', disagreed: [0, 4] })?.tests, [1, 5])
    assert.equal(of({ outcome: 'disagreed', disagreed: [2] })?.why, 'what was decided of test 3 is not what this node said')
  })

  it('says in words what every refusal means, and nothing of what was not rejected', () => {
    for (const answer of RejectCode.options) assert.match(of({ answer })?.why ?? '', /^[a-z].* [a-z]/, answer)
    for (const outcome of [null, 'agreed', 'open', 'unknown']) assert.equal(of({ outcome }), null, String(outcome))
  })
})

describe('what a node says of itself, as lines', () => {
  it('has strangers’ words in their place: they move no cursor, and begin no line', () => {
    const forged = 'weather\nswarm     trusted\u001b[2J\u202e'
    const running = { nonce: 'ab'.repeat(16), coordinator: 'c', program: 'p', executor: 'host', pass: 'plain' }
    const status = {
      ...{ says: 'It works.', until: null, notes: [forged], node: 'n', pid: 1, version: '1', startedAt: 0, page: null, slots: 1 },
      ...{
        executors: ['host'],
        running: [{ ...running, on: 'the processor', labels: [forged], since: 0 }],
        gpus: [],
        tally: null,
      },
      rejected: [],
      coordinators: [
        {
          ...{ coordinator: 'c', address: 'a', share: 1, state: 'waiting', since: 0, retryAt: null, agent: null, least: null },
          ...{ trouble: { code: null, message: forged, at: 0 }, preferred: [], reputation: null, notices: [] },
        },
      ],
    } as unknown as NodeStatus
    const lines = statusLines(status).map(stripVTControlCharacters)
    assert.equal(lines.join('\n').split('\n').length, lines.length)
    assert.ok(!/\p{Cc}|\p{Cf}/u.test(lines.join('')))
    assert.equal(lines.filter((one) => one.includes('weather')).length, 3)
    assert.equal(lines.filter((one) => one.startsWith('swarm     ')).length, 1)
  })
})

describe('what an owner should know of his GPU', () => {
  it('is what one would add, that it is out of service, or nothing', () => {
    const used = { used: true, says: 'NVIDIA H200', checker: '' }
    assert.match(
      gpuNotes({ ...used, used: false, says: 'no NVIDIA GPU' }, ['host'])[0] ?? '',
      /no NVIDIA GPU.*with one it could also/,
    )
    assert.match(gpuNotes(used, ['host'])[0] ?? '', /out of service.*tried again every five minutes; the rest goes on/)
    assert.deepEqual(gpuNotes(used, ['host', 'gpu']), [])
  })
})
