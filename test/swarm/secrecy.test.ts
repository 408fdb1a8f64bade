import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { CID } from 'multiformats/cid'
import {
  Channel,
  CONFIDENCE_DEFAULTS,
  createHost,
  type FromNode,
  openStream,
  type Program,
  parseAddress,
  type RefusedError,
  type ResearcherClient,
  ToNode,
  WORK_PROTOCOL,
} from '../../protocol/index.ts'
import { line, writeCases } from '../support/cases.ts'
import { type Behaviour, FakeSandbox } from '../support/fake-sandbox.ts'
import { listening } from '../support/listening.ts'
import { scratch } from '../support/scratch.ts'
import { ended, SPEC, TestSwarm } from '../support/swarm.ts'

/** Prints what stands in no program. */
const secret: Behaviour = (program: Program, test) => ({
  output: Buffer.from(`whispered ${program.code.length} ${program.tests[test]?.length}`),
})

/** The same original, translated otherwise: the two print alike. */
function sample(name: string): string {
  const { cuda_code, ...rest } = JSON.parse(line(1)) as { cuda_code: string }
  return JSON.stringify({ ...rest, id: name, cuda_code: `${cuda_code} // ${name}` })
}

async function writeSamples(folder: string, ...names: string[]): Promise<string> {
  const file = join(folder, `${names.join('-')}.jsonl`)
  await writeFile(file, `${names.map(sample).join('\n')}\n`)
  return file
}

/** What gives a vote away: what was printed, its digests, the names of verdicts; as text and as bytes. */
function secretsOf({ coordinator }: TestSwarm): string[] {
  const votes = [...coordinator.ledger.state.tasks.values()].flatMap(({ votes }) => votes)
  const names = votes.flatMap(({ verdict, cells }) => [
    verdict,
    ...cells.flatMap(({ output, compat, masked }) => [output, compat, masked]),
  ])
  const bytes = names.map((name) => Buffer.from(CID.parse(name).multihash.digest).toString('latin1'))
  return ['whispered', ...new Set([...names, ...bytes])]
}

/** Every answer of the page's JSON, the live events' first among them. */
async function readPages({ coordinator }: TestSwarm): Promise<string> {
  const { state } = coordinator.ledger
  const rounds = [...state.rounds.values()].flatMap(({ id, cases }) => [
    `rounds/${id}`,
    `rounds/${id}/cases`,
    ...['equivalent', 'different', 'undecided', 'open'].map((show) => `rounds/${id}/cases?show=${show}`),
    ...cases.map((_, index) => `rounds/${id}/cases/${index + 1}`),
  ])
  const verdicts = [...state.tasks.values()].flatMap(({ votes }) => votes.map(({ verdict }) => `verdicts/${verdict}`))
  const texts = await Promise.all(
    ['status', 'rounds', 'nodes', ...rounds, ...verdicts].map(async (path) => {
      return await (await fetch(`${coordinator.url}/api/v1/${path}`)).text()
    }),
  )
  const leave = new AbortController()
  const events = (await fetch(`${coordinator.url}/api/v1/events`, { signal: leave.signal })).body?.getReader()
  texts.push(Buffer.from((await events?.read())?.value ?? []).toString())
  leave.abort()
  return texts.join('\n')
}

async function readFiles(client: ResearcherClient, round: string, partial: boolean): Promise<string> {
  const pieces: Buffer[] = []
  for await (const { bytes } of client.fetch(round, { partial })) pieces.push(Buffer.from(bytes))
  return Buffer.concat(pieces).toString('latin1')
}

async function refusal(work: Promise<unknown>): Promise<string> {
  return await work.then(
    () => 'given',
    ({ code }: RefusedError) => code,
  )
}

/** What a node is told that asks for content by its name. */
async function askAsNode(t: TestContext, swarm: TestSwarm, name: string): Promise<string> {
  const host = await createHost({ key: await generateKeyPair('Ed25519'), listen: [] })
  t.after(async () => await host.stop())
  const stream = await openStream(host, parseAddress(swarm.address), WORK_PROTOCOL)
  const channel = new Channel<ToNode, FromNode>(stream, { schema: ToNode })
  const environments = [new FakeSandbox().environment('gpu')]
  await channel.send({ t: 'hello', agent: 'x', environments, memoryBytes: 2 ** 40, holding: [] })
  await channel.send({ t: 'need', program: name })
  const told: ToNode[] = []
  for await (const message of channel) {
    told.push(message)
    if (message.t !== 'welcome') break
  }
  return JSON.stringify(told)
}

