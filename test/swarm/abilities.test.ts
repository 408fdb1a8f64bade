import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ExecutorName, RoundSpec } from '../../protocol/index.ts'
import { type Execution, SandboxFault } from '../../sandbox/index.ts'
import { writeCases } from '../support/cases.ts'
import { FakeSandbox } from '../support/fake-sandbox.ts'
import { scratch } from '../support/scratch.ts'
import { SPEC, TestSwarm } from '../support/swarm.ts'

const GPU_SPEC: RoundSpec = { ...SPEC, executor: 'gpu', policy: { kind: 'majority', quorum: 1, replicas: 1 } }

/** A sandbox whose GPU goes out of service in its first program for it, which is given back so long after. */
class Failing extends FakeSandbox {
  override readonly executors: ExecutorName[] = ['host', 'gpu']
  readonly #givesBackMs: number
  #tell = () => {}
  constructor(givesBackMs: number) {
    super()
    this.#givesBackMs = givesBackMs
  }

  onChange(listener: () => void): void {
    this.#tell = listener
  }

  override async execute(...order: Parameters<FakeSandbox['execute']>): Promise<Execution> {
    if (order[1] !== 'gpu') return await super.execute(...order)
    if (this.executors.includes('gpu')) {
      this.executors.splice(1)
      this.#tell()
    }
    await sleep(this.#givesBackMs)
    throw new SandboxFault('gpu', 'out of service')
  }
}

describe('a node that can no longer run what it could', { timeout: 120_000 }, () => {
  it('says so by coming back; what it gives back, before, while or after it does, others have at once', async (t) => {
    const folder = await scratch(t)
    const swarm = await TestSwarm.start(t, folder)
    // Some of these fall between its greeting and the answer to it.
    const delays = [0, 1, 2, 4, 6, 8, 10, 14, 20, 40]
    for (const ms of delays) await swarm.join(`failing-${ms}`, new Failing(ms), 1)
    const client = await swarm.researcher()
    const round = await swarm.submit(client, await writeCases(join(folder, 'cases.jsonl'), delays.length), GPU_SPEC)
    let whole = false
    let undecided = -1
    for await (const { unserved, judgements } of client.watch(round)) {
      undecided = judgements.undecided
      if (whole || unserved === null || !/a node that has a GPU and can run "gpu"/.test(unserved)) continue
      whole = true
      await swarm.addNode('whole', undefined, 2, ['gpu'])
    }
    assert.deepEqual([whole, undecided], [true, 0])
  })
})
