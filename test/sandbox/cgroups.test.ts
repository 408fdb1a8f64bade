import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { access, constants, mkdir, readFile, rmdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { folderOf, parseMemberships, parseMounts, sweepGroups } from '../../sandbox/jail/cgroup-tree.ts'
import { CgroupsV1 } from '../../sandbox/jail/cgroups-v1.ts'
import { CgroupsV2 } from '../../sandbox/jail/cgroups-v2.ts'

suite('reading cgroup tables', () => {
  const MOUNTS = [
    '36 25 0:31 / /sys/fs/cgroup/memory rw,relatime shared:10 - cgroup cgroup rw,memory',
    '37 25 0:32 /box /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids',
    '38 25 0:33 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw',
    '39 25 0:34 / /proc rw - proc proc rw',
  ].join('\n')
  test('memberships', () => {
    const read = parseMemberships('8:pids:/box/a\n4:cpu,cpuacct:/\n1:name=systemd:/x:y\n0::/user.slice\n')
    assert.deepEqual(
      [...read],
      [
        ['pids', '/box/a'],
        ['cpu', '/'],
        ['cpuacct', '/'],
        ['name=systemd', '/x:y'],
        ['', '/user.slice'],
      ],
    )
  })
  test('mounts and the folders under them', () => {
    const [memory, pids, unified, ...rest] = parseMounts(MOUNTS)
    assert.ok(memory && pids && unified)
    assert.deepEqual(rest, [])
    assert.equal(folderOf(memory, '/a/b'), '/sys/fs/cgroup/memory/a/b')
    assert.equal(folderOf(pids, '/box/a'), '/sys/fs/cgroup/pids/a')
    assert.equal(folderOf(pids, '/boxes'), null)
    assert.deepEqual([memory.version, pids.version, unified.version], [1, 1, 2])
  })
})

suite('cgroups of this machine', { timeout: 20_000 }, () => {
  test('version 2: a group takes its members with it when it is removed', async (t) => {
    const parent = await unifiedTree()
    if (parent === null) return t.skip('no version 2 tree that may be written')
    const group = await new CgroupsV2(parent, new Set()).create({ memoryBytes: 1, tasks: 1 })
    const child = spawn('sleep', ['60'], { stdio: 'ignore' })
    const exit = once(child, 'exit')
    for (const file of group.joinFiles) await writeFile(file, String(child.pid))
    await group.remove()
    assert.deepEqual(await exit, [null, 'SIGKILL'])
    for (const file of group.joinFiles) await assert.rejects(access(file))
  })

  test('version 1: limits are written, counts are read', async (t) => {
    const memberships = parseMemberships(await readFile('/proc/self/cgroup', 'utf8'))
    const cgroups = await CgroupsV1.find(memberships, parseMounts(await readFile('/proc/self/mountinfo', 'utf8')))
    if (cgroups === null) return t.skip('no version 1 tree that may be written')
    const group = await cgroups.create({ memoryBytes: 64 * 1024 ** 2, tasks: 7 })
    const limits = await Promise.all(
      group.joinFiles.map((file) =>
        Promise.any(
          ['memory.limit_in_bytes', 'pids.max'].map(async (name) => (await readFile(join(file, '..', name), 'utf8')).trim()),
        ),
      ),
    )
    assert.ok(
      limits.every((limit) => limit === '7' || limit === String(64 * 1024 ** 2)),
      limits.join(),
    )
    assert.equal((await group.usage()).oomKills, 0)
    await group.remove()
    for (const file of group.joinFiles) await assert.rejects(access(file))
  })

  test('groups of a process that is no more are swept, those of a living one are not', async (t) => {
    const parent = await unifiedTree()
    if (parent === null) return t.skip('no version 2 tree that may be written')
    const gone = join(parent, `kernelswarm-${2 ** 22 + 1}-1`)
    const alive = join(parent, `kernelswarm-${process.ppid}-999999`)
    await mkdir(gone)
    await mkdir(alive)
    await sweepGroups(parent)
    await assert.rejects(access(gone))
    await rmdir(alive)
  })
})

async function unifiedTree(): Promise<string | null> {
  const mounts = parseMounts(await readFile('/proc/self/mountinfo', 'utf8'))
  const mount = mounts.find((entry) => entry.version === 2)
  const path = parseMemberships(await readFile('/proc/self/cgroup', 'utf8')).get('')
  const folder = mount !== undefined && path !== undefined ? folderOf(mount, path) : null
  if (folder === null) return null
  return await access(folder, constants.W_OK).then(
    () => (process.getuid?.() === 0 ? folder : null),
    () => null,
  )
}
