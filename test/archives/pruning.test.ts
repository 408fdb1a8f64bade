import assert from 'node:assert/strict'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { Fixture } from '../http/fixture.ts'
import { planned, Recording } from '../results/recording.ts'
import { closeAll, contentsOf, filesOf, long, Pruning } from './archived.ts'
import { intakeOf, longCase, vote, votedRound } from './books.ts'

/** Texts and outputs that are long, but for two cases, whose outputs are short. */
const PLAN = Array.from({ length: 12 }, (_, n) => {
  const said = n < 2 ? `success ${n}` : `success ${long(`output ${n}`)}`
  return planned({ id: n, cpp: long(`cpp ${n}`), cuda: long(`cuda ${n}`), reference: long(`reference ${n}`) }, [said], [said])
})

describe('pruning', { timeout: 120_000 }, () => {
  it('takes programs and outputs out of the store, which is smaller then; files are as before, also after a start', async (t) => {
    const recording = await Recording.make(t, { plan: PLAN })
    const before = await recording.files()
    const all = (await contentsOf(recording.ledger)).kept
    await closeAll(recording.ledger)
    const { disk } = recording.ledger.store
    await disk.compact({ gte: 'blob/', lt: 'blob0' })
    const size = await bytesOfContents(recording)
    const { counted } = await Pruning.run(recording.ledger, { tidyBytes: 0 })
    const { kept, pruned } = await contentsOf(recording.ledger)
    // Both programs of twelve cases, and ten outputs, the same of both sides. What stays are references, verdicts, short outputs.
    assert.deepEqual([counted.archives, counted.contents, pruned.size], [1, 34, 34])
    assert.deepEqual(new Set([...kept, ...pruned]), all)
    assert.equal(size - (await bytesOfContents(recording)), counted.bytes)
    assert.deepEqual(await recording.files(), before)
    await recording.restart()
    assert.deepEqual(await recording.files(), before)
    t.diagnostic(`contents in the store: ${size} bytes before, ${await bytesOfContents(recording)} after`)
  })

  it('waits until the time is up, and does not begin before all closed rounds are archived', async () => {
    await using fixture = await Fixture.open()
    const { ledger } = fixture
    const round = await votedRound(fixture, 'one', [['a', 'b']])
    const end = ledger.state.rounds.get(round)?.endedAt ?? 0
    await closeAll(ledger)
    assert.deepEqual((await Pruning.run(ledger, { afterMs: 1000 }, end + 999)).said, ['round-archived'])
    const other = await votedRound(fixture, 'two', [['c', 'd']])
    await closeAll(ledger)
    // Where the second archive is to be, something else is.
    await mkdir(ledger.store.archives.fileOf(other), { recursive: true })
    await writeFile(join(ledger.store.archives.fileOf(other), 'file'), '')
    assert.deepEqual((await Pruning.run(ledger, { afterMs: 1000 })).said, ['archive-failed'])
    await rename(ledger.store.archives.fileOf(other), join(ledger.store.archives.folder, 'away'))
    const { said } = await Pruning.run(ledger, { afterMs: 1000 })
    assert.deepEqual(said.sort(), ['round-archived', 'round-pruned 4', 'round-pruned 4'])
  })

  it('keeps what a round in memory names, until that one is archived', async () => {
    await using fixture = await Fixture.open()
    const { ledger } = fixture
    await votedRound(fixture, 'one', [
      ['shared', 'first'],
      ['own', 'other'],
    ])
    // It names one program of the first round, and is not voted on to its end.
    const second = await votedRound(fixture, 'two', [['shared', 'second']], ['second'])
    await closeAll(ledger)
    const shared = fixture.program(second, 1, 'cpp')
    const outputs = [...ledger.state.tasks.values()].flatMap(({ votes }) =>
      votes.flatMap(({ cells }) => cells.map((c) => c.output)),
    )
    assert.deepEqual((await Pruning.run(ledger)).said, ['round-archived', 'round-pruned 6'])
    const { kept } = await contentsOf(ledger)
    for (const cid of [shared, ...outputs]) assert.ok(kept.has(cid))
    await vote(fixture, second, 1, 'cuda', 'second')
    const before = await filesOf(ledger, second)
    await closeAll(ledger)
    assert.deepEqual((await Pruning.run(ledger)).said, ['round-archived', 'round-pruned 4'])
    assert.ok((await contentsOf(ledger)).pruned.has(shared))
    assert.deepEqual(await filesOf(ledger, second), before)
  })

  it('keeps what a round names that comes in between, at whatever moment', async (t) => {
    // While its four contents are looked at, one after the other, before the batch in which they leave, and after that.
    for (let moment = 0; moment < 6; moment++) {
      await using fixture = await Fixture.open()
      const { ledger } = fixture
      const first = await votedRound(fixture, 'one', [['a', 'b']])
      await closeAll(ledger)
      const next = await fixture.openRound('two')
      const intake = intakeOf(fixture)
      const coming = async () => await intake.add('researcher', { t: 'cases', round: next, from: 0, cases: [longCase('a', 'b')] })
      const pruning = new Pruning(ledger)
      let looks = 0
      const between = async () => {
        if (pruning.said.includes('round-archived') && looks++ === moment) await coming()
      }
      const { blob, room } = ledger.store
      t.mock.method(ledger.store, 'blob', async (cid: string) => {
        const found = await blob.call(ledger.store, cid)
        await between()
        return found
      })
      t.mock.method(ledger.store, 'room', async () => {
        await room.call(ledger.store)
        await between()
      })
      await pruning.pruner.look()
      await pruning.pruner.stop()
      t.mock.restoreAll()
      if (looks <= moment) await coming()
      const { kept } = await contentsOf(ledger)
      for (const side of ['cpp', 'cuda'] as const) {
        assert.ok(
          kept.has(fixture.program(next, 1, side)),
          `moment ${moment}: a program that nodes are to be given has left the store`,
        )
      }
      // What was decided is not asked again, wherever its outputs are.
      await intake.seal('researcher', { t: 'seal', round: next, total: 1 })
      assert.equal(ledger.state.rounds.get(next)?.state, 'aggregated')
      assert.equal((await filesOf(ledger, next)).get('outcomes.jsonl'), (await filesOf(ledger, first)).get('outcomes.jsonl'))
    }
  })

  it('lets later rounds use what was decided, and archives them from the archives of the earlier ones', async () => {
    await using fixture = await Fixture.open()
    const { ledger } = fixture
    const first = await votedRound(fixture, 'one', [['a', 'b']])
    const before = await filesOf(ledger, first)
    await closeAll(ledger)
    await Pruning.run(ledger)
    const second = await votedRound(fixture, 'two', [['a', 'b']])
    const { verdicts } = ledger.state
    await intakeOf(fixture).add('researcher', {
      t: 'cases',
      round: await fixture.openRound('x'),
      from: 0,
      cases: [longCase('a', 'b')],
    })
    assert.equal(verdicts, ledger.state.verdicts)
    await closeAll(ledger)
    assert.deepEqual((await Pruning.run(ledger)).counted.archives, 1)
    for (const round of [first, second]) {
      assert.equal((await filesOf(ledger, round)).get('outcomes.jsonl'), before.get('outcomes.jsonl'))
    }
  })

  it('brings programs back that are run again; where their archive is gone that is refused in words', async () => {
    await using fixture = await Fixture.open()
    const { ledger } = fixture
    const round = await votedRound(fixture, 'one', [['a', 'b']])
    await closeAll(ledger)
    await Pruning.run(ledger)
    const again = { t: 'rerun', round, only: ['different'], salt: 's' } as const
    const ask = async () => await intakeOf(fixture).rerun('researcher', { ...again, only: [...again.only] }, 1)
    const { archives } = ledger.store
    await rename(archives.fileOf(round), `${archives.fileOf(round)}.away`)
    await archives.close()
    await assert.rejects(ask, {
      code: 'unavailable',
      message: /archives\/baf.*\.car of the coordinator, which cannot be read \(it is not there\)/,
    })
    await rename(`${archives.fileOf(round)}.away`, archives.fileOf(round))
    const { id } = await ask()
    const { kept } = await contentsOf(ledger)
    for (const side of ['cpp', 'cuda'] as const) assert.ok(kept.has(fixture.program(id, 1, side)))
    await Pruning.run(ledger)
    for (const side of ['cpp', 'cuda'] as const) assert.ok((await contentsOf(ledger)).kept.has(fixture.program(id, 1, side)))
  })
})

