import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it, type TestContext } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import fc from 'fast-check'
import type { JournalLine } from '../../coordinator/operations/journal.ts'
import { type Question, Rejected } from '../../coordinator/work/check.ts'
import { answerTo, batchOf, questionsIn, recordIn } from '../../coordinator/work/check-messages.ts'
import { Checkers } from '../../coordinator/work/checkers.ts'
import { cidOf, classOf, DOMAINS, peerIdOf, seal, type UnsignedVerdict } from '../../protocol/index.ts'
import { UNMEASURED } from '../../sandbox/types.ts'
import { ENVIRONMENT } from '../support/environment.ts'

const key = await generateKeyPairFromSeed('Ed25519', createHash('sha256').update('holder').digest())
const node = peerIdOf(key)

/** A question of one verdict, numbered so that answers cannot be mistaken for each other. */
async function questionOn(number: number, spoil?: (question: Question) => Question): Promise<Question> {
  const printed = Buffer.from(`out of ${number}`)
  const outcome = {
    status: 'success' as const,
    output: await cidOf(printed, 'raw'),
    outputBytes: printed.byteLength,
    findings: [],
  }
  const nonce = number.toString(16).padStart(32, '0')
  const verdict: UnsignedVerdict = {
    v: 1,
    task: `task ${number}`,
    nonce,
    environment: ENVIRONMENT,
    tests: [outcome, outcome],
    resources: { compileMs: 1, runMs: number, ...UNMEASURED },
  }
  const question: Question = {
    envelope: await seal(verdict, DOMAINS.verdict, key),
    // Views of something larger, as what comes off the wire is.
    outputs: new Map([0, 1].map((test) => [test, Buffer.concat([Buffer.alloc(9), printed]).subarray(9)])),
    node,
    nonce,
    task: `task ${number}`,
    tests: 2,
    executor: 'host',
    pass: 'plain',
    classes: [classOf(ENVIRONMENT, 'plain')],
  }
  return spoil?.(question) ?? question
}

/** What the coordinator says of its thread. */
function journal() {
  const said: string[] = []
  const write = ({ event }: JournalLine) => void said.push(event)
  return { said, log: { debug: write, info: write, warn: write, error: write } }
}

/** With its thread at work: until there is one, answers come from here. */
async function handedOver(t: TestContext) {
  const { said, log } = journal()
  const checkers = new Checkers(log, { threadFrom: 1 })
  t.after(async () => await checkers.close())
  const question = await questionOn(0)
  const until = performance.now() + 30_000
  while (said.length === 0) {
    assert.ok(performance.now() < until, 'the thread did not begin')
    await checkers.read(question)
    await turn()
  }
  assert.deepEqual(said, ['check-thread-began'])
  return { checkers, said }
}

const NO_VERDICT = await seal({ v: 1 }, DOMAINS.verdict, key)
const SPOILS: Record<string, (question: Question) => Question> = {
  signature: (question) => ({ ...question, node: 'somebody else' }),
  mismatch: (question) => ({ ...question, task: 'another' }),
  output: (question) => ({ ...question, outputs: new Map([[0, Buffer.from('else')]]) }),
  schema: (question) => ({ ...question, envelope: NO_VERDICT }),
}

