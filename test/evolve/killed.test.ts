import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import type { LoopStatus } from '../../bin/evolve/status.ts'
import { Daemon, kernelswarm } from '../support/command.ts'
import { scratch } from '../support/scratch.ts'
import { stableIn } from '../support/stable.ts'
import { TestSwarm } from '../support/swarm.ts'
import { Commands, writePlan } from './commands.ts'

interface Loop {
  home: string
  plan: string
  swarm: TestSwarm
  commands: Commands
}

async function aLoop(t: TestContext, folder: string): Promise<Loop> {
  await mkdir(folder)
  const swarm = await TestSwarm.start(t, folder)
  const commands = await Commands.start(t)
  const key = join(folder, 'researcher.key')
  const plan = await writePlan(folder, commands.port, `coordinator: '${swarm.address}', key: '${key}',`)
  return { home: folder, plan, swarm, commands }
}

async function kill(daemon: Daemon): Promise<void> {
  daemon.child.kill('SIGKILL')
  await daemon.ended
}

/** What a loop came to, without times and paths. */
async function outcomeOf(t: TestContext, { home, plan }: Loop) {
  const { stdout, stderr, code } = await kernelswarm(t, home, ['evolve', plan, '--status', '--json'])
  assert.equal(code, 0, stderr)
  const { rounds, stopped, next } = JSON.parse(stdout)
  const files = []
  for (const { results, model } of rounds) {
    files.push(...Object.values(await stableIn(results)))
    files.push(await readFile(join(model, 'model.json'), 'utf8'))
  }
  const lineage = (rounds as LoopStatus['rounds']).map(({ round, follows, verified, exported, generated }) => {
    return { round, follows, id: verified?.id, exported, digest: generated?.digest }
  })
  return { stopped, next, lineage, files }
}

describe('kernelswarm evolve', { timeout: 600_000 }, () => {
  it('killed with -9 in each of its steps goes on there, and comes to what it would have come to', async (t) => {
    const folder = await scratch(t)
    const loop = await aLoop(t, join(folder, 'killed'))
    const { home, plan, swarm, commands } = loop
    const evolve = () => new Daemon(t, home, ['evolve', plan])

    let daemon = evolve()
    const orphan = await commands.next()
    assert.deepEqual([orphan.step, orphan.attempt], ['1 generate', '1'])
    await kill(daemon)

    daemon = evolve()
    await orphan.gone
    const again = await commands.next()
    assert.deepEqual([again.step, again.attempt], ['1 generate', '2'], 'the step again, when what ran of it has ended')
    again.goOn()
    await daemon.line(/ {2}waiting: /)
    await kill(daemon)

    // A named pipe that nobody reads holds the export up in the middle.
    const results = join(home, 'plan.evolve', 'rounds', '001', 'results')
    await mkdir(results, { recursive: true })
    execFileSync('mkfifo', [join(results, 'translator_sft.json.part')])
    await swarm.addNode('a')
    await swarm.addNode('b')
    await swarm.addNode('c')
    daemon = evolve()
    await daemon.line(/round 1 of at most 2: export/)
    await kill(daemon)
    await rm(join(results, 'translator_sft.json.part'))

    daemon = evolve()
    const training = await commands.next()
    assert.deepEqual([training.step, training.attempt], ['1 train', '1'])
    await kill(daemon)

    daemon = evolve()
    await training.gone
    const trained = await commands.next()
    assert.deepEqual([trained.step, trained.attempt], ['1 train', '2'])
    trained.goOn()
    commands.letAll()
    assert.equal(await daemon.ended, 0, daemon.lines.join('\n'))
    assert.equal((await (await swarm.researcher()).list()).length, 2, 'a round at the coordinator for each of the loop')

    const whole = await aLoop(t, join(folder, 'whole'))
    for (const name of ['a', 'b', 'c']) await whole.swarm.addNode(name)
    whole.commands.letAll()
    assert.equal((await kernelswarm(t, whole.home, ['evolve', whole.plan])).code, 0)
    const [killed, uncut] = [await outcomeOf(t, loop), await outcomeOf(t, whole)]
    assert.deepEqual(killed.stopped, { why: 'rounds', rounds: 2 })
    assert.deepEqual(withoutIds(killed), withoutIds(uncut))
    assert.equal(killed.lineage[1]?.follows, killed.lineage[0]?.id)
    const report = JSON.parse(await readFile(join(home, 'plan.evolve', 'rounds', '002', 'results', 'report.json'), 'utf8'))
    assert.equal(report.round.spec.follows, killed.lineage[0]?.id, 'the report says which round it follows')
    assert.deepEqual(JSON.parse(killed.files.at(-1) as string), [
      { round: '1', kept: 4 },
      { round: '2', kept: 4 },
    ])
  })

  it('stopped by Ctrl-C ends the command and says how to go on; one at a time works in a folder', async (t) => {
    const { home, plan, commands } = await aLoop(t, join(await scratch(t), 'loop'))
    const daemon = new Daemon(t, home, ['evolve', plan])
    const generating = await commands.next()
    const second = await kernelswarm(t, home, ['evolve', plan])
    assert.equal(second.code, 1)
    assert.match(second.stderr, /another kernelswarm evolve is at work there/)
    daemon.child.kill('SIGINT')
    await generating.gone
    assert.equal(await daemon.ended, 1)
    await daemon.line(/stopped by SIGINT; the same command goes on at the step it was in/)
  })

  it('submits the cases of a round that was cancelled as a new one', async (t) => {
    const { home, plan, swarm, commands } = await aLoop(t, join(await scratch(t), 'loop'))
    commands.letAll()
    const daemon = new Daemon(t, home, ['evolve', plan])
    await daemon.line(/ {2}waiting: /)
    const client = await swarm.researcher()
    const [round] = await client.list()
    await client.cancel(round?.round as string)
    assert.equal(await daemon.ended, 1)
    await daemon.line(/round 1, verify: round \S+ was cancelled; its cases will be submitted as a new one/)
    for (const name of ['a', 'b', 'c']) await swarm.addNode(name)
    assert.equal((await kernelswarm(t, home, ['evolve', plan])).code, 0)
  })

  it('waits for a coordinator that is away', async (t) => {
    const { home, plan, swarm, commands } = await aLoop(t, join(await scratch(t), 'loop'))
    commands.letAll()
    const daemon = new Daemon(t, home, ['evolve', plan])
    await daemon.line(/ {2}waiting: /)
    await swarm.restartCoordinator(async () => {
      await daemon.line(/ {2}the coordinator is away \(.*\); trying again, nothing is lost/)
    })
    for (const name of ['a', 'b', 'c']) await swarm.addNode(name)
    assert.equal(await daemon.ended, 0, daemon.lines.join('\n'))
  })
})

/** Researchers have keys of their own, so their rounds have other names. */
function withoutIds({ lineage, ...rest }: Awaited<ReturnType<typeof outcomeOf>>) {
  return { ...rest, lineage: lineage.map(({ id: _, follows: __, ...one }) => one) }
}