describe('an archive', { timeout: 120_000 }, () => {
  it('that is gone or damaged is said in words on pages and in files, once in the log, and read again when it is back', async () => {
    await using fixture = await Fixture.open()
    const { ledger } = fixture
    const round = await votedRound(fixture, 'one', [['a', 'b']])
    const url = await fixture.serve()
    const page = async () => {
      const answer = await fetch(`${url}/api/v1/rounds/${round}/cases/1`)
      return [answer.status, (await answer.json()) as { error?: { code: string; message: string } }] as const
    }
    await closeAll(ledger)
    const before = await page()
    await Pruning.run(ledger)
    assert.deepEqual(await page(), before)
    const said: string[] = []
    ledger.store.archives.onUnreadable = (which) => void said.push(which)
    const file = ledger.store.archives.fileOf(round)
    const whole = await readFile(file)
    const damaged = Buffer.from(whole.map((byte) => byte ^ 1))
    for (const [why, change] of [
      [/it is not there/, async () => await rename(file, `${file}.away`)],
      [/it is damaged at byte/, async () => await writeFile(file, damaged)],
      [/it is damaged at byte/, async () => await writeFile(file, whole.subarray(0, 100))],
    ] as const) {
      await ledger.store.archives.close()
      await change()
      const [status, { error }] = await page()
      assert.deepEqual([status, error?.code], [503, 'unavailable'])
      assert.match(error?.message ?? '', why)
      await assert.rejects(filesOf(ledger, round), { code: 'archive', message: why })
    }
    assert.deepEqual(said, [round])
    await ledger.store.archives.close()
    await writeFile(file, whole)
    assert.deepEqual(await page(), before)
  })

  it('that is damaged before anything has left the store takes nothing with it, and is made again', async () => {
    await using fixture = await Fixture.open()
    const { ledger } = fixture
    const round = await votedRound(fixture, 'one', [['a', 'b']])
    const before = await filesOf(ledger, round)
    await closeAll(ledger)
    await Pruning.run(ledger, {}, 0)
    const file = ledger.store.archives.fileOf(round)
    const whole = await readFile(file)
    await writeFile(file, Buffer.concat([whole.subarray(0, -1), Buffer.of((whole.at(-1) as number) ^ 1)]))
    assert.deepEqual((await Pruning.run(ledger)).said, ['archive-failed'])
    assert.equal((await contentsOf(ledger)).pruned.size, 0)
    assert.deepEqual((await Pruning.run(ledger)).said, ['round-archived', 'round-pruned 4'])
    assert.deepEqual(await readFile(file), whole)
    assert.deepEqual(await filesOf(ledger, round), before)
  })

  it('is not looked into for a name that comes from outside, and few are open at a time', async () => {
    await using fixture = await Fixture.open()
    const { ledger } = fixture
    const rounds: string[] = []
    for (let n = 0; n < 12; n++) rounds.push(await votedRound(fixture, `round ${n}`, [[`a${n}`, `b${n}`]]))
    const secret = fixture.program(rounds[0] as string, 1, 'cpp')
    await closeAll(ledger)
    await Pruning.run(ledger)
    const url = await fixture.serve()
    assert.equal((await fetch(`${url}/api/v1/verdicts/${secret}`)).status, 404)
    assert.equal(ledger.store.archives.open, 0)
    await Promise.all(rounds.map((round) => fetch(`${url}/api/v1/rounds/${round}/cases/1`)))
    assert.equal(ledger.store.archives.open, 8)
  })
})

