import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { PrivateKey } from '@libp2p/interface'
import type { Libp2p } from 'libp2p'
import type { Logger } from 'pino'
import { type Assign, createHost, loadIdentity, makeFolder, type Outcome, peerIdOf, type RejectCode } from '../protocol/index.ts'
import type { Execution, Sandbox } from '../sandbox/index.ts'
import { LEND_AFTER_MS } from './allotments.ts'
import { type Gate, mayRun, OPEN_GATE } from './conditions/permission.ts'
import type { History } from './history/history.ts'
import { Losses } from './losses.ts'
import { Membership, type MembershipStatus, type Place, placeOf } from './membership.ts'
import { machineMemoryBytes } from './memory.ts'
import { Outbox } from './outbox.ts'
import { loadCertificate } from './owner.ts'
import { Programs } from './programs.ts'
import { isRefused, NO_REFUSALS, type Refusals } from './refusals.ts'
import type { Job, Receipt, RunEnd, RunListener } from './runs.ts'
import { Wake } from './wake.ts'
import { Work } from './work.ts'

/** Saying goodbye may take so long; then connections are cut: what was not said is said by the next start. */
export const GOODBYE_MS = 3_000
/** Between two looks at what is too old to be kept. */
const PRUNE_MS = 60 * 60_000

export interface VolunteerInit {
  /** Folder of the node's key and outbox. */
  data: string
  /**
   * The coordinator's address, with its peer id (of one that is reached in several ways, all of them, by commas); or several
   * coordinators, with what each gets compared with the others.
   */
  coordinator: string | readonly { address: string; share: number }[]
  /**
   * Whether they are looked for on the LAN too.
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
  /** What its owner wants no work of. @default nothing */
  refusals?: Refusals
  /**
   * What it is called where nodes are listed, for everybody to read; at most `MAX_NODE_NAME_CHARS`.
   * @default it has no name but that of its key
   */
  name?: string
  log: Logger
}

/** What a node keeps open in its folder. */
export interface VolunteerParts {
  sandbox: Sandbox
  /** @default opened in the folder */
  outbox?: Outbox
  /** Keeps what ran. @default nothing is kept */
  history?: History
  /** What may run, and how much. @default OPEN_GATE */
  gate?: Gate
  /** Told of what goes over the wire, in bytes. @default nobody */
  onBytes?: (bytes: number) => void
}

/** A volunteer's node: takes work from the coordinators it was given, runs it in the sandbox, returns verdicts. */
export class Volunteer implements AsyncDisposable {
  readonly peerId: string
  readonly work: Work
  readonly losses = new Losses()
  readonly #host: Libp2p
  readonly #outbox: Outbox
  readonly #history: History | undefined
  readonly #gate: Gate
  readonly #sandbox: Sandbox
  readonly #log: Logger
  readonly #data: string
  readonly #memoryBytes: number
  readonly #memberships: Membership[]
  readonly #wake: Wake
  readonly #name: string | null
  readonly #ending = new AbortController()
  readonly #ends: (() => void)[] = []
  #refusals: Refusals
  /** What was announced last, as text. */
  #said = ''
  #stopped: Promise<void> | null = null

