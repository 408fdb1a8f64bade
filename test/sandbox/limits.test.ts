import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { chown } from 'node:fs/promises'
import { suite, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { featuresOf } from '../../sandbox/jail/features.ts'
import { findCgroups } from '../../sandbox/jail/find-cgroups.ts'
import { processLimits } from '../../sandbox/jail/policy.ts'
import { scratch } from '../support/scratch.ts'
import { plainSandbox } from './fixture.ts'
import { wrongRows } from './limit-rows.ts'

const NOBODY = 65_534

suite('limits, by what this machine has', { timeout: 120_000 }, () => {
  test('with its cgroups', async (t) => {
    const cgroups = await findCgroups()
    if (cgroups.memory === null) return t.skip('no cgroup of memory here')
    const sandbox = await plainSandbox()
    assert.deepEqual(sandbox.environment('host').limits.slice(0, 3), [
      `memory:${cgroups.memory}`,
      `processes:${cgroups.tasks ?? 'rlimit'}`,
      'calls:seccomp',
    ])
    assert.deepEqual(await wrongRows(sandbox), [])
  })

  test('without cgroups', async () => {
    const sandbox = await plainSandbox({ cgroups: 'never' })
    const held = ['memory:watch', 'memory:address-space', 'processes:rlimit', 'calls:seccomp']
    assert.deepEqual(sandbox.environment('host').limits.slice(0, 4), held)
    assert.deepEqual(await wrongRows(sandbox), [])
  })

  test('as an ordinary user', { skip: process.getuid?.() !== 0 && 'who runs this is one already' }, async (t) => {
    const cache = await scratch(t)
    await chown(cache, NOBODY, NOBODY)
    const { code, said } = await asNobody(cache)
    if (code === 126) return t.skip('nobody may not read this folder')
    assert.deepEqual([code, said], [0, ''])
  })
})

test('limits of each process, by what else holds', () => {
  const limits = {
    wallMs: 1500,
    memoryBytes: 1000,
    reserveBytes: 500,
    tasks: 8,
    temporaryBytes: 100,
    stdoutBytes: 10,
    stderr: { maxBytes: 10, whenFull: 'stop' as const },
  }
  const names = (held: { memory: boolean; tasks: boolean }) => processLimits(limits, held).map(([name]) => name)
  const always = ['core', 'cpu', 'fsize', 'nofile', 'stack', 'memlock', 'msgqueue']
  assert.deepEqual(names({ memory: true, tasks: true }), always)
  assert.deepEqual(names({ memory: false, tasks: false }), [...always, 'as', 'nproc'])
  const values = new Map(processLimits(limits, { memory: false, tasks: false }))
  assert.deepEqual([values.get('as'), values.get('nproc'), values.get('cpu'), values.get('core')], [1500, 8, 24, 0])
})

test('a bubblewrap that cannot filter system calls is too old', () => {
  const help =
    '--json-status-fd FD\n--die-with-parent \n--unshare-cgroup-try \n--ro-bind-data FD\n--remount-ro DEST\n--perms OCTAL\n'
  assert.throws(() => featuresOf(help), { code: 'jail' })
  assert.deepEqual([...featuresOf(`${help}--seccomp FD\n--size BYTES\n`)], ['--size'])
})

/** Runs the rows in a process of that user; 126 where it cannot even be started there. */
async function asNobody(cache: string): Promise<{ code: number | null; said: string }> {
  const script = fileURLToPath(new URL('ordinary-user.ts', import.meta.url))
  const words = ['-c', 'test -x "$0" && test -r "$1" || exit 126; exec "$0" "$@"', process.execPath, script, cache]
  const child = spawn('/bin/sh', words, {
    uid: NOBODY,
    gid: NOBODY,
    cwd: '/',
    env: { PATH: '/usr/bin:/bin' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece) => (said += piece))
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { code, said }
}
