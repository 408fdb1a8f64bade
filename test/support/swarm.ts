import { join } from 'node:path'
import type { TestContext } from 'node:test'
import pino from 'pino'
import { Coordinator, type CoordinatorInit } from '../../coordinator/index.ts'
import { type Sandbox, Volunteer } from '../../node/index.ts'
import {
  AGENT,
  checkCaseFile,
  createHost,
  type ExecutorName,
  loadIdentity,
  parseAddress,
  ResearcherClient,
  ROUND_DEFAULTS,
  type RoundSpec,
  readCases,
} from '../../protocol/index.ts'
import { type Behaviour, FakeSandbox } from './fake-sandbox.ts'

const log = pino({ level: process.env.TEST_LOG ?? 'silent' })

/** For tests of the network: plain runs only. */
export const SPEC: RoundSpec = { ...ROUND_DEFAULTS, rule: 'compat', passes: [], v: 1, name: 'test round' }

type Change = Partial<Omit<CoordinatorInit, 'data' | 'listen'>>

/** A coordinator, nodes and a researcher in one process over real libp2p on loopback, on free ports. */
export class TestSwarm {
  readonly folder: string
  coordinator: Coordinator
  readonly nodes: Volunteer[] = []
  readonly #t: TestContext
  readonly #change: Change

  private constructor(t: TestContext, folder: string, coordinator: Coordinator, change: Change) {
    this.#t = t
    this.#change = change
    this.folder = folder
    this.coordinator = coordinator
  }

  /** @param change what is to be otherwise about the coordinator than in most tests */
  static async start(t: TestContext, folder: string, change: Change = {}): Promise<TestSwarm> {
    const swarm = new TestSwarm(t, folder, await startCoordinator(folder, '/ip4/127.0.0.1/tcp/0', change), change)
    t.after(async () => {
      for (const node of swarm.nodes) await node.stop()
      await swarm.coordinator.stop()
    })
    return swarm
  }

  get address(): string {
    return this.coordinator.addresses()[0] as string
  }

  async addNode(name: string, behave?: Behaviour, slots = 2, executors?: readonly ExecutorName[]): Promise<Volunteer> {
    return await this.join(name, new FakeSandbox(behave, executors), slots)
  }

  /** The same with a sandbox that is there already, a real one for instance. @param called what its owner calls it, if anything */
  async join(name: string, sandbox: Sandbox, slots: number, called?: string): Promise<Volunteer> {
    const named = called === undefined ? {} : { name: called }
    const init = { data: join(this.folder, name), coordinator: this.address, slots, log, ...named }
    const node = await Volunteer.start(init, sandbox)
    this.nodes.push(node)
    return node
  }

  /** Stops the coordinator and starts another one on the same data and the same port; `between` is done in between. */
  async restartCoordinator(between: () => Promise<void> = async () => {}): Promise<void> {
    const listen = this.address.replace(/\/p2p\/.*/, '')
    await this.coordinator.stop()
    await between()
    this.coordinator = await startCoordinator(this.folder, listen, this.#change)
  }

  /** Connects as the researcher of this swarm. */
  async researcher(name = 'researcher', withinMs = 60_000, address = this.address): Promise<ResearcherClient> {
    const host = await createHost({ key: await loadIdentity(join(this.folder, `${name}.key`)), listen: [] })
    this.#t.after(async () => await host.stop())
    return await ResearcherClient.connect(host, parseAddress(address), { signal: AbortSignal.timeout(withinMs) })
  }

  /** Opens, sends and seals a round; returns its name. */
  async submit(client: ResearcherClient, file: string, spec: RoundSpec = SPEC, salt = ''): Promise<string> {
    const { digest, cases } = await checkCaseFile(file)
    const { round, have } = await client.open(spec, digest, salt)
    await client.send(round, readCases(file, { skip: have }), have, () => {})
    await client.seal(round, cases)
    return round
  }
}

async function startCoordinator(folder: string, listen: string, change: Change): Promise<Coordinator> {
  const init = {
    data: join(folder, 'coordinator'),
    listen: [listen],
    http: null,
    singleOperator: true,
    localResearchers: true,
    agent: AGENT,
    log,
    ...change,
  }
  return await Coordinator.start(init)
}

/** Follows a round to its end; resolves to its last counts. */
export async function ended(client: ResearcherClient, round: string) {
  let last = null
  for await (const progress of client.watch(round)) last = progress
  if (last === null) throw new Error('the coordinator said nothing')
  return last
}

/** The result files by name. */
export async function results(client: ResearcherClient, round: string, partial = false): Promise<Map<string, string>> {
  const files = new Map<string, Buffer[]>()
  for await (const { name, bytes } of client.fetch(round, { partial })) {
    files.set(name, [...(files.get(name) ?? []), Buffer.from(bytes)])
  }
  return new Map([...files].map(([name, pieces]) => [name, Buffer.concat(pieces).toString()]))
}
