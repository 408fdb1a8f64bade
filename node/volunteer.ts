import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { PeerId, PrivateKey } from '@libp2p/interface'
import type { Libp2p } from 'libp2p'
import type { Logger } from 'pino'
import { createHost, KernelswarmError, loadIdentity, makeFolder, ProtocolError, peerIdOf } from '../protocol/index.ts'
import type { Sandbox } from '../sandbox/index.ts'
import { machineMemoryBytes } from './memory.ts'
import { Outbox } from './outbox.ts'
import { loadCertificate } from './owner.ts'
import { Programs } from './programs.ts'
import { Reach, type Ways, waysTo } from './reach.ts'
import { KeyInUse, Session, TurnedAway } from './session.ts'
import { Wake } from './wake.ts'
import { Work } from './work.ts'

/** Waits between tries to reach the coordinator: doubling, with jitter, for ever. */
const FIRST_RETRY_MS = 500
const LONGEST_RETRY_MS = 60_000
/** Two processes with one key throw each other out: each waits so long, doubling with every time in a row. */
const FIRST_HOLD_MS = 60_000
const LONGEST_HOLD_MS = 60 * 60_000

export interface VolunteerInit {
  /** Folder of the node's key and outbox. */
  data: string
  /** The coordinator's address, with its peer id; of one that is reached in several ways, all of them, by commas. */
  coordinator: string
  /**
   * Whether it is looked for on the LAN too.
   * @default false
   */
  lan?: boolean
  /** Programs run at the same time. */
  slots: number
  /**
   * What one test may use, bytes; tasks that may use more are not asked for.
   * @default what the machine has
   */
  memoryBytes?: number
  /**
   * What it is called where nodes are listed, for everybody to read; at most `MAX_NODE_NAME_CHARS`.
   * @default it has no name but that of its key
   */
  name?: string
  log: Logger
}

/** A volunteer's node: takes work from the one coordinator it was given, runs it in the sandbox, returns verdicts. */
export class Volunteer implements AsyncDisposable {
  readonly peerId: string
  readonly work: Work
  readonly #host: Libp2p
  readonly #outbox: Outbox
  readonly #sandbox: Sandbox
  readonly #programs = new Programs()
  readonly #reach: Reach
  readonly #wake: Wake
  readonly #coordinator: PeerId
  readonly #log: Logger
  readonly #data: string
  readonly #memoryBytes: number
  readonly #name: string | null
  readonly #ending = new AbortController()
  #session: Session | null = null
  #remembering: Promise<void> = Promise.resolve()
  #changed = new AbortController()
  #rested = new AbortController()
  #serving: Promise<void> = Promise.resolve()
  #stopped: Promise<void> | null = null