describe('a round that was cancelled', { timeout: 60_000 }, () => {
  it('keeps in the store what others still vote on: it is in no archive', async () => {
    await using fixture = await Fixture.open()
    const { ledger } = fixture
    const first = await votedRound(fixture, 'one', [['shared', 'first']], ['first'])
    const second = await votedRound(fixture, 'two', [['shared', 'second']], ['second'])
    const output =
      [...ledger.state.tasks.values()].flatMap(({ votes }) => votes.map(({ cells }) => cells[0]?.output ?? ''))[0] ?? ''
    await fixture.cancelRound(first)
    await closeAll(ledger)
    await Pruning.run(ledger)
    const text = await readFile(ledger.store.archives.fileOf(first), 'latin1')
    assert.ok(!text.includes('prints this'), 'what is secret until the vote is over is in an archive')
    const { kept } = await contentsOf(ledger)
    for (const cid of [output, fixture.program(second, 1, 'cpp'), fixture.program(second, 1, 'cuda')]) assert.ok(kept.has(cid))
  })
})

async function bytesOfContents({ ledger }: Recording): Promise<number> {
  let bytes = 0
  for await (const [, value] of ledger.store.disk.iterator({ gte: 'blob/', lt: 'blob0' })) bytes += value.length
  return bytes
}
