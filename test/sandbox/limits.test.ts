import assert from 'node:assert/strict'
import { chown } from 'node:fs/promises'
import { suite, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { featuresOf } from '../../sandbox/jail/features.ts'
import { findCgroups } from '../../sandbox/jail/find-cgroups.ts'
import { processLimits } from '../../sandbox/jail/policy.ts'
import { patience } from '../support/patience.ts'
import { scratch } from '../support/scratch.ts'
import { asNobody, NOBODY } from './as-nobody.ts'
import { plainSandbox } from './fixture.ts'
import { wrongRows } from './limit-rows.ts'

const SCRIPT = fileURLToPath(new URL('ordinary-user.ts', import.meta.url))

suite('limits, by what this machine has', { timeout: patience(120_000) }, () => {
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
    const end = await asNobody(SCRIPT, { args: [cache] })
    if (end === null) return t.skip('nobody may not read this folder')
    assert.deepEqual([end.code, end.said], [0, ''])
  })
})

test('limits of each process, by what else holds', () => {
  const limits = {
    wallMs: 1500,
    memoryBytes: 1000,
    reserveBytes: 500,
    tasks: 8,
    temporaryBytes: 100,
    sharedBytes: 0,
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