describe('verdicts read by another thread', { timeout: 60_000 }, () => {
  it('are what they are when they are read here: the same records, and the same reasons against them', async (t) => {
    const { checkers, said } = await handedOver(t)
    const here = new Checkers(journal().log, { threadFrom: Number.POSITIVE_INFINITY })
    const spoils = [undefined, ...Object.values(SPOILS)]
    const questions = await Promise.all(Array.from({ length: 40 }, (_, at) => questionOn(at, spoils[at % spoils.length])))
    const there = await Promise.all(questions.map(async (question) => await answerTo(checkers.read(question))))
    assert.deepEqual(said, ['check-thread-began'])
    assert.deepEqual(there, await Promise.all(questions.map(async (question) => await answerTo(here.read(question)))))
    for (const [at, answer] of there.entries()) {
      if (at % spoils.length === 0) assert.equal(recordIn(answer).resources.runMs, at)
      else assert.throws(() => recordIn(answer), Rejected)
    }
    assert.deepEqual(new Set(there.flatMap((answer) => ('code' in answer ? [answer.code] : []))), new Set(Object.keys(SPOILS)))
  })

  it('are read here when the thread is ended, and no answer is lost', async (t) => {
    const { checkers } = await handedOver(t)
    const questions = await Promise.all(Array.from({ length: 300 }, (_, at) => questionOn(at)))
    const asked = questions.map(async (question) => await checkers.read(question))
    // In the first of them they are handed over.
    await turn()
    await turn()
    await checkers.close()
    const records = await Promise.all(asked)
    assert.deepEqual(
      records.map(({ resources }) => resources.runMs),
      records.map((_, at) => at),
    )
    assert.equal((await checkers.read(await questionOn(7))).resources.runMs, 7)
  })

  it('are read here when the thread ends by itself; another one is begun', async (t) => {
    const { said, log } = journal()
    // Says that it is there, and ends when it is asked anything.
    const code = `const { parentPort } = require('node:worker_threads')
      parentPort.on('message', () => process.exit(7))
      parentPort.postMessage({ answers: [] })`
    const checkers = new Checkers(log, { threadFrom: 1, begin: () => new Worker(code, { eval: true }) })
    t.after(async () => await checkers.close())
    const question = await questionOn(3)
    const until = performance.now() + 30_000
    while (said.filter((event) => event === 'check-thread-failed').length < 2) {
      assert.ok(performance.now() < until, said.join())
      assert.equal((await checkers.read(question)).resources.runMs, 3)
      await turn()
    }
    assert.deepEqual(said.slice(0, 3), ['check-thread-began', 'check-thread-failed', 'check-thread-began'])
  })

  it('have a thread only where there are many; one that cannot be had is tried once a second, and they are read here', async () => {
    let now = 0
    const { said, log } = journal()
    let tries = 0
    const begin = () => {
      tries++
      throw new Error('no more threads')
    }
    const checkers = new Checkers(log, { threadFrom: 3, now: () => now, begin })
    const question = await questionOn(5)
    const read = async (times: number) => {
      for (let time = 0; time < times; time++) assert.equal((await checkers.read(question)).resources.runMs, 5)
    }
    for (; now < 10_000; now += 1_000) await read(2)
    assert.equal(tries, 0)
    await read(20)
    assert.equal(tries, 1)
    now += 1_000
    await read(20)
    assert.equal(tries, 2)
    assert.deepEqual(said, ['check-thread-failed', 'check-thread-failed'])
  })

  it('lie in one piece of memory on their way, whatever they are views of', async () => {
    const bytes = fc.uint8Array({ maxLength: 40 })
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(bytes, fc.array(bytes, { maxLength: 4 })), { maxLength: 6 }), async (all) => {
        const about = await questionOn(1)
        const questions = all.map(([envelope, outputs]) => ({ ...about, envelope, outputs: new Map(outputs.entries()) }))
        const batch = batchOf(questions)
        const sum = all.flat(2).reduce((total: number, part) => total + (typeof part === 'number' ? 1 : part.byteLength), 0)
        assert.equal(batch.bytes.byteLength, sum)
        assert.deepEqual(questionsIn(structuredClone(batch)), questions)
      }),
      { seed: 7 },
    )
  })

  it('that nobody could read for a fault of ours are no reason against the node', async () => {
    const answer = await answerTo(Promise.reject(new TypeError('no such thing')))
    assert.throws(
      () => recordIn(answer),
      (error: Error) => !(error instanceof Rejected) && error.message.includes('no such thing'),
    )
  })
})
