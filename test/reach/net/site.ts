import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import pino from 'pino'
import { allowNode, Coordinator } from '../../../coordinator/index.ts'
import { Volunteer } from '../../../node/index.ts'
import {
  AGENT,
  checkCaseFile,
  coordinatorsOnLan,
  createHost,
  createRelay,
  loadIdentity,
  parseAddress,
  ResearcherClient,
  readCases,
} from '../../../protocol/index.ts'
import { FakeSandbox, honest } from '../../support/fake-sandbox.ts'
import { ended, results, SPEC } from '../../support/swarm.ts'
import type { Said, Task } from './actor.ts'

/* A process on a host of the test's own, as `Actor` starts it: does one thing and says how it goes. */

const log = pino({ level: process.env.TEST_LOG ?? 'silent' }, pino.destination(2))
const stops: (() => Promise<unknown>)[] = []

process.on('message', (task: Task) => {
  perform(task).catch((error: Error) => say({ t: 'failed', message: error.stack ?? error.message }))
})
process.on('disconnect', () => process.exit())
say({ t: 'ready' })

async function perform(task: Task): Promise<void> {
  switch (task.t) {
    case 'relay':
      return await relay(task)
    case 'coordinate':
      return await coordinate(task)
    case 'volunteer':
      return await volunteer(task)
    case 'be-found':
      return await beFound(task)
    case 'look':
      return say({ t: 'found', addresses: await coordinatorsOnLan({ signal: new AbortController().signal }) })
    case 'leave':
      for (const stop of stops.splice(0)) await stop()
      return say({ t: 'left', waiting: await waiting(task.outboxes) })
    default:
      throw new Error(`unknown task ${String((task satisfies never as Task).t)}`)
  }
}

async function relay({ folder, coordinator, address }: Extract<Task, { t: 'relay' }>): Promise<void> {
  const host = await createRelay({
    key: await loadIdentity(join(folder, 'relay.key')),
    listen: [address],
    mayReserve: (peer) => peer === coordinator,
  })
  say({ t: 'address', address: `${address}/p2p/${host.peerId}` })
}

/** A coordinator, and its researcher with one round. */
async function coordinate({ folder, relays, nodes, cases }: Extract<Task, { t: 'coordinate' }>): Promise<void> {
  const data = join(folder, 'coordinator')
  for (const node of nodes) await allowNode(data, node, null)
  const init = { data, listen: ['/ip4/127.0.0.1/tcp/0'], relays, http: null, private: true, singleOperator: false }
  const coordinator = await Coordinator.start({ ...init, localResearchers: true, agent: AGENT, log })
  stops.push(() => coordinator.stop())
  while (relays.length > 0 && !coordinator.addresses()[0]?.includes('/p2p-circuit'))
    await new Promise((then) => setTimeout(then, 50))
  const addresses = coordinator.addresses()
  say({ t: 'address', address: addresses[0] ?? '' })
  const host = await createHost({ key: await loadIdentity(join(folder, 'researcher.key')), listen: [] })
  stops.unshift(async () => await host.stop())
  const client = await ResearcherClient.connect(host, parseAddress(addresses.at(-1) ?? ''), {
    signal: new AbortController().signal,
  })
  const { digest, cases: total } = await checkCaseFile(cases)
  const { round } = await client.open(SPEC, digest, '')
  await client.send(round, readCases(cases), 0, () => {})
  await client.seal(round, total)
  const telling = setInterval(() => {
    const { counts } = coordinator.ledger.state.rounds.get(round) ?? { counts: { verdicts: 0 } }
    say({ t: 'verdicts', verdicts: counts.verdicts })
  }, 50)
  const last = await ended(client, round)
  clearInterval(telling)
  const files = await results(client, round)
  const entries = [...coordinator.ledger.state.tasks.values()]
  say({
    t: 'over',
    judged: last.judged,
    undecided: last.tasks.undecided,
    outcomes: files.get('outcomes.jsonl') ?? '',
    twice: entries.filter(({ votes }) => new Set(votes.map(({ node }) => node)).size < votes.length).length,
  })
}

async function beFound({ folder, listen }: Extract<Task, { t: 'be-found' }>): Promise<void> {
  const init = { data: join(folder, 'coordinator'), listen: [listen], http: null, singleOperator: false, localResearchers: false }
  const coordinator = await Coordinator.start({ ...init, found: { gossip: true, lan: true }, agent: AGENT, log })
  stops.push(() => coordinator.stop())
  say({ t: 'address', address: coordinator.addresses()[0] ?? '' })
}

async function volunteer({ folder, names, coordinator, testMs }: Extract<Task, { t: 'volunteer' }>): Promise<void> {
  for (const name of names) {
    const sandbox = new FakeSandbox(async (...asked) => {
      await new Promise((then) => setTimeout(then, testMs))
      return await honest(...asked)
    })
    const node = await Volunteer.start({ data: join(folder, name), coordinator, slots: 2, log }, sandbox)
    stops.push(() => node.stop())
  }
  say({ t: 'address', address: '' })
}

/** Verdicts that were never acknowledged. */
async function waiting(outboxes: readonly string[]): Promise<number> {
  const files = await Promise.all(outboxes.map(async (folder) => await readdir(folder, { recursive: true }).catch(() => [])))
  return files.flat().filter((file) => /[0-9a-f]{32}/.test(file)).length
}

function say(said: Said): void {
  process.send?.(said)
}
