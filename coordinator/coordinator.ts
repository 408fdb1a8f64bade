import { join } from 'node:path'
import type { Libp2p } from 'libp2p'
import type { Logger } from 'pino'
import { ARRIVALS_PER_SECOND, LEAST_VERSION, loadIdentity, makeFolder, peerIdOf } from '../protocol/index.ts'
import { Announcer } from './announcer.ts'
import { Pruner, type PrunerComponents } from './archives/pruner.ts'
import { type Clock, systemClock } from './clock.ts'
import { startControl } from './control/server.ts'
import { Door } from './door/door.ts'
import { Guard } from './door/guard.ts'
import { DoorFile } from './door/memory.ts'
import { type SharedFile, startHttp } from './http/index.ts'
import { Ledger } from './ledger.ts'
import { Chronicle } from './operations/chronicle.ts'
import { counted, type Journal } from './operations/journal.ts'
import { Metrics } from './operations/metrics.ts'
import { Preference } from './preference.ts'
import { bestFirst, type ReachInit, startHost } from './reach.ts'
import { type FilePiece, resultFiles } from './results/index.ts'
import { Admission, allow } from './rounds/admission.ts'
import { type Blocked, Blocklist, block, readBlocked, unblock } from './rounds/blocklist.ts'
import { Closer } from './rounds/closer.ts'
import { Comparer } from './rounds/comparer.ts'
import { RoundsService } from './rounds/service.ts'
import type { RoundCaps } from './rules/spending.ts'
import type { RoundEntry } from './state/model.ts'
import { type DiskCondition, GOOD, sayCondition } from './store/condition.ts'
import type { Disk } from './store/disk.ts'
import { Store } from './store/store.ts'
import { addGuest, Guests } from './work/guests.ts'
import { WorkService } from './work/service.ts'
import type { Workload } from './workload.ts'

export interface CoordinatorInit extends ReachInit {
  /** Folder of its key, event log and allow-list. */
  data: string
  /** Where the page and its JSON are served; null: nowhere. */
  http: { host: string; port: number } | null
  /** All nodes belong to one person: each counts as an operator of its own, and confidence across operators does not apply. */
  singleOperator: boolean
  /** Whether processes on this machine may open rounds without being on the allow-list. */
  localResearchers: boolean
  /**
   * What nodes may spend on any one round.
   * @default as much as it takes
   */
  roundCaps?: RoundCaps
  agent: string
  log: Logger
  /**
   * Classes that nodes are told to be best of, one an executor.
   * @default those in which most was decided
   */
  prefer?: readonly string[]
  /**
   * New connections a second, and nodes that may begin; others are told to come back.
   * @default ARRIVALS_PER_SECOND
   */
  arrivalsPerSecond?: number
  /**
   * How long programs and outputs stay in the store after the end of their round, before they are in its archive alone; null:
   * nothing is archived, and everything stays.
   * @default DEFAULT_PRUNE_AFTER_MS
   */
  pruneAfterMs?: number | null
  /**
   * The oldest release of ours that nodes may be of.
   * @default LEAST_VERSION
   */
  leastVersion?: string
  /** What is verified. @default translations of CUDA, co-verify */
  workload?: Workload
  /** @default the system's */
  clock?: Clock
  /** As in `DiskInit`. */
  reserveBytes?: number
}

/**
 * The coordinator: decides, and cannot run anything. Composition root of its room.
 * Parts are started in the order in which they need each other and stopped in the reverse one.
 */
export class Coordinator implements AsyncDisposable {
  readonly host: Libp2p
  readonly ledger: Ledger
  /** Address of the page, or null. */
  readonly url: string | null
  readonly #parts: (() => Promise<unknown>)[]
  readonly #announce: readonly string[]
  #stopped: Promise<void> | null = null

  private constructor(
    components: { host: Libp2p; ledger: Ledger; parts: (() => Promise<unknown>)[] },
    { url, announce }: { url: string | null; announce: readonly string[] },
  ) {
    this.host = components.host
    this.ledger = components.ledger
    this.#parts = components.parts
    this.url = url
    this.#announce = announce
  }

