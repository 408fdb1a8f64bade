import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { cp, mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { LoopStatus } from '../../bin/evolve/status.ts'
import { Daemon, kernelswarm } from '../support/command.ts'
import { scratch } from '../support/scratch.ts'

const EXAMPLES = fileURLToPath(new URL('../../docs/examples/', import.meta.url))

describe('the example loop', { timeout: 900_000 }, () => {
  it('goes through two rounds on a swarm of its own, killed in the middle of a verification, and Pass@1 rises', async (t) => {
    if (
      await promisify(execFile)('python3', ['--version']).then(
        () => false,
        () => true,
      )
    )
      return t.skip('python3 is not here')
    const home = await scratch(t)
    const folder = join(home, 'docs', 'examples')
    await mkdir(folder, { recursive: true })
    for (const name of ['evolve', 'first-round.jsonl']) await cp(join(EXAMPLES, name), join(folder, name), { recursive: true })
    const plan = join(folder, 'evolve', 'plan.yaml')

    const first = new Daemon(t, home, ['evolve', plan])
    await first.line(/[1-9]\d* verdicts/)
    first.child.kill('SIGKILL')
    await first.ended
    const ran = await kernelswarm(t, home, ['evolve', plan, '--json'])
    assert.equal(ran.code, 0, ran.stderr)

    const status = JSON.parse(ran.stdout) as LoopStatus
    assert.deepEqual(status.stopped, { why: 'rounds', rounds: 2 })
    const [one, two] = status.rounds
    assert.equal(one?.exported?.cases, 16)
    assert.ok((two?.exported?.passAt1 ?? 0) > (one?.exported?.passAt1 ?? 1), ran.stdout)
    assert.equal(two?.follows, one?.verified?.id)

    // What was accepted is what the trainer picked, and what was picked is what the next round was generated from.
    const sft = JSON.parse(await readFile(join(one?.results ?? '', 'translator_sft.json'), 'utf8'))
    const picks = JSON.parse(await readFile(join(one?.model ?? '', 'picks.json'), 'utf8'))
    for (const { instruction, output } of sft) assert.ok(picks[instruction].includes(output))
    assert.match(await readFile(join(status.work, 'rounds', '002', 'logs', 'generate.log'), 'utf8'), /[1-4] of them learned/)
  })
})
