import assert from 'node:assert/strict'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { writeCases } from '../support/cases.ts'
import { Daemon, kernelswarm } from '../support/command.ts'
import { patience } from '../support/patience.ts'
import { scratch } from '../support/scratch.ts'

describe('a researcher whom a coordinator does not know', { timeout: patience(120_000) }, () => {
  it('is refused with the line that allows the key, which was made at once; then the same command goes through', async (t) => {
    const home = await scratch(t)
    const file = await writeCases(join(home, 'cases.jsonl'), 2)
    const data = ['--data', 'coordinator']
    const listen = ['--listen', '/ip4/127.0.0.1/tcp/0', '--http', 'off', '--no-local-researchers']
    const daemon = new Daemon(t, home, ['coordinator', ...data, ...listen])
    const [, address = ''] = await daemon.line(/node start --coordinator (\S+)/)
    const submit = ['submit', file, '--coordinator', address, '--json']

    const refused = await kernelswarm(t, home, submit)
    assert.equal(refused.code, 2)
    const said =
      /^kernelswarm: key (\S+) may not open rounds here; the operator allows it with: kernelswarm (coordinator allow \1)\n$/
    const [, key = '', line = ''] = said.exec(refused.stderr) ?? assert.fail(refused.stderr)
    const made = await stat(join(home, '.local', 'share', 'kernelswarm', 'researcher', 'researcher.key'))
    assert.equal(made.mode & 0o777, 0o600)
    assert.ok(!daemon.lines.some((text) => text.includes('round-opened')), 'nothing was opened')

    const allowed = await kernelswarm(t, home, [...line.split(' '), ...data])
    assert.deepEqual([allowed.code, allowed.stdout], [0, `${key} may open rounds now\n`])
    const taken = await kernelswarm(t, home, submit)
    assert.equal(taken.code, 0, taken.stderr)
    const listed = await kernelswarm(t, home, ['round', 'list', '--coordinator', address, '--json'])
    const rounds = JSON.parse(listed.stdout) as { round: string; cases: number }[]
    assert.deepEqual(
      rounds.map(({ round, cases }) => [round, cases]),
      [[JSON.parse(taken.stdout).round, 2]],
    )
  })
})
