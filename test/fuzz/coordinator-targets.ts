import { join } from 'node:path'
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import type { Connection, PeerId, Stream } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import type { Libp2p } from 'libp2p'
import { systemClock } from '../../coordinator/clock.ts'
import type { Visitors } from '../../coordinator/door/guard.ts'
import { Ledger } from '../../coordinator/ledger.ts'
import type { Journal } from '../../coordinator/operations/journal.ts'
import { Preference } from '../../coordinator/preference.ts'
import { Admission } from '../../coordinator/rounds/admission.ts'
import { Closer } from '../../coordinator/rounds/closer.ts'
import { Intake } from '../../coordinator/rounds/intake.ts'
import { RoundsService } from '../../coordinator/rounds/service.ts'
import { Store } from '../../coordinator/store/store.ts'
import { Guests } from '../../coordinator/work/guests.ts'
import { WorkService } from '../../coordinator/work/service.ts'
import { parseCaseLine, ROUND_DEFAULTS, ROUNDS_PROTOCOL, ToNode, ToResearcher, WORK_PROTOCOL } from '../../protocol/index.ts'
import { line } from '../support/cases.ts'
import type { Target } from './conversation.ts'

type Handler = (stream: Stream, connection: Connection) => Promise<void>

const quiet = () => {}
const log: Journal = { debug: quiet, info: quiet, warn: quiet, error: quiet }
/** Nobody is kept out or waited for: what is said is to be heard. */
const visitors: Visitors = {
  welcomed: quiet,
  worked: quiet,
  offended: quiet,
  isBanned: () => false,
  paceOf: () => ({ take: () => 0, giveBack: quiet }),
}
/** Peers that talk; a few, as a key that was given work is never forgotten. */
const PEERS = 4
const CASES = 50
const SPEC = { ...ROUND_DEFAULTS, rule: 'compat', passes: [], v: 1, name: 'fuzzed' } as const

/** A coordinator with all its parts but the network: its services get their streams by hand. */
export class FuzzedCoordinator implements AsyncDisposable {
  readonly ledger: Ledger
  readonly #handlers: Map<string, Handler>
  readonly #stop: () => Promise<void>
  readonly #peers: readonly PeerId[]
  #turn = 0

  private constructor(ledger: Ledger, handlers: Map<string, Handler>, peers: readonly PeerId[], stop: () => Promise<void>) {
    this.ledger = ledger
    this.#handlers = handlers
    this.#peers = peers
    this.#stop = stop
  }

  static async start(folder: string): Promise<FuzzedCoordinator> {
    const handlers = new Map<string, Handler>()
    const host = {
      handle: async (protocols: string | string[], handler: Handler) => {
        for (const protocol of [protocols].flat()) handlers.set(protocol, handler)
      },
      unhandle: async () => {},
    } as unknown as Libp2p
    const key = await generateKeyPairFromSeed('Ed25519', Buffer.alloc(32, 1))
    const ledger = await Ledger.open(await Store.open(join(folder, 'log'), { reserveBytes: 0 }))
    const preference = new Preference(ledger.state, [])
    const guests = new Guests({ file: join(folder, 'nodes.txt'), isPrivate: false })
    const terms = { agent: 'fuzzed', singleOperator: true, arrivalsPerSecond: 1e9, leastVersion: '0.0.0' }
    const clock = systemClock
    const work = new WorkService({ host, key, ledger, clock, log, preference, guests, visitors }, terms)
    const admission = new Admission({ file: join(folder, 'researchers.txt'), local: true })
    const rounds = new RoundsService({ host, key, ledger, work, admission, visitors, clock, log }, { singleOperator: true })
    await work.start()
    await rounds.start()
    const closer = new Closer({ ledger, clock })
    closer.start()
    const peers = await Promise.all(
      Array.from({ length: PEERS }, async (_, n) =>
        peerIdFromPrivateKey(await generateKeyPairFromSeed('Ed25519', Buffer.alloc(32, 10 + n))),
      ),
    )
    const intake = new Intake({ ledger, clock })
    const owner = String(peers[0])
    const { id } = await intake.open(owner, { t: 'open', spec: { ...SPEC, passes: [] }, casesDigest: 'd', salt: '' }, 1)
    const cases = Array.from({ length: CASES }, (_, n) => parseCaseLine(line(n), { file: 'f', line: n }, () => 'p'))
    await intake.add(owner, { t: 'cases', round: id, from: 0, cases })
    return new FuzzedCoordinator(ledger, handlers, peers, async () => {
      closer.stop()
      await rounds.stop()
      await work.stop()
      await ledger.store.close()
    })
  }

  /** What nodes talk to. */
  work(): Target {
    return this.#target(WORK_PROTOCOL, ToNode)
  }

  /** What researchers talk to. */
  rounds(): Target {
    return this.#target(ROUNDS_PROTOCOL, ToResearcher)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stop()
  }

  #target(protocol: string, answers: Target['answers']): Target {
    const { state } = this.ledger
    let peer = this.#peers[0] as PeerId
    return {
      answers,
      serve: async (stream) => {
        peer = this.#peers[this.#turn++ % PEERS] as PeerId
        const connection = { remotePeer: peer, remoteAddr: multiaddr('/ip4/127.0.0.1/tcp/1') } as Connection
        await this.#handlers.get(protocol)?.(stream, connection)
      },
      live: () => {
        const nonce = [...(state.holding.get(String(peer)) ?? [])].at(-1)
        const task = nonce === undefined ? undefined : state.tasks.get(state.assignments.get(nonce)?.task ?? '')
        const own = [...state.rounds.values()].findLast(({ owner }) => owner === String(peer))?.id
        return { nonce, cid: protocol === WORK_PROTOCOL ? task?.task.program : own }
      },
      [Symbol.asyncDispose]: async () => {},
    }
  }
}
