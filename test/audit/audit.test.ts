import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it, type TestContext } from 'node:test'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { PrivateKey } from '@libp2p/interface'
import type { CID } from 'multiformats/cid'
import { cidOf, peerIdOf } from '../../protocol/index.ts'
import { kernelswarm } from '../support/command.ts'
import { patience } from '../support/patience.ts'
import { scratch } from '../support/scratch.ts'
import { seeded } from '../support/seeded.ts'
import { audited, confidenceArchive, majorityArchive, partly, unanswered } from './archives.ts'
import { flips, sampled } from './flips.ts'
import { auditedInPython } from './in-python.ts'
import { LIES } from './lies.ts'
import { blocksOf, file, type Parts, putTogether, takeApart } from './rebuild.ts'

/** Changed bytes of each archive; `npm run soak:audit` changes all of them. */
const SAMPLES = 150

let majority: Buffer
let coordinator: PrivateKey
let confidence: Buffer
/** Of the same round when it had left memory. */
let closed: Buffer
/** The node that said something else than the others under the majority. */
let liar: string

describe('an audit', { timeout: patience(400_000) }, () => {
  const held: (() => Promise<void> | void)[] = []
  before(async () => {
    // What makes an archive tidies up after a test; here after all of them.
    const context = { after: (fn: () => Promise<void> | void) => held.unshift(fn) } as unknown as TestContext
    const made = await majorityArchive(context)
    majority = made.bytes
    coordinator = made.recording.key
    liar = made.recording.names.at(-1) as string
    const confident = await confidenceArchive(context, await scratch(context))
    confidence = confident.bytes
    closed = confident.closed
  })
  after(async () => {
    for (const fn of held) await fn()
  })

  it('works out everything again of a round under a majority, minority votes and all passes included', async (t) => {
    const { failure, checked, round, confidence: reached, word } = await audited(await scratch(t), majority)
    assert.equal(failure, null)
    assert.deepEqual([round?.coordinator, round?.partial], [peerIdOf(coordinator), false])
    assert.deepEqual([checked.cases, checked.judged, checked.operators], [6, 6, 4])
    assert.deepEqual(checked.strict, { equivalent: 2, different: 2, undecided: 2 })
    assert.equal(checked.votes, 3 * checked.tasks)
    assert.ok(checked.comparisons > 0 && reached !== null)
    assert.ok(word.some((one) => one.includes('nothing was left out')))
  })

  it('works out everything again of a round under a confidence policy: batches, repeats, who was wrong', async (t) => {
    const { failure, checked, word } = await audited(await scratch(t), confidence)
    assert.equal(failure, null)
    assert.deepEqual([checked.cases, checked.decided, checked.compat], [60, 120, { equivalent: 40, different: 20 }])
    for (const what of ['batches', 'checksSeen', 'repeats', 'wrong'] as const) assert.ok(checked[what] > 0, what)
    assert.ok(word.some((one) => one.includes('drawn by chance')))
  })

  it('works out the same of that round when it has left memory: its batches and the suspended liar are there, too', async (t) => {
    const live = await audited(await scratch(t), confidence)
    const { failure, checked, word } = await audited(await scratch(t), closed)
    assert.equal(failure, null)
    // Batches that were being checked at its end are through by now, so there may be more of them.
    assert.ok(checked.batches >= live.checked.batches && checked.checksSeen >= live.checked.checksSeen)
    for (const what of ['votes', 'repeats', 'wrong', 'voided', 'decided', 'cells', 'compat'] as const)
      assert.deepEqual(checked[what], live.checked[what], what)
    const { incidents, operators, batches } = (await takeApart(closed)).lists
    const [suspended] = incidents.filter(({ kind }) => kind === 'suspended')
    assert.ok(suspended !== undefined && checked.voided > 0)
    assert.equal(operators.find(({ name }) => name === suspended.operator)?.suspensions, 1)
    assert.ok(batches.some(({ operator, state }) => operator === suspended.operator && state === 'reopened'))
    assert.ok(word.some((one) => one.includes('did not count since their operators were suspended')))
  })

  it('believes that operators gave a task back, and says that this is on the word of the coordinator', async (t) => {
    const recording = await unanswered(t)
    const report = await audited(await scratch(t), (await recording.files()).get('round.car') as Buffer)
    assert.equal(report.failure, null)
    assert.deepEqual(report.checked.givenUp, { declined: 1, limit: 0, blocked: 0 })
    assert.ok(report.word.includes('that 1 tasks ended undecided since operators gave them back'))
  })

  it('holds of a partial archive, which says nothing of what is withheld', async (t) => {
    const recording = await partly(t)
    const report = await audited(await scratch(t), (await recording.files({ partial: true })).get('round.car') as Buffer)
    assert.equal(report.failure, null)
    assert.ok(report.round?.partial && report.checked.pending > 0 && report.checked.unsettled > 0)
    assert.ok(report.word.some((one) => one.includes('cases are not judged')))
  })

  it('asks for the key it was told', async (t) => {
    const folder = await scratch(t)
    assert.equal((await audited(folder, majority, { key: peerIdOf(coordinator) })).holds, true)
    const { failure } = await audited(folder, majority, { key: peerIdOf(await generateKeyPair('Ed25519')) })
    assert.equal(failure?.code, 'signature')
  })

  for (const which of ['majority', 'confidence'] as const) {
    it(`finds any changed byte of a ${which} archive, and says what it is of`, async (t) => {
      const archive = which === 'majority' ? majority : confidence
      let named = 0
      for await (const { at, from, to, said } of flips(
        await scratch(t),
        archive,
        sampled(archive.length, which === 'majority' ? SAMPLES : SAMPLES / 3, seeded(7)),
      )) {
        assert.ok(said !== null, `byte ${at}, ${from} -> ${to}`)
        if (/program|verdict|output|list|manifest|root|header/.test(said)) named++
        else assert.fail(`byte ${at}, ${from} -> ${to}: ${said}`)
      }
      assert.ok(named > 0)
    })
  }

  it('finds every changed byte of the header, of the first lengths and names', async (t) => {
    const places = Array.from({ length: 110 }, (_, at) => ({ at, mask: 1 << (at % 8) }))
    for await (const { at, said } of flips(await scratch(t), majority, places)) assert.ok(said !== null, `byte ${at}`)
  })

  const shapes: { id: string; make: () => Promise<Uint8Array> | Uint8Array; says: RegExp }[] = [
    { id: 'the last byte missing', make: () => majority.subarray(0, -1), says: /cut off, where there should be / },
    { id: 'half of it missing', make: () => majority.subarray(0, majority.length / 2), says: /cut off, where there should be/ },
    { id: 'a byte more', make: () => Buffer.concat([majority, Buffer.of(0)]), says: /where there should be nothing more/ },
    {
      id: 'another archive behind it',
      make: () => Buffer.concat([majority, majority]),
      says: /where there should be nothing more/,
    },
    {
      id: 'the last block missing',
      make: async () => {
        const { root, blocks } = await blocksOf(majority)
        return file(root, blocks.slice(0, -1))
      },
      says: /is not in the archive/,
    },
    {
      id: 'two blocks swapped',
      make: async () => {
        const { root, blocks } = await blocksOf(majority)
        return file(root, [...blocks.slice(0, 20), blocks[21], blocks[20], ...blocks.slice(22)] as typeof blocks)
      },
      says: /should stand here, and stands at 21/,
    },
    {
      id: 'a block twice',
      make: async () => {
        const { root, blocks } = await blocksOf(majority)
        return file(root, [...blocks, blocks[20]] as typeof blocks)
      },
      says: /is there twice/,
    },
    {
      id: 'a block that nothing names',
      make: async () => {
        const { root, blocks } = await blocksOf(majority)
        const bytes = Buffer.from('what is this')
        return file(root, [...blocks, { cid: await cidOf(bytes, 'raw'), bytes }])
      },
      says: /nothing names it/,
    },
    {
      id: 'another root',
      make: async () => {
        const { blocks } = await blocksOf(majority)
        return file(blocks[1]?.cid as string, blocks)
      },
      says: /another root than the first block/,
    },
  ]
  for (const { id, make, says } of shapes) {
    it(`finds ${id}`, async (t) => {
      const { failure } = await audited(await scratch(t), await make())
      assert.match(failure?.what ?? 'it holds', says)
    })
  }

  it('can be put together from its parts, which is what the liars below do', async () => {
    assert.deepEqual(await putTogether(await takeApart(majority), coordinator), majority)
  })

  for (const { id, of, tell, says } of LIES) {
    it(`finds ${id}, signed by a coordinator that lies`, async (t) => {
      const parts = await takeApart(of === 'confidence' ? confidence : majority)
      await tell(parts)
      const key = of === 'confidence' ? await generateKeyPair('Ed25519') : coordinator
      if (of === 'confidence') parts.head.coordinator = peerIdOf(key)
      const { failure } = await audited(await scratch(t), await putTogether(parts, key))
      assert.match(failure?.what ?? 'it holds', says)
    })
  }

  it('finds a minority vote left out where its place shows, and says that one left out without a trace is on its word', async (t) => {
    const folder = await scratch(t)
    const without = await takeApart(majority)
    const { task, place } = outvoted(without.lists)
    const [vote] = task.votes.splice(place, 1)
    // Signed by somebody else: the signature is not the coordinator's.
    const other = await generateKeyPair('Ed25519')
    assert.equal((await audited(folder, await putTogether(without, other))).failure?.code, 'signature')
    // Signed by the coordinator, and the rest left as it was: what was counted, what is listed and the counts show it.
    assert.match(
      (await audited(folder, await putTogether(without, coordinator))).failure?.what ?? '',
      /verdicts name|were counted/,
    )
    // Put right everywhere: nothing tells, since nobody else knows what the coordinator was sent.
    task.counted--
    task.outputs = task.outputs.filter((cid: CID) => !onlyIn(cid, vote, without))
    without.head.counts.votes--
    const silent = await audited(folder, await putTogether(without, coordinator))
    assert.equal(silent.failure, null)
    assert.ok(silent.word.some((one) => one.includes('that nothing was left out')))
  })

  describe('from the command line', () => {
    it('says what was checked and what is on the word of the coordinator, and exits with 0', async (t) => {
      const home = await scratch(t)
      await writeFile(join(home, 'round.car'), majority)
      const { code, stdout } = await kernelswarm(t, home, ['audit', 'round.car', '--key', peerIdOf(coordinator)])
      assert.equal(code, 0)
      assert.match(stdout, /^holds: round.car is whole/)
      assert.match(stdout, /verdicts +\d+ signatures/)
      assert.match(stdout, /On the coordinator's word:\n {2}- that nothing was left out/)
    })

    it('names what does not hold and exits with 1, for programs too', async (t) => {
      const home = await scratch(t)
      const bytes = Buffer.from(majority)
      bytes[bytes.length - 10] = (bytes.at(-10) as number) ^ 4
      await writeFile(join(home, 'round.car'), bytes)
      const { code, stdout } = await kernelswarm(t, home, ['audit', 'round.car', '--json'])
      assert.equal(code, 1)
      const { holds, failure } = JSON.parse(stdout)
      assert.deepEqual([holds, failure.code], [false, 'block'])
      assert.match(failure.what, /is not what its name says/)
    })
  })

  describe('by another auditor, in Python', () => {
    async function inPython(t: TestContext, archive: Uint8Array): Promise<Loose> {
      const found = await auditedInPython(await scratch(t), archive)
      if (found === null) t.skip('python3 is not here')
      return found
    }

    it('written from docs/archive.md, comes to the same: names, signatures, tallies', async (t) => {
      const checked = (await audited(await scratch(t), majority)).checked
      const { cases, tasks, votes, cells } = checked
      const found = await inPython(t, majority)
      if (found === null) return
      const { digits, tests, ...rest } = found
      assert.deepEqual(rest, { holds: true, cases, tasks, verdicts: votes })
      assert.ok(digits > 0 && digits + tests === cells)
      const other = (await audited(await scratch(t), confidence)).checked
      const confident = { holds: true, cases: 60, tasks: 120, verdicts: other.votes + other.repeats, tests: 240, digits: 0 }
      assert.deepEqual(await inPython(t, confidence), confident)
    })

    it('finds a changed byte, a vote that was not cast, and a decision that does not follow', async (t) => {
      const bytes = Buffer.from(majority)
      bytes[50_000] = (bytes[50_000] as number) ^ 1
      const found = await inPython(t, bytes)
      if (found === null) return
      assert.match(found.what ?? 'it holds', /is not what its name says/)
      const votes = await takeApart(majority)
      votes.lists.tasks[0].votes[0].nonce = 'another'
      assert.match(
        (await inPython(t, await putTogether(votes, coordinator)))?.what ?? '',
        /a verdict is not what the record says/,
      )
      const decided = await takeApart(majority)
      decided.lists.tasks[0].cells[0].votes++
      assert.match((await inPython(t, await putTogether(decided, coordinator)))?.what ?? '', /votes are said to agree/)
    })
  })
})

// biome-ignore lint/suspicious/noExplicitAny: records are taken apart and changed at will
type Loose = any

/** A decided task in which the liar's vote was counted, and where it stands. */
function outvoted({ tasks }: Parts['lists']): { task: Loose; place: number } {
  for (const task of tasks) {
    const place = task.votes.slice(0, task.counted).findIndex(({ node }: Loose) => node === liar)
    if (place >= 0 && task.state === 'decided' && task.outputs.length === 2) return { task, place }
  }
  throw new Error('the liar was never counted')
}

/** Whether an output is one that only this verdict names, of a task in which all others say the same. */
function onlyIn(cid: CID, { envelope }: Loose, { content }: Parts): boolean {
  return Buffer.from(content.get(envelope.toString()) as Uint8Array).includes(cid.toString())
}
