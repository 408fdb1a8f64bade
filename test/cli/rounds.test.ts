import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { line } from '../support/cases.ts'
import { kernelswarm, type Ran } from '../support/command.ts'
import { type Behaviour, honest } from '../support/fake-sandbox.ts'
import { scratch } from '../support/scratch.ts'
import { TestSwarm } from '../support/swarm.ts'
import { typed } from '../support/typed.ts'

describe('the commands of a round', { timeout: 300_000 }, () => {
  it('pause, add, resume, watch, rerun and export a round, and say what they did', async (t) => {
    const home = await scratch(t)
    const swarm = await TestSwarm.start(t, home)
    // Nobody agrees on case 2 until it is settled.
    let settled = false
    const behave = (name: string): Behaviour => {
      return (program, ...run) =>
        !settled && program.code.includes('f2(') ? { output: Buffer.from(name) } : honest(program, ...run)
    }
    const at = ['--coordinator', swarm.address]
    const round = async (...args: string[]): Promise<Ran> => await kernelswarm(t, home, ['round', ...args, ...at])
    const good = (ran: Ran, pattern: RegExp) => {
      assert.equal(ran.code, 0, ran.stderr)
      assert.match(ran.stdout, pattern)
    }
    await writeFile(join(home, 'first.jsonl'), `${line(1)}\n${line(2)}\n`)
    await writeFile(join(home, 'second.jsonl'), `${line(3, { wrong: true })}\n`)
    const terms = ['--replicas', '2', '--quorum', '2', '--rule', 'compat', '--passes', 'none', '--max-cpu-seconds', '3600']
    const sent = await kernelswarm(t, home, ['submit', 'first.jsonl', ...at, ...terms, '--visibility', 'counts-only', '--json'])
    assert.equal(sent.code, 0, sent.stderr)
    const { round: id } = JSON.parse(sent.stdout) as { round: string }

    good(await round('pause', id), /^paused /)
    good(await round('show', id), /paused; 0 % {2}0 of 2 cases[\s\S]*visibility: counts-only[\s\S]*0 of 3600 CPU seconds used/)
    good(await round('add', id, 'second.jsonl'), /^added 1 cases; it has 3 cases$/m)
    good(await round('add', id, 'second.jsonl'), /^this file is in the round already; it has 3 cases$/m)
    for (const name of ['a', 'b']) await swarm.addNode(name, behave(name))
    good(await round('resume', id), /^resumed /)
    good(await round('watch', id), /aggregated/)
    const refused = await round('add', id, 'first.jsonl')
    assert.equal(refused.code, 0, refused.stderr)
    await writeFile(join(home, 'third.jsonl'), `${line(4)}\n`)
    const late = await round('add', id, 'third.jsonl')
    assert.equal(late.code, 2)
    assert.match(late.stderr, /the round has ended; there is nothing to extend; more cases are another round/)

    settled = true
    const again = await round('rerun', id, '--json')
    assert.equal(again.code, 0, again.stderr)
    const opened = JSON.parse(again.stdout) as { round: string; cases: number }
    assert.equal(opened.cases, 1)
    good(await round('watch', opened.round), new RegExp(`runs cases of ${id} again`))
    good(await round('export', opened.round, '--merged', '--out', 'merged'), /merged\/outcomes\.jsonl/)
    const outcomes = (await readFile(join(home, 'merged', 'outcomes.jsonl'), 'utf8')).trim().split('\n')
    assert.deepEqual(
      outcomes.map((text) => JSON.parse(text)).map(({ id, judgement }) => [id, judgement.compat]),
      [
        [1, 'equivalent'],
        [2, 'equivalent'],
        [3, 'different'],
      ],
    )
  })

  it('block a program, list what is blocked, and take it off the list', async (t) => {
    const home = await scratch(t)
    const program = 'bafyreihnnvkzucuubflq2cbjoolc7xo6nr3el5dg3w2nslldkj324letji'
    const coordinator = async (...args: string[]) => await typed(t, home, ['coordinator', ...args, '--data', 'coordinator'])
    const steps: [args: string[], says: RegExp][] = [
      [['blocked'], /^no program is blocked$/m],
      [['block', program, '--reason', 'mines # coins'], /is blocked$/m],
      [['block', program, '--reason', 'mines # coins'], /was blocked already$/m],
      [['blocked'], new RegExp(`^${program} {2}mines coins$`, 'm')],
      [['unblock', program], /may be run again$/m],
      [['unblock', program], /was not blocked$/m],
    ]
    for (const [args, says] of steps) assert.match((await coordinator(...args)).stdout, says, args.join(' '))
    assert.equal((await coordinator('block', 'nonsense')).code, 2)
  })
})
