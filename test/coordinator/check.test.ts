import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'node:test'
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import fc from 'fast-check'
import type { OpenAssignment, TaskEntry } from '../../coordinator/state/model.ts'
import { checkVerdict, Rejected } from '../../coordinator/work/check.ts'
import { cidOf, classOf, DOMAINS, peerIdOf, seal, type UnsignedVerdict } from '../../protocol/index.ts'
import { UNMEASURED } from '../../sandbox/types.ts'
import { ENVIRONMENT } from '../support/environment.ts'

const keyOf = (name: string) => generateKeyPairFromSeed('Ed25519', createHash('sha256').update(name).digest())
const NONCE = '0'.repeat(32)
const TESTS = 2

/** What an assignment is about, each in one of several ways. */
const about = fc.record({
  task: fc.constantFrom('one', 'two'),
  nonce: fc.constantFrom(NONCE, 'f'.repeat(32)),
  tests: fc.integer({ min: 1, max: 3 }),
  executor: fc.constantFrom('host' as const, 'emulated' as const),
  compiler: fc.constantFrom(ENVIRONMENT.compiler, 'g++ 99'),
  signer: fc.constantFrom('holder', 'another'),
})
type About = typeof about extends fc.Arbitrary<infer T> ? T : never

const ASKED: About = {
  task: 'one',
  nonce: NONCE,
  tests: TESTS,
  executor: 'host',
  compiler: ENVIRONMENT.compiler,
  signer: 'holder',
}

/** Whether the verdict is taken; with the class it counts in. */
async function takenIn({ task, nonce, tests, executor, compiler, signer }: About): Promise<string | null> {
  const environment = { ...ENVIRONMENT, executor, compiler }
  const printed = Buffer.from('1')
  const outcome = {
    status: 'success' as const,
    output: await cidOf(printed, 'raw'),
    outputBytes: printed.byteLength,
    findings: [],
  }
  const resources = { compileMs: 1, runMs: 1, ...UNMEASURED }
  const verdict: UnsignedVerdict = { v: 1, task, nonce, environment, tests: Array(tests).fill(outcome), resources }
  const envelope = await seal(verdict, DOMAINS.verdict, await keyOf(signer))
  const node = peerIdOf(await keyOf('holder'))
  const entry = {
    id: ASKED.task,
    tests: TESTS,
    task: { executor: 'host', pass: 'plain' },
    votes: [],
    arrivals: [],
  } as unknown as TaskEntry
  const assignment: OpenAssignment = { seq: 1, nonce: NONCE, task: 'key', node, operator: 'o', givenAt: 0, deadlineAt: 1 }
  const outputs = new Map(Array.from({ length: tests }, (_, test) => [test, printed]))
  try {
    const { record } = await checkVerdict({ envelope, outputs, assignment, entry, announced: [ENVIRONMENT] })
    return record.class
  } catch (error) {
    assert.ok(error instanceof Rejected)
    return null
  }
}

describe('a verdict', () => {
  it('counts for the task, nonce, tests and executor that were assigned, of the node and in the class that are known, and nothing else', async () => {
    assert.equal(await takenIn(ASKED), classOf(ENVIRONMENT, 'plain'))
    await fc.assert(
      fc.asyncProperty(about, async (said) => {
        const isAsked = (Object.keys(ASKED) as (keyof About)[]).every((key) => said[key] === ASKED[key])
        assert.equal(await takenIn(said), isAsked ? classOf(ENVIRONMENT, 'plain') : null)
      }),
      { seed: 51 },
    )
  })
})
