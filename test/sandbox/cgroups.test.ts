import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { access, constants, mkdir, readFile, rmdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { folderOf, parseMemberships, parseMounts, sweepGroups } from '../../sandbox/jail/cgroup-tree.ts'
import type { Cgroups } from '../../sandbox/jail/cgroups.ts'
import { CgroupsV1 } from '../../sandbox/jail/cgroups-v1.ts'
import { CgroupsV2 } from '../../sandbox/jail/cgroups-v2.ts'
import { patience } from '../support/patience.ts'

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

suite('cgroups of this machine', { timeout: patience(20_000) }, () => {
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

  for (const { id, above, own, atLimit } of [
    { id: 'its own limit', above: 64, own: 16, atLimit: true },
    { id: 'a limit above it, as the machine’s own would be', above: 16, own: 64, atLimit: false },
  ]) {
    test(`a kill for memory is told by whose limit it was: ${id}`, async (t) => {
      const place = await memoryTree()
      if (place === null) return t.skip('no tree of memory that may be written')
      const parent = join(place.folder, `kernelswarm-${process.pid}-above-${own}`)
      await mkdir(parent)
      try {
        await writeFile(join(parent, place.limit), String(above * 1024 ** 2))
        const group = await (await place.below(parent)).create({ memoryBytes: own * 1024 ** 2, tasks: 8 })
        const [members = ''] = group.joinFiles
        // It keeps what it reads until a line ends, and none does.
        const hog = spawn('/bin/sh', ['-c', `echo 0 > ${members}; exec tail /dev/zero`], { stdio: 'ignore' })
        assert.deepEqual(await once(hog, 'exit'), [null, 'SIGKILL'])
        const usage = await group.usage()
        await group.remove()
        assert.ok(usage.oomKills > 0)
        assert.equal(usage.atLimit > 0, atLimit)
      } finally {
        await rmdir(parent)
      }
    })
  }

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

interface MemoryTree {
  folder: string
  /** The file that holds a group's limit. */
  limit: string
  below(parent: string): Promise<Cgroups>
}

/** Where this machine lets us make groups that limit memory. */
async function memoryTree(): Promise<MemoryTree | null> {
  const memberships = parseMemberships(await readFile('/proc/self/cgroup', 'utf8'))
  const mounts = parseMounts(await readFile('/proc/self/mountinfo', 'utf8'))
  if ((await CgroupsV2.find(memberships, mounts))?.memory) {
    const folder = (await unifiedTree())?.replace(/\/kernelswarm-self$/, '')
    const below = async (parent: string) => {
      await writeFile(join(parent, 'cgroup.subtree_control'), '+memory')
      return new CgroupsV2(parent, new Set(['memory']))
    }
    return folder === undefined ? null : { folder, limit: 'memory.max', below }
  }
  if (!(await CgroupsV1.find(memberships, mounts))?.memory) return null
  const mount = mounts.find(({ controllers }) => controllers.includes('memory'))
  const folder = mount === undefined ? null : folderOf(mount, memberships.get('memory') ?? '/')
  const below = async (parent: string) => new CgroupsV1({ memory: parent, pids: null })
  return folder === null ? null : { folder, limit: 'memory.limit_in_bytes', below }
}

async function unifiedTree(): Promise<string | null> {
  const mounts = parseMounts(await readFile('/proc/self/mountinfo', 'utf8'))
  const mount = mounts.find((entry) => entry.version === 2)
  const path = parseMemberships(await readFile('/proc/self/cgroup', 'utf8')).get('')
  const folder = mount !== undefined && path !== undefined ? folderOf(mount, path) : null
  if (folder === null) return null
  return await access(folder, constants.W_OK).then(
    () => folder,
    () => null,
  )
}
