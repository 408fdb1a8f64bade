import assert from 'node:assert/strict'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { cli } from '../../bin/cli.ts'
import { certifyTo, nodeIn, ownerKey, ownNode } from '../../node/index.ts'
import { peerIdOf } from '../../protocol/index.ts'
import { kernelswarm } from '../support/command.ts'
import { scratch } from '../support/scratch.ts'
import { listen } from '../support/typed.ts'

const YEAR = { now: Date.now(), forMs: 365 * 86_400_000 }

function typed(t: TestContext, args: readonly string[]): Promise<number> {
  return cli(['node', 'kernelswarm', 'node', 'own', ...args], t.signal)
}

/** What the command prints. */
async function printed(t: TestContext, args: readonly string[]): Promise<string> {
  const stdout = listen(t, 'stdout')
  await typed(t, args)
  return stdout.end()
}

describe('kernelswarm node own', { timeout: 120_000 }, () => {
  it('certifies the node here with a key that only its owner can read, and one elsewhere by two files', async (t) => {
    const home = await scratch(t)
    const key = join(home, '.config/kernelswarm/owner.key')
    const here = await kernelswarm(t, home, ['node', 'own', '--days', '20'])
    assert.equal(here.code, 0, here.stderr)
    assert.equal((await stat(key)).mode & 0o777, 0o600)
    assert.match(here.stdout, /^key +\S+owner\.key {2}\(new\)\nKeep a copy/m)
    const [, owner = ''] = /^owner +(12D3\w+), until \d{4}-\d\d-\d\d$/m.exec(here.stdout) ?? []
    const shown = await kernelswarm(t, home, ['node', 'own', '--show'])
    assert.match(shown.stdout, new RegExp(`${owner}, until .*; soon: renew it`))

    const away = await kernelswarm(t, home, ['node', 'own', '--show', '--data', 'away'])
    const [, node = ''] = /^node +(12D3\w+)$/m.exec(away.stdout) ?? []
    assert.match(away.stdout, /^owner +none: the node counts under its network/m)
    const made = await kernelswarm(t, home, ['node', 'own', '--node', node, '--out', 'away.cert'])
    assert.match(made.stdout, /node own --import away\.cert/)
    assert.doesNotMatch(made.stdout, /\(new\)/)
    const imported = await kernelswarm(t, home, ['node', 'own', '--import', 'away.cert', '--data', 'away'])
    assert.match(imported.stdout, new RegExp(`^owner +${owner}, until`, 'm'))
  })

  for (const [id, args, message] of [
    ['a node without a file for its certificate', ['--node', '12D3'], /--node and --out belong together/],
    ['a node that is no peer id', ['--node', '12D3', '--out', 'x'], /12D3: not a node's peer id/],
    ['more days than any certificate may hold', ['--days', '731'], /at most 730 days/],
    ['an owner key that is none', ['--key', import.meta.filename], /own\.test\.ts: cannot be read as a key/],
  ] as const) {
    it(`refuses ${id}`, async (t) => {
      const folder = await scratch(t)
      const files = ['--data', folder, '--key', join(folder, 'owner.key')]
      await assert.rejects(typed(t, [...files, ...args]), { name: 'KernelswarmError', message })
    })
  }

  it('refuses a certificate that is not there, or is for another node', async (t) => {
    const folder = await scratch(t)
    const taken = (file: string) => typed(t, ['--data', join(folder, 'here'), '--import', file])
    await assert.rejects(taken(join(folder, 'nothing')), { name: 'KernelswarmError', message: /nothing: no such file/ })
    const file = join(folder, 'away.cert')
    await certifyTo(file, (await ownerKey(join(folder, 'owner.key'))).key, await nodeIn(join(folder, 'away')), YEAR)
    await assert.rejects(taken(file), { name: 'KernelswarmError', message: /away\.cert: .* for another node than this one/ })
  })

  for (const mixed of [
    ['--import', 'x', '--show'],
    ['--import', 'x', '--key', 'y'],
    ['--show', '--days', '3'],
  ]) {
    it(`refuses ${mixed.join(' ')}`, async (t) => {
      listen(t, 'stderr')
      await assert.rejects(typed(t, mixed), { code: 'commander.conflictingOption' })
    })
  }

  it('says when the node had another owner before, and what is wrong with a certificate that does not count', async (t) => {
    const folder = await scratch(t)
    const data = join(folder, 'node')
    const { key: first } = await ownerKey(join(folder, 'first.key'))
    await ownNode(first, data, YEAR)
    const said = await printed(t, ['--data', data, '--key', join(folder, 'second.key')])
    assert.match(said, new RegExp(`^before +${peerIdOf(first)}; from now on the node counts as another operator's`, 'm'))
    await ownNode(first, data, { now: YEAR.now - 2 * YEAR.forMs, forMs: YEAR.forMs })
    assert.match(
      await printed(t, ['--data', data, '--show']),
      /^owner +the owner's certificate ended at .*coordinators refuse this node/m,
    )
  })
})
