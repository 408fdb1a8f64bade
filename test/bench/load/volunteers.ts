import { setTimeout as sleep } from 'node:timers/promises'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { PeerId } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Libp2p } from 'libp2p'
import pino from 'pino'
import type { Parcel } from '../../../node/outbox.ts'
import { Programs } from '../../../node/programs.ts'
import { Session } from '../../../node/session.ts'
import { Work } from '../../../node/work.ts'
import { createHost, openStream, parseAddress } from '../../../protocol/index.ts'
import type { FakeSandbox } from '../../support/fake-sandbox.ts'

const log = pino({ level: 'silent' })
/** Rest of a node whose connection did not come about or ended: doubling, as a volunteer's. */
const FIRST_RETRY_MS = 500
const LONGEST_RETRY_MS = 16_000

/** What the nodes of a process have seen. */
export interface Seen {
  welcomed: number
  /** Connections that ended after the welcome. */
  lost: number
  /** Those that did not come about: there is a rate of arrivals, and others come first. */
  refused: number
  acknowledged: number
  /** Nodes that had a verdict acknowledged. */
  served: number
  /** Of acknowledged verdicts, milliseconds from signed to acknowledged; taken out when read. */
  ackMs: number[]
}

/**
 * Verdicts on their way, in memory: a node's disk is its own, and a thousand of them on one machine would be measured as the
 * coordinator's.
 */
class Waiting {
  readonly #parcels = new Map<string, { parcel: Parcel; since: number }>()
  readonly #seen: Seen
  #served = false

  constructor(seen: Seen) {
    this.#seen = seen
  }

  async put(parcel: Parcel): Promise<void> {
    this.#parcels.set(parcel.nonce, { parcel, since: performance.now() })
  }

  async drop(_coordinator: string, nonce: string): Promise<boolean> {
    const waiting = this.#parcels.get(nonce)
    if (waiting === undefined) return true
    this.#parcels.delete(nonce)
    this.#seen.acknowledged++
    this.#seen.ackMs.push(performance.now() - waiting.since)
    if (!this.#served) this.#seen.served++
    this.#served = true
    return true
  }

  async nonces(): Promise<string[]> {
    return [...this.#parcels.keys()]
  }

  async *parcels(): AsyncGenerator<Parcel> {
    for (const { parcel } of this.#parcels.values()) yield parcel
  }
}

/** A volunteer's node without a disk: its own host, key, session and work; a sandbox that is everybody's. */
export class LoadNode {
  readonly #host: Libp2p
  readonly #work: Work
  readonly #waiting: Waiting
  readonly #sandbox: FakeSandbox
  readonly #address: Multiaddr
  readonly #coordinator: PeerId
  readonly #seen: Seen
  readonly #ending = new AbortController()
  #session: Session | null = null
  #serving: Promise<void> = Promise.resolve()

  private constructor(parts: { host: Libp2p; work: Work; waiting: Waiting; sandbox: FakeSandbox }, address: string, seen: Seen) {
    this.#host = parts.host
    this.#work = parts.work
    this.#waiting = parts.waiting
    this.#sandbox = parts.sandbox
    this.#address = parseAddress(address)
    this.#coordinator = peerIdFromString(address.slice(address.lastIndexOf('/') + 1))
    this.#seen = seen
  }

  /** Starts a node; it connects by itself. */
  static async start(address: string, sandbox: FakeSandbox, seen: Seen, init: { slots: number }): Promise<LoadNode> {
    const key = await generateKeyPair('Ed25519')
    const host = await createHost({ key, listen: [], pingPeers: false })
    const waiting = new Waiting(seen)
    const coordinator = address.slice(address.lastIndexOf('/') + 1)
    const work = new Work({ sandbox, key, outbox: waiting, log }, { slots: init.slots })
    work.allotments.add(coordinator, 1)
    const node = new LoadNode({ host, work, waiting, sandbox }, address, seen)
    node.#serving = node.#serve()
    return node
  }

  async stop(): Promise<void> {
    await this.#work.stop()
    this.#ending.abort(new Error('the load ends'))
    await this.#serving
    await this.#host.stop()
  }

  async #serve(): Promise<void> {
    const { signal } = this.#ending
    let wait = FIRST_RETRY_MS
    let isIn = false
    const startOver = () => {
      isIn = true
      wait = FIRST_RETRY_MS
      this.#seen.welcomed++
    }
    while (!signal.aborted) {
      await this.#converse(startOver).catch(() => undefined)
      this.#session = null
      if (signal.aborted) return
      if (isIn) this.#seen.lost++
      else this.#seen.refused++
      isIn = false
      await sleep(wait * (0.5 + Math.random()), undefined, { signal }).catch(() => undefined)
      wait = Math.min(2 * wait, LONGEST_RETRY_MS)
    }
  }

  async #converse(onWelcome: () => void): Promise<void> {
    const { signal } = this.#ending
    const components = {
      host: this.#host,
      work: this.#work,
      outbox: this.#waiting,
      programs: new Programs(),
      log,
      current: () => this.#session,
      mayTake: () => true,
      isUnwanted: () => false,
      toAskAbout: () => [],
      heard: { welcomed: onWelcome, notice: () => {}, reputation: () => {} },
    }
    const reach = { open: async (protocol: string) => await openStream(this.#host, this.#address, protocol, { signal }) }
    this.#session = await Session.connect(components, reach, this.#coordinator, { signal })
    const environments = this.#sandbox.executors.map((executor) => this.#sandbox.environment(executor))
    await this.#session.run({ environments, memoryBytes: 2 ** 36, certificate: null, name: null })
  }
}