  private constructor(
    components: Required<Pick<VolunteerParts, 'sandbox' | 'outbox'>> & VolunteerParts & { host: Libp2p; key: PrivateKey },
    init: VolunteerInit,
    places: readonly Place[],
  ) {
    const { host, key, outbox, sandbox, history, gate = OPEN_GATE, onBytes } = components
    const { data, log, slots, memoryBytes = machineMemoryBytes(), refusals = NO_REFUSALS } = init
    this.peerId = peerIdOf(key)
    this.#host = host
    this.#outbox = outbox
    this.#sandbox = sandbox
    this.#history = history
    this.#data = data
    this.#log = log
    this.#memoryBytes = memoryBytes
    this.#name = init.name ?? null
    this.#refusals = refusals
    this.#gate = gate
    const listener = this.#listener()
    const work = new Work({ sandbox, key, outbox, log, listener, gate }, { slots })
    this.work = work
    const shared = {
      ...{ host, work, outbox, log, listener, onBytes, data, programs: new Programs() },
      mayTake: () => this.#mayTake(),
      isUnwanted: (assign: Assign) => isRefused(this.#refusals, assign),
      toAskAbout: (coordinator: string, limit: number) => history?.toAskAbout(coordinator, limit) ?? [],
      announced: () => this.#announced(),
    }
    this.#wake = new Wake((why) => this.#awoken(why))
    this.#memberships = places.map((place) => new Membership(shared, place, this.#ending.signal))
  }

  /**
   * Starts a node; it connects, and reconnects, by itself.
   * @throws UsageError when an address, the folder or the key cannot be used
   */
  static async start(init: VolunteerInit, parts: Sandbox | VolunteerParts): Promise<Volunteer> {
    const { sandbox, history, gate, onBytes, outbox: given }: VolunteerParts = 'execute' in parts ? { sandbox: parts } : parts
    const places = placesOf(init.coordinator)
    await makeFolder(init.data, { secret: true })
    const key = await loadIdentity(join(init.data, 'node.key'))
    const outbox = given ?? (await Outbox.open(join(init.data, 'outbox')))
    const host = await createHost({ key, listen: [], pingPeers: false, ...(init.lan === true ? { lan: 'seek' } : {}) })
    const kept = { ...(history && { history }), ...(gate && { gate }), ...(onBytes && { onBytes }) }
    const volunteer = new Volunteer({ host, key, outbox, sandbox, ...kept }, init, places)
    sandbox.onChange?.(() => volunteer.#announceAnew())
    volunteer.#begin()
    return volunteer
  }

  /** How it stands with each coordinator, in the order in which they were named. */
  get memberships(): readonly MembershipStatus[] {
    return this.#memberships.map(({ status }) => status)
  }

  /** What its owner does not want from now on is given back, as far as it has come. */
  refuse(refusals: Refusals): void {
    this.#refusals = refusals
    this.work.refuse((assign) => isRefused(refusals, assign))
    // What a coordinator was told of the former ones it forgets with the connection.
    for (const membership of this.#memberships) membership.announceAnew('what is wanted has changed')
  }

  /** Ends a pause that it has made by itself. */
  resume(): void {
    this.losses.resume()
    for (const membership of this.#memberships) membership.ask()
  }

  /** Ends what runs, gives it back, and leaves. May be called twice. */
  async stop(): Promise<void> {
    this.#stopped ??= this.#stop()
    await this.#stopped
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  #begin(): void {
    for (const membership of this.#memberships) membership.start()
    this.#wake.start()
    this.#hold()
    this.#ends.push(this.#gate.onChange(() => this.#gateChanged()))
    // Slots that one leaves unused are asked for by others; a pause that has ended is noticed.
    this.#every(LEND_AFTER_MS, () => {
      for (const membership of this.#memberships) membership.ask()
    })
    this.#every(PRUNE_MS, () => void this.#history?.prune())
  }

  #every(ms: number, what: () => void): void {
    const timer = setInterval(what, ms)
    this.#ends.push(() => clearInterval(timer))
  }

  async #stop(): Promise<void> {
    this.#wake.stop()
    for (const end of this.#ends) end()
    await this.work.stop()
    const goodbye = Promise.all(this.#memberships.map((membership) => membership.leave().catch(() => undefined)))
    const late = new AbortController()
    await Promise.race([goodbye, sleep(GOODBYE_MS, undefined, { signal: late.signal }).catch(() => undefined)])
    late.abort()
    this.#ending.abort(new Error('the node stops'))
    await Promise.all(this.#memberships.map((membership) => membership.ended()))
    await this.#host.stop()
    await this.#outbox.close()
    await this.#history?.close()
  }

  #mayTake(): boolean {
    return this.losses.pause === null && this.#gate.permission.take.may
  }

  /** Connected, it is looked whether that still holds; waiting to connect, it is not waited any more. */
  #awoken(why: 'slept' | 'moved'): void {
    this.#log.info({ event: 'woken', why })
    for (const membership of this.#memberships) membership.wake()
  }

  /** What runs is the work's matter; here it is what the coordinators are told and asked. */
  #gateChanged(): void {
    this.#hold()
    const mayTake = this.#mayTake()
    if (mayTake && this.#saying().text !== this.#said) this.#announceAnew('info')
    for (const membership of this.#memberships) {
      if (mayTake) membership.ask()
      else membership.stopAsking()
    }
  }

  #hold(): void {
    const { cpuShare: cpu, gpuShare: gpu } = this.#gate.permission.limits
    this.#sandbox.hold?.({ cpu, gpu })
  }

  /** What may run now. Nothing may: all that could, since a coordinator knows nobody who can run nothing; it is not asked for work. */
  #saying() {
    const { permission } = this.#gate
    const { executors, gpuUuid = null } = this.#sandbox
    const allowed = executors.filter((executor) => mayRun(permission, executor, gpuUuid).may)
    const memoryBytes = Math.min(this.#memoryBytes, permission.limits.memoryBytes)
    const said = { executors: allowed.length > 0 ? allowed : executors, memoryBytes }
    return { ...said, text: JSON.stringify(said) }
  }

  async #announced() {
    const { executors, memoryBytes, text } = this.#saying()
    this.#said = text
    const environments = executors.map((executor) => this.#sandbox.environment(executor))
    // Read anew for every connection, so that a renewed one needs no restart.
    const certificate = await loadCertificate(this.#data)
    return { environments, memoryBytes, certificate, name: this.#name }
  }

  /** What the node can run is said once, when it connects: it leaves and comes back. */
  #announceAnew(level: 'info' | 'warn' = 'warn'): void {
    if (this.#ending.signal.aborted) return
    this.#log[level]({ event: 'abilities-changed', executors: this.#saying().executors })
    for (const membership of this.#memberships) membership.announceAnew('what it can run has changed')
  }

  /** Hears what runs for the history, and counts what was lost. */
  #listener(): RunListener {
    const history = this.#history
    const { losses } = this
    const lost = (how: string) => {
      const pause = losses.lost(how)
      if (pause === null) return
      this.#log.error({ event: 'paused-by-itself', detail: pause.why, until: new Date(pause.until).toISOString() })
      for (const membership of this.#memberships) membership.stopAsking()
    }
    return {
      began: (job: Job) => history?.began(job),
      finished(nonce: string, execution: Execution) {
        losses.kept()
        history?.finished(nonce, execution)
      },
      ended(job: Job, end: RunEnd) {
        history?.ended(job, end)
        if (end.how === 'withdrawn' ? end.overdue : end.reason !== 'shutting-down' && end.reason !== 'unwanted') lost(end.detail)
      },
      accepted: (nonce: string) => history?.accepted(nonce),
      rejected(nonce: string, code: RejectCode) {
        history?.rejected(nonce, code)
        if (BROKEN.includes(code)) lost(`a verdict was refused: ${code}`)
      },
      told: (coordinator: string, outcomes: readonly Outcome[], receipt: Receipt | null) =>
        history?.told(coordinator, outcomes, receipt),
    }
  }
}

/** Refusals of a verdict for what it says; others came too late, which nobody need have done wrong. */
const BROKEN: readonly RejectCode[] = ['signature', 'schema', 'output', 'mismatch']

function placesOf(coordinator: VolunteerInit['coordinator']): Place[] {
  return typeof coordinator === 'string'
    ? [placeOf(coordinator)]
    : coordinator.map(({ address, share }) => placeOf(address, share))
}