  /**
   * Starts a coordinator on its data folder, going on where the last one stopped.
   * @throws UsageError when a folder, address or port cannot be used; KernelswarmError `store` when its disk is full
   */
  static async start(init: CoordinatorInit): Promise<Coordinator> {
    const { data, agent, singleOperator, roundCaps = {}, clock = systemClock } = init
    const { arrivalsPerSecond = ARRIVALS_PER_SECOND } = init
    const metrics = new Metrics()
    const log = counted(init.log, (event, code) => metrics.happened(event, code))
    let stopping = false
    const parts: (() => Promise<unknown>)[] = []
    try {
      await makeFolder(data, { secret: true })
      const key = await loadIdentity(join(data, 'coordinator.key'))
      const { reserveBytes } = init
      const store = await Store.open(join(data, 'log'), {
        ...(reserveBytes === undefined ? {} : { reserveBytes }),
        onMigration: (step) => log.warn({ event: 'store-migration', ...step }),
      })
      parts.unshift(() => store.close())
      logCondition(store.disk, log)
      const from = performance.now()
      const ledger = await Ledger.open(store, init.workload)
      const tookMs = performance.now() - from
      parts.unshift(() => ledger.keep())
      const chronicle = new Chronicle(ledger, log)
      parts.unshift(async () => chronicle.stop())
      const trouble = () => (stopping ? 'the coordinator is being stopped' : sayCondition(ledger.condition))
      const door = new Door({ arrivalsPerSecond })
      const doorFile = new DoorFile({ door, log }, { file: join(data, 'door.json') })
      await doorFile.start()
      parts.unshift(() => doorFile.stop())
      const guard = new Guard({ door, log }, { onTurned: (why) => metrics.turnedAway(why) })
      const { host, stop: stopHost } = await startHost(init, { key, log, guard }, { arrivalsPerSecond })
      parts.unshift(stopHost)
      guard.watch(host)
      parts.unshift(async () => guard.stop())
      const preference = new Preference(ledger.state, init.prefer ?? [])
      const guests = new Guests({ file: guestFile(data), isPrivate: init.private ?? false })
      const { leastVersion = LEAST_VERSION } = init
      const terms = { agent, singleOperator, arrivalsPerSecond, leastVersion, caps: roundCaps }
      const work = new WorkService({ host, key, ledger, clock, log, preference, guests, visitors: guard }, terms)
      const blocklist = new Blocklist({ ledger, work, clock, log }, { file: blockFile(data) })
      await blocklist.start()
      parts.unshift(() => blocklist.stop())
      await work.start()
      parts.unshift(() => work.stop())
      const comparer = new Comparer({ ledger, clock, log })
      comparer.start()
      parts.unshift(() => comparer.stop())
      const closer = new Closer({ ledger, clock })
      closer.start()
      parts.unshift(async () => closer.stop())
      const pruner = prunerFor(init, { ledger, key, clock, log, counts: metrics })
      pruner?.start()
      parts.unshift(async () => await pruner?.stop())
      const admission = new Admission({ file: allowFile(data), local: init.localResearchers })
      const parties = { host, key, ledger, work, admission, visitors: guard, clock, log }
      const rounds = new RoundsService(parties, { singleOperator, caps: roundCaps })
      await rounds.start()
      parts.unshift(() => rounds.stop())
      if (init.found?.gossip === true && init.private !== true) {
        const announcer = new Announcer({ host, key, ledger, clock, log })
        announcer.start()
        parts.unshift(() => announcer.stop())
      }
      const control = await startControl(data, { disk: store.disk, door })
      parts.unshift(() => control.close())
      const presence = () => work.presence()
      metrics.follow({ ledger, presence, door, data, trouble })
      const identity = { coordinator: peerIdOf(key), port: portOf(host), singleOperator, agent }
      const results = (round: RoundEntry, only: SharedFile) =>
        bytesOf(
          resultFiles({ ledger, key, coordinator: identity.coordinator }, round, {
            partial: false,
            singleOperator,
            only: [only],
          }),
        )
      const components = { ledger, presence, preference, ...identity, results, journal: log, probes: { trouble, metrics } }
      const page = init.http === null ? null : await startHttp(components, init.http)
      if (page !== null) parts.unshift(() => page.close())
      parts.unshift(async () => {
        stopping = true
        log.info({ event: 'stopping' })
      })
      parts.push(async () => log.info({ event: 'stopped' }))
      logFound(ledger, tookMs, log)
      log.info({ event: 'started', version: agent, coordinator: identity.coordinator })
      return new Coordinator({ host, ledger, parts }, { url: page?.url ?? null, announce: init.announce ?? [] })
    } catch (error) {
      await stopAll(parts)
      throw error
    }
  }

