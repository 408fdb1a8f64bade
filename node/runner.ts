import type { PrivateKey } from '@libp2p/interface'
import { type Assign, cidOf, DOMAINS, type Program, type Resources, seal, type UnsignedVerdict } from '../protocol/index.ts'
import type { ExecuteOptions, Execution, Sandbox } from '../sandbox/index.ts'
import type { Parcel } from './outbox.ts'

/** Runs a program and signs what it did. The whole of a verdict is made here. */
export async function makeVerdict(
  { sandbox, key, coordinator }: { sandbox: Sandbox; key: PrivateKey; coordinator: string },
  { nonce, taskId, task }: Assign,
  program: Program,
  { signal, onBuilt }: Pick<ExecuteOptions, 'signal' | 'onBuilt'>,
): Promise<{ parcel: Parcel; execution: Execution }> {
  const { executor, pass, limits } = task
  const execution = await sandbox.execute(program, executor, limits, { signal, pass, ...(onBuilt && { onBuilt }) })
  const verdict = await verdictOf(execution, taskId, nonce)
  const outputs = execution.tests.map(({ output }) => output)
  return { parcel: { nonce, coordinator, envelope: await seal(verdict, DOMAINS.verdict, key), outputs }, execution }
}

async function verdictOf({ environment, tests, compileMs }: Execution, task: string, nonce: string): Promise<UnsignedVerdict> {
  const outcomes = tests.map(async ({ status, output, findings }) => ({
    status,
    output: await cidOf(output, 'raw'),
    outputBytes: output.byteLength,
    findings,
  }))
  return {
    v: 1,
    task,
    nonce,
    environment,
    tests: await Promise.all(outcomes),
    resources: resourcesOf(tests, compileMs),
  }
}

function resourcesOf(tests: Execution['tests'], compileMs: number): Resources {
  const known = (what: (test: Execution['tests'][number]) => number | null) => {
    const values = tests.map(what).filter((value) => value !== null)
    return values.length === 0 ? null : values
  }
  const most = (values: number[] | null) => (values === null ? null : Math.round(Math.max(...values)))
  const sum = (values: number[] | null) => values?.reduce((all, value) => all + value, 0) ?? null
  const kernels = sum(known(({ measured }) => measured.kernelMs))
  return {
    compileMs: Math.round(compileMs),
    runMs: Math.round(sum(known(({ wallMs }) => wallMs)) ?? 0),
    kernelMs: kernels === null ? null : Math.round(kernels * 1000) / 1000,
    peakMemoryBytes: most(known(({ measured }) => measured.peakMemoryBytes)),
    peakGpuMemoryBytes: most(known(({ measured }) => measured.peakGpuMemoryBytes)),
  }
}
