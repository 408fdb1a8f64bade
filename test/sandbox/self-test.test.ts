import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Sandbox, SandboxFault, selfTest, UNMEASURED } from '../../sandbox/index.ts'
import { patience } from '../support/patience.ts'
import { plainSandbox } from './fixture.ts'

/** The plain harness knows no CUDA. */
function hostOnly(sandbox: Sandbox, change: Partial<Sandbox> = {}): Sandbox {
  return {
    executors: ['host'],
    environment: (executor) => sandbox.environment(executor),
    execute: (...args) => sandbox.execute(...args),
    ...change,
  }
}

test('the self-test finds this sandbox in order', { timeout: patience(60_000) }, async () => {
  const results = await selfTest(hostOnly(await plainSandbox()))
  assert.ok(results.length > 8)
  for (const { name, ok, detail } of results) assert.ok(ok, `${name}: ${detail}`)
})

test('the self-test names what got out, and what could not be run', async () => {
  const sandbox = await plainSandbox()
  const lets: Sandbox['execute'] = async () => ({
    environment: sandbox.environment('host'),
    tests: [
      {
        status: 'runtime_error',
        output: new Uint8Array(),
        findings: [],
        detail: 'exit code 134 (SIGABRT)',
        wallMs: 1,
        measured: UNMEASURED,
      },
    ],
    compileMs: 1,
  })
  const open = await selfTest(hostOnly(sandbox, { execute: lets }))
  assert.deepEqual(
    open.filter(({ ok }) => ok).map(({ name }) => name),
    // Where memory is limited by address space, running out of it is an abort.
    ['memory has an end'],
  )
  const faulty: Sandbox['execute'] = async () => {
    throw new SandboxFault('jail', 'no jail today')
  }
  const broken = await selfTest(hostOnly(sandbox, { execute: faulty }))
  assert.ok(broken.every(({ ok, detail }) => !ok && detail === 'no jail today'))
})
