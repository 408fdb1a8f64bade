import assert from 'node:assert/strict'
import { copyFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { writeCases } from '../support/cases.ts'
import { Daemon, kernelswarm } from '../support/command.ts'
import { coordinatorOn, nodeAt } from '../support/command-swarm.ts'
import { freePort } from '../support/free-port.ts'
import { scratch } from '../support/scratch.ts'
import { stableIn } from '../support/stable.ts'

/**
 * A round of real processes with the real sandbox, of which each kind is killed in the middle. The long form takes cases of a file, such as
 * the recorded ones of docs/fidelity.md:
 *
 *     KERNELSWARM_KILLED_CASES=CASES.jsonl node --test test/cli/killed.test.ts
 */
const LONG = process.env.KERNELSWARM_KILLED_CASES
/** Of the short form. */
const CASES = 8
const LIMIT_MS = LONG === undefined ? 600_000 : 6 * 3_600_000

async function kill(daemon: Daemon): Promise<void> {
  daemon.child.kill('SIGKILL')
  await daemon.ended
}

/** An event of `progress` with so many verdicts. */
function verdicts(least: number) {
  return {
    exec: (line: string) => {
      const event = line.startsWith('{') ? (JSON.parse(line) as { event?: string; verdicts?: number }) : {}
      return event.event === 'progress' && (event.verdicts ?? 0) >= least ? event : null
    },
    toString: () => `${least} verdicts`,
  }
}

describe('the commands as separate processes', { timeout: LIMIT_MS }, () => {
  it('verify a round; killed in the middle, all of them go on and the results are the same to the byte', async (t) => {
    const home = await scratch(t)
    const file = join(home, 'cases.jsonl')
    if (LONG === undefined) await writeCases(file, CASES)
    else await copyFile(LONG, file)
    const cases = (await readFile(file, 'utf8')).trimEnd().split('\n').length
    const port = await freePort()
    let { daemon, address } = await coordinatorOn(t, home, port)
    const nodes = await Promise.all(['n1', 'n2', 'n3'].map((name) => nodeAt(t, home, name, address)))
    const submit = ['submit', file, '--coordinator', address]

    const sending = new Daemon(t, home, [...submit, '--watch', '--json'])
    await sending.line(/"event":"sent"/)
    await kill(sending)
    const following = new Daemon(t, home, [...submit, '--watch', '--json'])
    await following.line(verdicts(cases / 2))
    await kill(following)

    const [, round = ''] = await following.line(/"event":"submitted".*"round":"([^"]+)"/)
    const watched = new Daemon(t, home, ['round', 'watch', round, '--coordinator', address, '--json'])
    await watched.line(verdicts(cases))
    await kill(daemon)
    await kill(nodes[0] as Daemon)
    await watched.line(/"event":"away"/)
    ;({ daemon, address } = await coordinatorOn(t, home, port))
    await nodeAt(t, home, 'n1', address)

    const out = await kernelswarm(t, home, [...submit, '--out', 'killed', '--json'])
    assert.equal(out.code, 0, out.stderr)
    const summary = JSON.parse(out.stdout)
    assert.equal(summary.round, round)
    assert.equal(await watched.ended, 0)
    if (LONG === undefined) assert.deepEqual(summary.judgements, { equivalent: 6, different: 2, invalid: 0, undecided: 0 })
    assert.deepEqual(summary.disagreed, [])
    t.diagnostic(`${cases} cases, ${JSON.stringify(summary.judgements)}`)

    const alone = ['--nodes', '2', '--replicas', '2', '--quorum', '2', '--json']
    const undisturbed = await kernelswarm(t, home, ['run', file, '--out', 'undisturbed', ...alone])
    assert.equal(undisturbed.code, 0, undisturbed.stderr)
    assert.deepEqual(await stableIn(join(home, 'killed')), await stableIn(join(home, 'undisturbed')))

    const listed = await kernelswarm(t, home, ['round', 'list', '--coordinator', address])
    assert.match(listed.stdout, /cases\.jsonl {2}aggregated/)
    for (const one of [daemon, ...nodes.slice(1)]) {
      one.child.kill('SIGTERM')
      assert.equal(await one.ended, 0)
    }
  })
})
