import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { GOODBYE_MS } from '../../node/volunteer.ts'
import { STOP_MS } from '../../node/work.ts'
import { below } from '../../sandbox/jail/process-tree.ts'
import { line } from '../support/cases.ts'
import { kernelswarm } from '../support/command.ts'
import { coordinatorOn, nodeAt } from '../support/command-swarm.ts'
import { freePort } from '../support/free-port.ts'
import { scratch } from '../support/scratch.ts'
import { until } from '../support/until.ts'

const SLOTS = 2

describe('a node as people start it, with programs that never end in its jail', { timeout: 300_000 }, () => {
  it('is stopped by SIGTERM: the programs are gone, their assignments given back, within the time that a stop has', async (t) => {
    const home = await scratch(t)
    const endless = Array.from({ length: SLOTS }, (_, n) =>
      line(n, {
        tests: 1,
        cpp_code: `void f${n}(int *a, int n) { for (volatile int i = 0; ; i++) a[0] = i; }`,
        cuda_code: `__global__ void k${n}(int *a, int n) { for (volatile int i = 0; ; i++) a[0] = i; }`,
      }),
    )
    await writeFile(join(home, 'cases.jsonl'), endless.join('\n'))
    const { daemon: coordinator, address } = await coordinatorOn(t, home, await freePort())
    const node = await nodeAt(t, home, 'n', address, SLOTS)
    const asked = ['submit', 'cases.jsonl', '--coordinator', address, '--wall', '600', '--replicas', '1', '--quorum', '1']
    const sent = await kernelswarm(t, home, asked)
    assert.equal(sent.code, 0, sent.stderr)

    // They are built first, which takes as long as it takes.
    while ((await programsBelow(node.child.pid as number)) < SLOTS) await sleep(100)
    const all = below(node.child.pid as number)
    const began = performance.now()
    node.child.kill('SIGTERM')
    assert.equal(await node.ended, 0)
    const took = performance.now() - began
    // What else runs on this machine has several times as long again.
    assert.ok(took < 4 * (STOP_MS + GOODBYE_MS), `${took} ms`)
    t.diagnostic(`${took.toFixed()} ms for ${all.length} processes`)
    for (const pid of all) await until(async () => await isGone(pid), `process ${pid} is gone`)
    const declined = () =>
      coordinator.lines.filter((text) => /"event":"assignment-declined".*"reason":"shutting-down"/.test(text))
    await until(() => declined().length === SLOTS, 'both are given back')
  })
})

/** Programs that a jail runs under a process. */
async function programsBelow(pid: number): Promise<number> {
  const names = below(pid).map((one) => readFile(`/proc/${one}/comm`, 'latin1').catch(() => ''))
  return (await Promise.all(names)).filter((name) => name === 'program\n').length
}

/** Ended, whether somebody has asked how or not. */
async function isGone(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => null)
  return stat === null || /^\d+ \(.*\) [ZX]/s.test(stat)
}
