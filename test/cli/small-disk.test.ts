import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { closeSync, openSync, writeSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { writeCases } from '../support/cases.ts'
import { Daemon, kernelswarm } from '../support/command.ts'
import { patience } from '../support/patience.ts'
import { scratch } from '../support/scratch.ts'

const MAIN = fileURLToPath(new URL('../../bin/main.ts', import.meta.url))
const DISK_MIB = 12

/** Whether this process may mount a file system where only its children see it. */
const canMount = spawnSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0

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

describe('a coordinator on a disk that is full to the last byte', { timeout: patience(180_000) }, () => {
  it('does not end, says why it takes nothing, and goes on by itself when there is space', {
    skip: canMount ? false : 'not allowed to mount a file system here: 1 test left out (it needs root)',
  }, async (t) => {
    const home = await scratch(t)
    const disk = join(home, 'disk')
    await mkdir(disk)
    const command = `mount -t tmpfs -o size=${DISK_MIB}m tmpfs ${disk} && exec ${process.execPath} ${MAIN} coordinator --data ${disk}/data --listen /ip4/127.0.0.1/tcp/0 --http off --reserve 0`
    const coordinator = new Daemon(t, home, ['--mount', 'sh', '-c', command], 'unshare')
    const [, address = ''] = await coordinator.line(/node start --coordinator (\S+)/)
    // Only the coordinator sees that disk: it is reached by way of its process.
    const filler = `/proc/${coordinator.child.pid}/root${disk}/filler`
    fill(filler)
    const submit = ['submit', await writeCases(join(home, 'cases.jsonl'), 40), '--coordinator', address, '--json']
    const refused = await kernelswarm(t, home, submit)
    assert.equal(refused.code, 1, refused.stderr)
    assert.match(refused.stderr, /can write nothing \(its disk is full\); it tries again/)
    await coordinator.line(/"event":"disk-failing".*"trouble":"full"/)
    await rm(filler)
    await coordinator.line(/"event":"disk-(good|low)"/)
    const taken = await kernelswarm(t, home, submit)
    assert.equal(taken.code, 0, taken.stderr)
    assert.equal(coordinator.child.exitCode, null)
    coordinator.child.kill('SIGTERM')
    assert.equal(await coordinator.ended, 0)
  })
})
