import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { closeSync, openSync, writeSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { writeCases } from '../support/cases.ts'
import { Daemon } from '../support/command.ts'
import { patience } from '../support/patience.ts'
import { scratch } from '../support/scratch.ts'
import { until } from '../support/until.ts'

const MAIN = fileURLToPath(new URL('../../bin/main.ts', import.meta.url))
const DISK_MIB = 12

/** Whether this process may mount a file system where only its children see it. */
const canMount = spawnSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0

const SKIP = canMount ? false : 'not allowed to mount a file system here: 1 test left out (it needs root)'

/** A coordinator whose data are on a disk of its own, which only it sees: it is reached by way of its process. */
async function onSmallDisk(t: TestContext, home: string, disk: string) {
  const command = `mount -t tmpfs -o size=${DISK_MIB}m tmpfs ${disk} && exec ${process.execPath} ${MAIN} coordinator --data ${disk}/data --listen /ip4/127.0.0.1/tcp/0 --http off --reserve 0`
  const coordinator = new Daemon(t, home, ['--mount', 'sh', '-c', command], 'unshare')
  const [, address = ''] = await coordinator.line(/node start --coordinator (\S+)/)
  return { coordinator, address, filler: `/proc/${coordinator.child.pid}/root${disk}/filler` }
}

/** Mounts the coordinator's disk anew; false where the system does not let it. */
function remount({ child }: Daemon, disk: string, how: 'ro' | 'rw'): boolean {
  const args = ['--mount', '--target', String(child.pid), 'mount', '-o', `remount,${how}`, disk]
  return spawnSync('nsenter', args).status === 0
}

/** Begins to submit, and is told what the coordinator's disk is; whoever submits waits for it. */
async function submitting(t: TestContext, home: string, submit: string[], why: string): Promise<Daemon> {
  const researcher = new Daemon(t, home, submit)
  await researcher.line(new RegExp(`can write nothing \\(its disk ${why}\\); it tries again`))
  assert.equal(researcher.child.exitCode, null)
  return researcher
}

/** What waited is taken by the same process, which ends as it should when it is asked to. */
async function takenUp(waiting: readonly Daemon[], coordinator: Daemon): Promise<void> {
  for (const { ended, lines } of waiting) assert.equal(await ended, 0, lines.join('\n'))
  assert.equal(coordinator.child.exitCode, null)
  coordinator.child.kill('SIGTERM')
  assert.equal(await coordinator.ended, 0)
}

/** Writes until nothing more fits, not a single byte. */
function fill(file: string): void {
  const handle = openSync(file, 'w')
  for (let size = 64 * 1024; size >= 1; size = Math.floor(size / 2)) {
    try {
      for (;;) writeSync(handle, Buffer.alloc(size))
    } catch (error) {
      assert.equal((error as NodeJS.ErrnoException).code, 'ENOSPC')
    }
  }
  closeSync(handle)
}

/** A coordinator whose disk is full, and a submit that waits for it. */
async function waiting(t: TestContext) {
  const home = await scratch(t)
  const disk = join(home, 'disk')
  await mkdir(disk)
  const { coordinator, address, filler } = await onSmallDisk(t, home, disk)
  fill(filler)
  const submit = ['submit', await writeCases(join(home, 'cases.jsonl'), 40), '--coordinator', address]
  const researcher = await submitting(t, home, submit, 'is full')
  await coordinator.line(/"event":"disk-failing".*"trouble":"full"/)
  return { home, disk, coordinator, filler, submit, researcher }
}

describe('a coordinator on a disk that is full to the last byte', { timeout: patience(180_000) }, () => {
  it('does not end, says why it takes nothing, and goes on by itself when there is space', { skip: SKIP }, async (t) => {
    const { coordinator, filler, researcher } = await waiting(t)
    await rm(filler)
    await coordinator.line(/"event":"disk-(good|low)"/)
    await takenUp([researcher], coordinator)
  })

  it('does not end either when that disk is mounted read-only, and goes on when it can be written', { skip: SKIP }, async (t) => {
    const { home, disk, coordinator, filler, submit, researcher } = await waiting(t)
    // The system lets nobody do that while a file is open for writing, which the database's are not between two tries.
    await until(() => remount(coordinator, disk, 'ro'), 'it can only be read')
    await assert.rejects(rm(filler), { code: 'EROFS' })
    const late = await submitting(t, home, submit, 'can only be read')
    assert.ok(remount(coordinator, disk, 'rw'))
    await rm(filler)
    await coordinator.line(/"event":"disk-(good|low)"/)
    await takenUp([researcher, late], coordinator)
  })
})
