import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { holderOf } from '../../node/daemon/claim.ts'
import { GOODBYE_MS } from '../../node/volunteer.ts'
import { STOP_MS } from '../../node/work.ts'
import { writeCases } from '../support/cases.ts'
import { scratch } from '../support/scratch.ts'
import { SPEC, TestSwarm } from '../support/swarm.ts'
import { until } from '../support/until.ts'
import type { SleepingArguments } from './sleeping-daemon.ts'

const CHILD = fileURLToPath(new URL('sleeping-daemon.ts', import.meta.url))

describe('a node that is stopped by SIGTERM', { timeout: 120_000 }, () => {
  it('ends what runs, gives it back, and is gone, all within the time that a stop has', async (t) => {
    const folder = await scratch(t)
    const swarm = await TestSwarm.start(t, folder)
    const data = join(folder, 'node')
    const said: SleepingArguments = { data, coordinator: swarm.address }
    const node = fork(CHILD, [JSON.stringify(said)], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
    t.after(() => node.kill('SIGKILL'))
    const programs: number[] = []
    node.on('message', (pid: number) => programs.push(pid))
    const client = await swarm.researcher()
    await swarm.submit(client, await writeCases(join(folder, 'cases.jsonl'), 3), {
      ...SPEC,
      policy: { kind: 'majority', quorum: 1, replicas: 1 },
    })
    await until(() => programs.length === 2, 'two programs run')

    const ended = once(node, 'exit')
    const began = performance.now()
    node.kill('SIGTERM')
    assert.deepEqual(await ended, [0, null])
    const took = performance.now() - began
    // What else runs on this machine has several times as long again.
    assert.ok(took < 4 * (STOP_MS + GOODBYE_MS), `${took} ms`)
    for (const pid of programs) await assert.rejects(access(`/proc/${pid}`), { code: 'ENOENT' })
    assert.equal(await holderOf(data), null)
    const { nodes } = swarm.coordinator.ledger.state
    await until(() => [...nodes.values()].some(({ declined }) => declined === 2), 'both were given back')
    assert.ok([...nodes.values()].every(({ expired }) => expired === 0))
  })
})
