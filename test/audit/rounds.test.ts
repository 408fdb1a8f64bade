import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { type AuditReport, blockProgram, unblockProgram } from '../../coordinator/index.ts'
import { mayClose } from '../../coordinator/state/closing.ts'
import type { RoundEntry } from '../../coordinator/state/model.ts'
import {
  CONFIDENCE_DEFAULTS,
  checkCaseFile,
  loadIdentity,
  type ResearcherClient,
  type RoundSpec,
  readCases,
} from '../../protocol/index.ts'
import { line } from '../support/cases.ts'
import { type Behaviour, honest } from '../support/fake-sandbox.ts'
import { patience } from '../support/patience.ts'
import { scratch } from '../support/scratch.ts'
import { ended, SPEC, TestSwarm } from '../support/swarm.ts'
import { until } from '../support/until.ts'
import { audited } from './archives.ts'
import { putTogether, takeApart } from './rebuild.ts'

const POLICIES: { id: string; spec: RoundSpec }[] = [
  { id: 'a majority', spec: SPEC },
  { id: 'a confidence', spec: { ...SPEC, policy: { ...CONFIDENCE_DEFAULTS, theta: 0.99 } } },
]
const NODES = ['a', 'b', 'c', 'd', 'e']

/** A swarm of which the nodes do as they are told, and whose clock goes on as it is told. */
class Stage {
  readonly folder: string
  readonly swarm: TestSwarm
  readonly client: ResearcherClient
  readonly clock: { ahead: number }

  private constructor(folder: string, swarm: TestSwarm, client: ResearcherClient, clock: { ahead: number }) {
    this.folder = folder
    this.swarm = swarm
    this.client = client
    this.clock = clock
  }

  static async set(
    t: TestContext,
    behave: (clock: { ahead: number }) => Behaviour,
    executors?: ('host' | 'gpu')[],
  ): Promise<Stage> {
    const folder = await scratch(t)
    const clock = { ahead: 0 }
    const swarm = await TestSwarm.start(t, folder, { clock: { now: () => Date.now() + clock.ahead } })
    for (const name of NODES) await swarm.addNode(name, behave(clock), 1, executors)
    return new Stage(folder, swarm, await swarm.researcher('researcher', patience(120_000)), clock)
  }

  /** A file of cases with these numbers, every third one wrong. */
  async file(name: string, from: number, to: number): Promise<string> {
    const lines = Array.from({ length: to - from + 1 }, (_, n) => line(from + n, { wrong: (from + n) % 3 === 0 }))
    await writeFile(join(this.folder, name), `${lines.join('\n')}\n`)
    return join(this.folder, name)
  }

  async add(round: string, file: string): Promise<void> {
    const { digest, cases } = await checkCaseFile(file)
    const { from, have } = await this.client.extend(round, digest)
    await this.client.send(round, readCases(file, { skip: have - from }), have, () => {})
    await this.client.seal(round, from + cases)
  }

  async archive(round: string): Promise<Buffer> {
    const parts: Uint8Array[] = []
    for await (const { name, bytes } of this.client.fetch(round, { partial: true })) if (name === 'round.car') parts.push(bytes)
    return Buffer.concat(parts)
  }

  /** Audits a round's archive, lets the round leave memory, audits what is made of the records then; both hold and say the same. */
  async audit(round: string, cases: readonly string[] = []): Promise<AuditReport> {
    const live = await audited(this.folder, await this.archive(round), { cases })
    assert.equal(live.failure, null)
    const { ledger } = this.swarm.coordinator
    await until(() => mayClose(ledger.state, ledger.state.roundNamed(round) as RoundEntry), 'it may leave memory')
    await ledger.record({ t: 'round-closed', at: Date.now() + this.clock.ahead, round })
    assert.equal(ledger.state.rounds.has(round), false)
    const closed = await audited(this.folder, await this.archive(round), { cases })
    assert.equal(closed.failure, null)
    for (const what of ['cases', 'judged', 'decided', 'undecided', 'givenUp', 'cells', 'compat'] as const)
      assert.deepEqual(closed.checked[what], live.checked[what], what)
    return closed
  }
}