  private constructor(
    components: { host: Libp2p; key: PrivateKey; outbox: Outbox; sandbox: Sandbox },
    init: VolunteerInit,
    address: Ways,
  ) {
    const { host, key, outbox, sandbox } = components
    const { data, log, slots, memoryBytes = machineMemoryBytes() } = init
    this.peerId = peerIdOf(key)
    this.#host = host
    this.#outbox = outbox
    this.#sandbox = sandbox
    this.#data = data
    this.#log = log
    this.#memoryBytes = memoryBytes
    this.#name = init.name ?? null
    this.#reach = new Reach(host, {
      coordinator: address.peer,
      given: address.ways,
      file: join(data, 'addresses', `${address.peer}.json`),
    })
    this.#wake = new Wake((why) => this.#awoken(why))
    this.#coordinator = address.peer
    this.work = new Work({ sandbox, key, outbox, log }, { slots, coordinator: address.peer.toString() })
  }

  /**
   * Starts a node; it connects, and reconnects, by itself.
   * @throws UsageError when the address, the folder or the key cannot be used
   */
  static async start(init: VolunteerInit, sandbox: Sandbox): Promise<Volunteer> {
    const address = waysTo(init.coordinator)
    await makeFolder(init.data, { secret: true })
    const key = await loadIdentity(join(init.data, 'node.key'))
    const outbox = await Outbox.open(join(init.data, 'outbox'))
    const host = await createHost({ key, listen: [], pingPeers: false, ...(init.lan === true ? { lan: 'seek' } : {}) })
    const volunteer = new Volunteer({ host, key, outbox, sandbox }, init, address)
    sandbox.onChange?.(() => volunteer.#announceAnew())
    volunteer.#wake.start()
    volunteer.#serving = volunteer.#serve()
    return volunteer
  }

  /** Ends what runs, gives it back, and leaves. May be called twice. */
  async stop(): Promise<void> {
    this.#stopped ??= this.#stop()
    await this.#stopped
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  async #stop(): Promise<void> {
    this.#wake.stop()
    await this.work.stop()
    await this.#session?.leave().catch(() => undefined)
    this.#ending.abort(new Error('the node stops'))
    await this.#serving
    await this.#remembering
    await this.#host.stop()
    await this.#outbox.close()
  }

  /**
   * What the node can run is said once, when it connects: it leaves and comes back. What runs goes on, and is said to be held.
   */
  #announceAnew(): void {
    if (this.#ending.signal.aborted) return
    this.#log.warn({ event: 'abilities-changed', executors: [...this.#sandbox.executors] })
    this.#changed.abort(new Error('what it can run has changed'))
    this.#changed = new AbortController()
  }

  /** Connected, it is looked whether that still holds; waiting to connect, it is not waited any more. */
  #awoken(why: 'slept' | 'moved'): void {
    this.#log.info({ event: 'woken', why })
    this.#session?.probe()
    this.#rested.abort()
    this.#rested = new AbortController()
  }

  /** Connects for as long as the node lives. */
  async #serve(): Promise<void> {
    const { signal } = this.#ending
    let wait = FIRST_RETRY_MS
    let hold = FIRST_HOLD_MS
    while (!signal.aborted) {
      const startOver = () => {
        wait = FIRST_RETRY_MS
        this.#log.info({ event: 'connected', coordinator: this.#coordinator.toString() })
        this.#remembering = this.#reach.remember()
      }
      const changed = this.#changed.signal
      const error = await this.#converse(AbortSignal.any([signal, changed]), startOver).then(
        () => null,
        (reason: Error) => reason,
      )
      if (signal.aborted) return
      // Only to say anew what it can run.
      if (changed.aborted) continue
      if (error !== null && !needsItsOwner(error)) await this.#reach.drop(error)
      const base = error instanceof KeyInUse ? hold : needsItsOwner(error) ? LONGEST_RETRY_MS : wait
      const pause = base * (0.5 + Math.random())
      this.#log[needsItsOwner(error) ? 'error' : 'warn']({
        event: 'disconnected',
        retryMs: Math.round(pause),
        ...describe(error),
      })
      hold = error instanceof KeyInUse ? Math.min(hold * 2, LONGEST_HOLD_MS) : FIRST_HOLD_MS
      wait = Math.min(wait * 2, LONGEST_RETRY_MS)
      await sleep(pause, undefined, { signal: AbortSignal.any([signal, this.#rested.signal]) }).catch(() => undefined)
    }
  }

  async #converse(signal: AbortSignal, onWelcome: () => void): Promise<void> {
    const { work } = this
    const components = {
      host: this.#host,
      work,
      outbox: this.#outbox,
      programs: this.#programs,
      log: this.#log,
      current: () => this.#session,
    }
    // Read anew for every connection, so that a renewed one needs no restart.
    const certificate = await loadCertificate(this.#data)
    this.#session = await Session.connect(components, this.#reach, this.#coordinator, { signal })
    try {
      const environments = this.#sandbox.executors.map((executor) => this.#sandbox.environment(executor))
      await this.#session.run({ environments, memoryBytes: this.#memoryBytes, certificate, name: this.#name }, onWelcome)
    } finally {
      this.#session = null
    }
  }
}

/** Whether waiting alone will not help. */
function needsItsOwner(error: Error | null): boolean {
  const isTemporary = error instanceof TurnedAway && (error.code === 'unavailable' || error.code === 'busy')
  const isOtherVersion = error instanceof ProtocolError && error.code === 'version'
  return (error instanceof TurnedAway && !isTemporary) || error instanceof KeyInUse || isOtherVersion
}

function describe(error: Error | null): { code?: string; detail?: string } {
  if (error === null) return {}
  return { ...(error instanceof KernelswarmError ? { code: error.code } : {}), detail: error.message }
}