describe('until both sides of every case that shares a program are decided', { timeout: 120_000 }, () => {
  it('nobody finds out what it printed, whichever way he tries; then everybody does', async (t) => {
    const folder = await scratch(t)
    const { log, lines } = listening('info')
    const swarm = await TestSwarm.start(t, folder, { http: { host: '127.0.0.1', port: 0 }, log })
    const gate = Promise.withResolvers<void>()
    const reached = Promise.withResolvers<void>()
    await swarm.addNode('a', secret)
    await swarm.addNode('b', async (program, ...rest) => {
      if (program.code.includes('second')) {
        reached.resolve()
        await gate.promise
      }
      return await secret(program, ...rest)
    })
    const client = await swarm.researcher()
    const round = await swarm.submit(client, await writeSamples(folder, 'first', 'second'))
    await reached.promise
    // Somebody who sends the original again, with a translation of his own, has his case judged before.
    const copycat = await swarm.researcher('copycat')
    const copied = await swarm.submit(copycat, await writeSamples(folder, 'third'))
    const progress = JSON.stringify(await ended(copycat, copied))
    const watcher = await swarm.researcher()
    for await (const { judged, verdicts } of watcher.watch(round)) if (judged === 1 && verdicts === 5) break

    const { state } = swarm.coordinator.ledger
    assert.equal(state.rounds.get(round)?.judged, 1)
    const secrets = secretsOf(swarm)
    const outputs = secrets.filter((name) => name.startsWith('bafkrei'))
    assert.ok(outputs.length >= 2)
    const ways: [id: string, seen: string][] = [
      ['the pages', await readPages(swarm)],
      ['live counts', progress],
      ["the owner's partial export", await readFiles(client, round, true)],
      ["the copycat's partial export", await readFiles(copycat, copied, true)],
      ['asking as a node', await askAsNode(t, swarm, outputs[0] as string)],
      ['the log', JSON.stringify(lines)],
    ]
    for (const [id, seen] of ways) {
      assert.ok(seen.length > 0, id)
      for (const name of secrets) assert.ok(!seen.includes(name), `${id}: ${JSON.stringify(name)}`)
    }
    assert.equal(await refusal(readFiles(client, round, false)), 'state')
    assert.equal(await refusal(readFiles(copycat, copied, false)), 'held')
    for (const stolen of [round, round.slice(0, 12)]) {
      assert.equal(await refusal(readFiles(copycat, stolen, true)), 'unknown-round')
      assert.equal(await refusal(copycat.watch(stolen).next()), 'unknown-round')
    }

    gate.resolve()
    await ended(client, round)
    for (const seen of [await readFiles(client, round, false), await readFiles(copycat, copied, false)]) {
      for (const name of outputs.slice(0, 1)) assert.ok(seen.includes(name) && seen.includes('whispered'))
    }
    for (const wanted of ['whispered', ...outputs.slice(0, 1)]) assert.ok((await readPages(swarm)).includes(wanted))
  })

  it('what decides for the time being is not shown either: whoever is to check it could copy it', async (t) => {
    const folder = await scratch(t)
    const swarm = await TestSwarm.start(t, folder, { http: { host: '127.0.0.1', port: 0 } })
    const gate = Promise.withResolvers<void>()
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) {
      await swarm.addNode(name, async ({ code }, test) => {
        if (code.includes('last')) await gate.promise
        return { output: Buffer.from(`whispered ${code} ${test}`) }
      })
    }
    const client = await swarm.researcher()
    const spec = { ...SPEC, policy: { ...CONFIDENCE_DEFAULTS, theta: 0.99 } }
    await ended(client, await swarm.submit(client, await writeCases(join(folder, 'first.jsonl'), 20), spec))
    const { state } = swarm.coordinator.ledger
    assert.equal(state.trust.bootstrap, false)
    const before = new Set(secretsOf(swarm))
    // The last one's original was decided in the first round; its translation is waited for.
    const lines = Array.from({ length: 12 }, (_, n) => line(100 + n))
    const file = join(folder, 'second.jsonl')
    await writeFile(file, `${[...lines, sample('last')].join('\n')}\n`)
    const round = await swarm.submit(client, file, spec)
    const watcher = await swarm.researcher()
    for await (const { tasks } of watcher.watch(round)) if (tasks.provisional === 2 * lines.length) break
    const secrets = secretsOf(swarm).filter((name) => !before.has(name))
    assert.ok(secrets.length >= 24)
    for (const seen of [await readPages(swarm), await readFiles(client, round, true)]) {
      for (const name of secrets) assert.ok(!seen.includes(name), JSON.stringify(name))
    }
    gate.resolve()
    await ended(client, round)
    const seen = await readFiles(client, round, false)
    assert.ok(secrets.some((name) => seen.includes(name)))
  })

  it('a later round keeps nobody from the results of an earlier one', async (t) => {
    const folder = await scratch(t)
    const swarm = await TestSwarm.start(t, folder)
    const client = await swarm.researcher()
    const round = await swarm.submit(client, await writeSamples(folder, 'first'))
    const later = await swarm.researcher('later')
    const file = await writeSamples(folder, 'second')
    const hostage = await swarm.submit(later, file, { ...SPEC, policy: { kind: 'majority', quorum: 3, replicas: 5 } })
    await swarm.addNode('a', secret)
    await swarm.addNode('b', secret)
    await ended(client, round)
    assert.equal(await refusal(readFiles(client, round, false)), 'given')
    assert.equal(swarm.coordinator.ledger.state.rounds.get(hostage)?.state, 'verifying')
  })
})

describe('where a volunteer is', { timeout: 60_000 }, () => {
  it('stands in no archive, no page and no usual log', async (t) => {
    const folder = await scratch(t)
    const { log, lines } = listening('info')
    const swarm = await TestSwarm.start(t, folder, { http: { host: '127.0.0.1', port: 0 }, log, singleOperator: false })
    const node = await swarm.addNode('a')
    const client = await swarm.researcher()
    const policy = { kind: 'majority', quorum: 1, replicas: 1 } as const
    const round = await swarm.submit(client, await writeCases(join(folder, 'cases.jsonl'), 3), { ...SPEC, policy })
    await ended(client, round)
    await askAsNode(t, swarm, `bafyrei${'a'.repeat(52)}`)
    await node.stop()
    const known = [...swarm.coordinator.ledger.state.nodes.values()]
    assert.deepEqual(
      known.map(({ operator }) => operator),
      ['net 127.0.0.0/24'],
    )
    const ways: [id: string, seen: string][] = [
      ['the pages', await readPages(swarm)],
      ['the files', await readFiles(client, round, false)],
      ['the log', JSON.stringify(lines)],
    ]
    for (const [id, seen] of ways) {
      assert.ok(seen.includes(node.peerId), id)
      assert.doesNotMatch(seen, /127\.0\.0|\/ip4\/|\/tcp\//, id)
    }
    assert.ok(lines.some(({ event }) => event === 'node-cut'))
  })
})
