import assert from 'node:assert/strict'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { cli } from '../../bin/cli.ts'
import { kernelswarm } from '../support/command.ts'
import { scratch } from '../support/scratch.ts'

describe('kernelswarm node own', { timeout: 120_000 }, () => {
  it('certifies the node here with a key that only its owner can read, and one elsewhere by two files', async (t) => {
    const home = await scratch(t)
    const key = join(home, '.config/kernelswarm/owner.key')
    const here = await kernelswarm(t, home, ['node', 'own', '--days', '20'])
    assert.equal(here.code, 0, here.stderr)
    assert.equal((await stat(key)).mode & 0o777, 0o600)
    const [, owner = ''] = /^owner +(12D3\w+), until \d{4}-\d\d-\d\d$/m.exec(here.stdout) ?? []
    const shown = await kernelswarm(t, home, ['node', 'own', '--show'])
    assert.match(shown.stdout, new RegExp(`${owner}, until .*; soon: renew it`))

    const away = await kernelswarm(t, home, ['node', 'own', '--show', '--data', 'away'])
    const [, node = ''] = /^node +(12D3\w+)$/m.exec(away.stdout) ?? []
    assert.match(away.stdout, /^owner +none: the node counts under its network/m)
    const made = await kernelswarm(t, home, ['node', 'own', '--node', node, '--out', 'away.cert'])
    assert.match(made.stdout, /node own --import away\.cert/)
    const imported = await kernelswarm(t, home, ['node', 'own', '--import', 'away.cert', '--data', 'away'])
    assert.match(imported.stdout, new RegExp(`^owner +${owner}, until`, 'm'))
  })

  for (const [id, args, message] of [
    ['a node without a file for its certificate', ['--node', '12D3'], /--node and --out belong together/],
    ['a node that is no peer id', ['--node', '12D3', '--out', 'x'], /12D3: not a node's peer id/],
    ['more days than any certificate may hold', ['--days', '731'], /at most 730 days/],
    ['a file that is not there', ['--import', 'nothing'], /nothing: no such file/],
  ] as const) {
    it(`refuses ${id}`, async (t) => {
      const folder = await scratch(t)
      const files = ['--data', folder, '--key', join(folder, 'owner.key')]
      const typed = cli(['node', 'kernelswarm', 'node', 'own', ...files, ...args], t.signal)
      await assert.rejects(typed, { name: 'KernelswarmError', message })
    })
  }
})
