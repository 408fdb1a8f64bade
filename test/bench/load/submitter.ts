import { generateKeyPair } from '@libp2p/crypto/keys'
import type { Libp2p } from 'libp2p'
import { type Case, createHost, parseAddress, ResearcherClient, ROUND_DEFAULTS, type RoundSpec } from '../../../protocol/index.ts'
import { loadCase } from './cases.ts'

/** Plain runs of both sides, two of three: what every round costs, whatever passes it adds. */
const SPEC: Omit<RoundSpec, 'name'> = { ...ROUND_DEFAULTS, rule: 'compat', passes: [], v: 1 }

/** A researcher, over the wire. */
export class Submitter implements AsyncDisposable {
  readonly #host: Libp2p
  readonly #address: string
  #rounds = 0

  private constructor(host: Libp2p, address: string) {
    this.#host = host
    this.#address = address
  }

  static async start(address: string): Promise<Submitter> {
    return new Submitter(await createHost({ key: await generateKeyPair('Ed25519'), listen: [] }), address)
  }

  /** Opens, fills and seals a round; resolves to its name. */
  async submit(cases: number): Promise<string> {
    return await this.#submit(cases, async () => undefined)
  }

  /** The same, of which nothing is given out before `resume`. */
  async submitPaused(cases: number): Promise<string> {
    return await this.#submit(cases, async (client, round) => await client.pause(round, { finishRunning: false }))
  }

  async resume(round: string): Promise<void> {
    await using client = await this.#connect()
    await client.resume(round)
  }

  async #submit(cases: number, opened: (client: ResearcherClient, round: string) => Promise<unknown>): Promise<string> {
    const name = `load ${++this.#rounds}`
    await using client = await this.#connect()
    const { round } = await client.open({ ...SPEC, name }, name, '')
    await opened(client, round)
    await client.send(round, casesOf(name, cases), 0, () => undefined)
    await client.seal(round, cases)
    return round
  }

  /** Waits until a round has ended. @throws unless every case of it is judged, and right */
  async ended(round: string, cases: number): Promise<void> {
    await using client = await this.#connect()
    for await (const { state, judgements, tasks } of client.watch(round)) {
      if (state !== 'aggregated') continue
      if (judgements.equivalent !== cases || tasks.decided !== 2 * cases) {
        throw new Error(`of ${cases} cases ${judgements.equivalent} are equivalent, of their tasks ${tasks.decided} decided`)
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#host.stop()
  }

  async #connect(): Promise<ResearcherClient> {
    return await ResearcherClient.connect(this.#host, parseAddress(this.#address), { signal: new AbortController().signal })
  }
}

async function* casesOf(round: string, count: number): AsyncGenerator<Case> {
  for (let index = 0; index < count; index++) yield loadCase(round, index)
}
