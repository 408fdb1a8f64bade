import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { createSandbox, type Sandbox, type SandboxInit } from '../../sandbox/index.ts'
import { CACHE } from '../support/cache.ts'
import { type Attack, LIMITS } from './attack.ts'
import { attempt, type Device, executorFor, saidBy, surprises, textOf } from './attempt.ts'
import { Bait } from './bait.ts'
import { GOOD } from './good.ts'
import { leftBehind } from './processes.ts'

const LAST_LOOK_MS = 3_000

/** Sandboxes by the time they give the compiler; all share one cache. */
export class Sandboxes {
  readonly #opened = new Map<number | undefined, Promise<Sandbox>>()
  readonly #init: Partial<SandboxInit>
  constructor(init: Partial<SandboxInit> = {}) {
    this.#init = init
  }

  of(compileWallMs: number | undefined): Promise<Sandbox> {
    const sandbox =
      this.#opened.get(compileWallMs) ??
      createSandbox({ cacheDir: CACHE, ...this.#init, ...(compileWallMs ? { compileWallMs } : {}) })
    this.#opened.set(compileWallMs, sandbox)
    return sandbox
  }
}

/** It ended as it should, did no harm, left nothing, and the next good program is right. */
export async function contained(sandbox: Sandbox, attack: Attack, device: Device = 'emulated'): Promise<void> {
  await using bait = await Bait.lay(CACHE)
  const before = await leftBehind(process.pid)
  const runs = await attempt(sandbox, attack, bait, { device })
  assert.equal(runs.length, attack.tests.length)
  assert.deepEqual(surprises(attack, runs), [])
  const { outputBytes } = { ...LIMITS, ...attack.limits }
  assert.ok(runs.every(({ output }) => output.length <= outputBytes))
  await nothingBeside(before)
  await nextIsRight(sandbox, device)
  // Last, so that whatever was sent has had time to come.
  assert.deepEqual(await bait.harm(saidBy(runs)), [])
}

/** Other tests end jails of theirs at the same time, so what is seen is looked at again; what is left stays. */
async function nothingBeside(before: readonly number[]): Promise<void> {
  for (const until = performance.now() + LAST_LOOK_MS; performance.now() < until; await delay(50)) {
    const now = await leftBehind(process.pid)
    if (now.every((pid) => before.includes(pid))) return
  }
  assert.deepEqual(await leftBehind(process.pid), before)
}

/** The programs that do as they should, on this device. */
export async function nextIsRight(sandbox: Sandbox, device: Device = 'emulated'): Promise<void> {
  const { signal } = new AbortController()
  for (const { program, prints } of GOOD) {
    const { tests } = await sandbox.execute(program, executorFor(program.side, device), LIMITS, { signal })
    assert.deepEqual(
      tests.map((run) => [run.status, textOf(run)]),
      prints.map((text) => ['success', text]),
    )
  }
}
