import type { PrivateKey } from '@libp2p/interface'
import { type Assign, cidOf, DOMAINS, type Program, seal, type UnsignedVerdict } from '../protocol/index.ts'
import type { Execution, Sandbox } from '../sandbox/index.ts'
import type { Parcel } from './outbox.ts'

/** Runs a program and signs what it did. The whole of a verdict is made here. */
export async function makeVerdict(
  { sandbox, key, coordinator }: { sandbox: Sandbox; key: PrivateKey; coordinator: string },
  { nonce, taskId, task }: Assign,
  program: Program,
  options: { signal: AbortSignal },
): Promise<Parcel> {
  const { executor, pass, limits } = task
  const execution = await sandbox.execute(program, executor, limits, { ...options, pass })
  const verdict = await verdictOf(execution, taskId, nonce)
  const outputs = execution.tests.map(({ output }) => output)
  return { nonce, coordinator, envelope: await seal(verdict, DOMAINS.verdict, key), outputs }
}

async function verdictOf({ environment, tests, compileMs }: Execution, task: string, nonce: string): Promise<UnsignedVerdict> {
  const outcomes = tests.map(async ({ status, output, findings }) => ({
    status,
    output: await cidOf(output, 'raw'),
    outputBytes: output.byteLength,
    findings,
  }))
  const runMs = tests.reduce((sum, { wallMs }) => sum + wallMs, 0)
  return {
    v: 1,
    task,
    nonce,
    environment,
    tests: await Promise.all(outcomes),
    resources: { compileMs: Math.round(compileMs), runMs: Math.round(runMs) },
  }
}