  /** Addresses nodes and researchers can use, with the peer id in them; those that are for anybody first. */
  addresses(): string[] {
    return bestFirst(this.host.getMultiaddrs(), this.#announce)
  }

  /** Stops all parts; what was promised is on disk. May be called twice. */
  async stop(): Promise<void> {
    this.#stopped ??= stopAll(this.#parts)
    await this.#stopped
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }
}

/**
 * Lets a key open rounds at the coordinator whose data folder this is.
 * @param share what rounds it opens from now on get, compared with those of others
 */
export async function allowResearcher(data: string, key: string, share: number): Promise<'added' | 'known'> {
  return await allow(allowFile(data), key, share)
}

/**
 * Puts a node, or an owner's key, on the list of those that the operator of this coordinator knows; counts for nodes that come from now on.
 * @param operator who runs it, where he has several
 */
export async function allowNode(data: string, key: string, operator: string | null): Promise<'added' | 'known'> {
  return await addGuest(guestFile(data), key, operator)
}

/** Has nobody run a program any more, at the coordinator whose data folder this is; counts within seconds. */
export async function blockProgram(data: string, program: string, reason: string): Promise<'blocked' | 'known'> {
  return await block(blockFile(data), program, reason)
}

/** Lets a program be run again in rounds opened from then on. */
export async function unblockProgram(data: string, program: string): Promise<'unblocked' | 'unknown'> {
  return await unblock(blockFile(data), program)
}

/** What is blocked at the coordinator whose data folder this is. */
export async function blockedPrograms(data: string): Promise<Blocked[]> {
  return await readBlocked(blockFile(data))
}

function prunerFor({ pruneAfterMs, singleOperator }: CoordinatorInit, components: PrunerComponents): Pruner | null {
  const { store } = components.ledger
  store.archives.onUnreadable = (round, detail) => components.log.error({ event: 'archive-unreadable', round, detail })
  if (pruneAfterMs === null) return null
  const after = pruneAfterMs === undefined ? {} : { afterMs: pruneAfterMs }
  return new Pruner(components, { coordinator: peerIdOf(components.key), singleOperator, ...after })
}

/** Of the first address it listens on over TCP. */
function portOf(host: Libp2p): number | null {
  const ports = host.getMultiaddrs().map((address) => /\/tcp\/(\d+)/.exec(address.toString())?.[1])
  const port = ports.find((found) => found !== undefined)
  return port === undefined ? null : Number(port)
}

function blockFile(data: string): string {
  return join(data, 'blocked.txt')
}

function allowFile(data: string): string {
  return join(data, 'researchers.txt')
}

function guestFile(data: string): string {
  return join(data, 'nodes.txt')
}

function logFound({ found: { kept, applied, dropped } }: Ledger, ms: number, log: Journal): void {
  if (dropped !== null) log.warn({ event: 'views-dropped', detail: dropped })
  log.info({ event: 'state-read', kept, applied, ms: Math.round(ms) })
}

/** A line whenever the disk does otherwise than before, and one for each try while it fails. */
function logCondition(disk: Disk, log: Journal): void {
  let said: DiskCondition = GOOD
  const say = (condition: DiskCondition) => {
    if (condition === said) return
    said = condition
    const { state, ...facts } = condition
    const level = { good: 'info', low: 'warn', failing: 'error' } as const
    log[level[state]]({ event: `disk-${state}`, ...facts })
  }
  say(disk.condition)
  disk.changes.on('condition', say)
}

/** Stops every part even when one fails, then reports all that failed. */
async function stopAll(parts: (() => Promise<unknown>)[]): Promise<void> {
  const errors: unknown[] = []
  for (const stop of parts.splice(0)) await stop().catch((error: unknown) => errors.push(error))
  if (errors.length > 0) throw new AggregateError(errors, 'some parts of the coordinator did not stop cleanly')
}

async function* bytesOf(pieces: AsyncIterable<FilePiece>): AsyncGenerator<Uint8Array> {
  for await (const { bytes } of pieces) yield bytes
}
