import { readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { SandboxFault } from '../types.ts'
import { isAlive } from './cgroup-tree.ts'
import { REAP_MS } from './limits.ts'

/**
 * Waits for the end of a jail's init. The kernel ends it only after every process of its namespace, so that then
 * nothing of the run is left, in whatever session or group it hid.
 */
export async function waitUntilGone(init: number | null): Promise<void> {
  if (init === null) return
  const until = performance.now() + REAP_MS
  for (let waitMs = 0.5; isAlive(init); waitMs = Math.min(waitMs * 2, 50)) {
    if (await isDead(init)) return
    if (performance.now() > until) throw new SandboxFault('jail', `process ${init} of a jail does not end`)
    await delay(waitMs)
  }
}

/** A zombie has ended; whose task it is to bury it is not ours to wait for. */
async function isDead(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  return stat === '' || /^\d+ \(.*\) [ZX]/s.test(stat)
}
