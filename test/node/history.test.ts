import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import pino from 'pino'
import { History, type HistoryInit } from '../../node/history/history.ts'
import { EXCERPT_BYTES } from '../../node/history/limits.ts'
import type { Job } from '../../node/runs.ts'
import { type Outcome, type Program, ROUND_DEFAULTS, type Task } from '../../protocol/index.ts'
import type { Execution } from '../../sandbox/index.ts'
import { FakeSandbox, honest } from '../support/fake-sandbox.ts'
import { gathered } from '../support/gathered.ts'
import { scratch } from '../support/scratch.ts'

const log = pino({ level: 'silent' })
const CID = 'bafyreiaraaodr7cmdnq72glnmpuc22n5ftzgrzazmbpl6t6tx57ekcmmu4'

const cidFor = (program: number) =>
  `${CID.slice(0, -3)}${program
    .toString(36)
    .padStart(3, 'a')
    .replace(/[018-9]/g, 'b')}`

function job(n: number, program = n, code = 'int f();'): Job {
  const task: Task = { program: cidFor(program), executor: 'host', pass: 'plain', limits: ROUND_DEFAULTS.limits }
  const source: Program = { v: 1, side: 'cpp', code, wrapper: '', tests: ['wrapper(f);'] }
  const nonce = n.toString(16).padStart(32, '0')
  return { assign: { t: 'assign', nonce, taskId: CID, task, deadlineMs: 1 }, program: source, coordinator: 'c' }
}

const sandbox = new FakeSandbox()
async function execution(output = 'x'): Promise<Execution> {
  const told = new FakeSandbox(async (...order) => ({ ...(await honest(...order)), output: Buffer.from(output) }))
  const { signal } = new AbortController()
  return await told.execute(job(1).program, 'host', ROUND_DEFAULTS.limits, { signal })
}

async function opened(t: TestContext, init: Partial<HistoryInit> = {}) {
  const folder = join(await scratch(t), 'history')
  const open = async () => await History.open(folder, { log, ...init })
  return { open, history: await open() }
}

describe('what ran on a machine', { timeout: 60_000 }, () => {
  it('is kept with its source, limits, result and what became of it, over a kill', async (t) => {
    const { open, history } = await opened(t)
    history.began(job(1))
    history.began(job(2))
    history.finished(job(1).assign.nonce, await execution('y'.repeat(2 * EXCERPT_BYTES)))
    history.accepted(job(1).assign.nonce)
    history.accepted(job(1).assign.nonce)
    await history.close()
    const again = await open()
    const [second, first] = await gathered(again.runs())
    assert.deepEqual([second?.end, first?.end, first?.answer], ['lost', 'finished', 'accepted'])
    assert.deepEqual([first?.tests[0]?.output.length, first?.tests[0]?.outputBytes], [EXCERPT_BYTES, 2 * EXCERPT_BYTES])
    assert.deepEqual(await again.program(cidFor(1)), job(1).program)
    assert.deepEqual(again.toAskAbout('c', 9), [{ nonce: job(1).assign.nonce, task: CID }])
    assert.deepEqual([again.tally.started, again.tally.accepted, again.tally.lost], [2, 1, 1])
    assert.equal(sandbox.executed, 0)
    await again.close()
  })

  it('learns what became of a verdict only of what it asked its coordinator about, and keeps one receipt of each', async (t) => {
    const { history } = await opened(t)
    const { nonce } = job(1).assign
    history.began(job(1))
    history.finished(nonce, await execution())
    history.accepted(nonce)
    await history.settled()
    const outcome: Outcome = { nonce, outcome: 'disagreed', tests: [0] }
    const receipt = { bytes: Buffer.from('signed'), at: 5, nonces: [nonce] }
    history.told('another', [outcome], receipt)
    await history.settled()
    assert.deepEqual([history.tally.disagreed, history.tally.receipts], [0, 0])
    history.told('c', [{ nonce, outcome: 'open', tests: [] }], receipt)
    history.told('c', [outcome], receipt)
    history.told('c', [outcome], receipt)
    await history.settled()
    assert.deepEqual([history.tally.disagreed, history.tally.receipts], [1, 1])
    const found = await history.find('0000')
    assert.deepEqual([found?.outcome, found?.disagreed, found?.receipted], ['disagreed', [0], true])
    assert.deepEqual(await gathered(history.receipts()), [{ coordinator: 'c', bytes: Buffer.from('signed') }])
    assert.deepEqual(history.toAskAbout('c', 9), [])
    await history.close()
  })

  it('is found by the beginning of its name, where no other begins so', async (t) => {
    const { history } = await opened(t)
    history.began(job(0x1a))
    history.began(job(0x1b))
    await history.settled()
    assert.equal(await history.find('0000'), null)
    assert.equal((await history.find(job(0x1b).assign.nonce))?.nonce, job(0x1b).assign.nonce)
    assert.equal(await history.find('*'), null)
    await history.close()
  })

  it('is no older than its owner wants, nor more, and a source leaves with the last run of it', async (t) => {
    let now = 1_000_000
    const { history } = await opened(t, { keepMs: 1_000, keepBytes: 40_000, now: () => now })
    const run = async (n: number, program = n) => {
      history.began(job(n, program, 'x'.repeat(1_000)))
      history.finished(job(n).assign.nonce, await execution())
    }
    await run(1, 1)
    now += 600
    await run(2, 1)
    now += 600
    await history.prune()
    assert.deepEqual(
      (await gathered(history.runs())).map(({ nonce }) => Number(`0x${nonce}`)),
      [2],
    )
    assert.notEqual(await history.program(cidFor(1)), null, 'run 2 is of the same program')
    now += 1_000
    await history.prune()
    assert.deepEqual([await gathered(history.runs()), await history.program(cidFor(1))], [[], null])
    for (let n = 3; n < 103; n++) await run(n)
    await history.settled()
    await history.prune()
    const left = await gathered(history.runs())
    assert.ok(left.length >= 5 && left.length < 40, `${left.length} left`)
    assert.equal(left[0]?.nonce, job(102).assign.nonce, 'the oldest leave first')
    await history.close()
  })
})