/** Honest nodes that begin when they are told to. */
function gate() {
  const { promise, resolve } = Promise.withResolvers<void>()
  const behave: Behaviour = async (...run) => {
    await promise
    return await honest(...run)
  }
  return { behave, open: () => resolve() }
}

for (const { id, spec } of POLICIES) {
  describe(`the archive of a round under ${id}`, { timeout: patience(240_000) }, () => {
    it('holds when files were added, and shows that the cases are those of the files', async (t) => {
      const { behave, open } = gate()
      const stage = await Stage.set(t, () => behave)
      const [first, second, third] = [
        await stage.file('first.jsonl', 1, 5),
        await stage.file('second.jsonl', 6, 8),
        await stage.file('third.jsonl', 9, 9),
      ]
      const round = await stage.swarm.submit(stage.client, first, spec)
      await stage.add(round, second)
      await stage.add(round, third)
      open()
      await ended(stage.client, round)
      const alone = await stage.audit(round)
      assert.ok(alone.word.some((one) => /that the cases are those of the file with the SHA-256 \w+\.\.\. and of 2/.test(one)))
      const archive = await stage.archive(round)
      const whole = await audited(stage.folder, archive, { cases: [third, first, second, second] })
      assert.deepEqual([whole.failure, whole.checked.casesSeen], [null, 9])
      assert.ok(!whole.word.some((one) => one.includes('the cases are')))
      const some = await audited(stage.folder, archive, { cases: [second] })
      assert.deepEqual([some.failure, some.checked.casesSeen], [null, 3])
      assert.ok(some.word.some((one) => one.includes('that the other 6 cases are')))
      const other = await audited(stage.folder, archive, { cases: [await stage.file('other.jsonl', 1, 6)] })
      assert.match(other.failure?.what ?? 'it holds', /the round has no file with the SHA-256 .*other\.jsonl/)
      // A coordinator that lies about its files, or about what was in them.
      const key = await loadIdentity(join(stage.folder, 'coordinator', 'coordinator.key'))
      const shifted = await takeApart(archive)
      shifted.head.additions[0].cases--
      const gap = await audited(stage.folder, await putTogether(shifted, key))
      assert.match(gap.failure?.what ?? 'it holds', /do not follow one another/)
      const renamed = await takeApart(archive)
      renamed.lists.cases[6].problem = 'another'
      const head = await audited(stage.folder, await putTogether(renamed, key), { cases: [first, second] })
      assert.match(head.failure?.what ?? 'it holds', /^case line 7: its head is another in .*second\.jsonl/)
      const swapped = await takeApart(archive)
      const file = join(stage.folder, 'swapped.jsonl')
      await writeFile(file, [1, 2, 3, 4, 5].map((number) => line(number, { wrong: number === 2 })).join('\n'))
      swapped.head.casesDigest = (await checkCaseFile(file)).digest
      const program = await audited(stage.folder, await putTogether(swapped, key), {
        cases: [file],
      })
      assert.match(program.failure?.what ?? 'it holds', /^case line 2: its CUDA side is another/)
    })

    it('holds when a program was blocked, and when that case was run again', async (t) => {
      const { behave, open } = gate()
      const stage = await Stage.set(t, () => behave)
      const { swarm, client, folder } = stage
      const round = await swarm.submit(client, await stage.file('cases.jsonl', 1, 4), spec)
      const { state } = swarm.coordinator.ledger
      const program = state.rounds.get(round)?.cases[1]?.programs.cuda ?? ''
      const data = join(folder, 'coordinator')
      await blockProgram(data, program, 'mines coins')
      await until(() => state.blocked.has(program), 'the list is taken up')
      open()
      assert.equal((await ended(client, round)).judgements.undecided, 1)
      const blocked = await stage.audit(round)
      assert.deepEqual(blocked.checked.givenUp, { declined: 0, limit: 0, blocked: 1 })
      await unblockProgram(data, program)
      await until(() => !state.blocked.has(program), 'the list is taken up')
      const again = await client.rerun(round, ['undecided'], '')
      assert.equal((await ended(client, again.round)).judgements.undecided, 0)
      const { checked, word } = await stage.audit(again.round)
      assert.deepEqual([checked.cases, checked.judged], [1, 1])
      assert.ok(word.some((one) => one.includes(`that the cases are those that round ${round} has at the places`)))
      // What it runs again is in the name of its cases.
      const parts = await takeApart(await stage.archive(again.round))
      parts.head.parent.cases = [2]
      const key = await loadIdentity(join(data, 'coordinator.key'))
      const { failure } = await audited(folder, await putTogether(parts, key))
      assert.match(failure?.what ?? 'it holds', /the digest of its cases is not that of the round/)
    })

    it('holds when a program has used its seconds', async (t) => {
      const stage = await Stage.set(t, (clock) => async (program, ...run) => {
        const isLong = program.code.includes('void k2(')
        if (isLong) clock.ahead += 30_000
        return { ...(await honest(program, ...run)), wallMs: isLong ? 30_000 : 1 }
      })
      const file = await stage.file('cases.jsonl', 1, 4)
      const round = await stage.swarm.submit(stage.client, file, { ...spec, caps: { programSeconds: 40 } })
      assert.equal((await ended(stage.client, round)).judgements.undecided, 1)
      const { checked } = await stage.audit(round, [file])
      assert.deepEqual([checked.givenUp.limit, checked.casesSeen], [1, 4])
    })

    for (const [what, executor, caps] of [
      ['processor', 'emulated', { cpuSeconds: 100 }],
      ['GPU', 'gpu', { gpuSeconds: 100 }],
    ] as const) {
      it(`holds when it has reached its limit of ${what} seconds and was cancelled then`, async (t) => {
        const slow = (clock: { ahead: number }): Behaviour => {
          return async (...run) => {
            clock.ahead += 1_000
            return { ...(await honest(...run)), wallMs: 1_000 }
          }
        }
        const stage = await Stage.set(t, slow, executor === 'gpu' ? ['host', 'gpu'] : undefined)
        const { client, swarm } = stage
        const round = await swarm.submit(client, await stage.file('cases.jsonl', 1, 60), { ...spec, executor, caps })
        const paused = async () => (await client.list()).find((one) => one.round === round)?.paused
        assert.equal((await until(paused, 'it is paused')).reason, 'limit')
        assert.equal((await audited(stage.folder, await stage.archive(round))).failure, null)
        await client.cancel(round)
        const { checked, round: head } = await stage.audit(round)
        assert.deepEqual([head?.state, head?.partial, checked.cases], ['cancelled', true, 60])
        // Tasks are shown that have come to their end: some have, however the first seconds were spread over them.
        assert.ok(checked.pending > 0 && checked.votes > 0, JSON.stringify(checked))
        // What was left is run again as a round of its own.
        const rest = await client.rerun(round, ['pending'], '')
        await client.resume(rest.round, { [Object.keys(caps)[0] as string]: 100_000 })
        assert.equal((await ended(client, rest.round)).state, 'aggregated')
        assert.equal((await stage.audit(rest.round)).checked.pending, 0)
      })
    }

    it('holds when it was cancelled in the middle, half of its file sent', async (t) => {
      const { promise, resolve } = Promise.withResolvers<void>()
      const stage = await Stage.set(t, () => async (program, ...run) => {
        if (/[fk]([6-9]|10)[(_]/.test(program.code)) await promise
        return await honest(program, ...run)
      })
      const { client } = stage
      const file = await stage.file('cases.jsonl', 1, 20)
      const { digest } = await checkCaseFile(file)
      const { round } = await client.open(spec, digest, '')
      async function* some() {
        let left = 10
        for await (const item of readCases(file)) if (left-- > 0) yield item
      }
      await client.send(round, some(), 0, () => {})
      const judged = async () => ((await client.list()).find((one) => one.round === round)?.judged ?? 0) > 0
      await until(judged, 'some of it is judged')
      await client.cancel(round)
      resolve()
      const { checked, round: head, word } = await stage.audit(round, [file])
      assert.deepEqual([head?.state, checked.cases, checked.casesSeen], ['cancelled', 10, 10])
      assert.ok(checked.pending > 0 && word.some((one) => one.includes('cases are not judged')))
    })
  })
}
