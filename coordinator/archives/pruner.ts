import type { PrivateKey } from '@libp2p/interface'
import { CarFile, holds } from '../../protocol/index.ts'
import { Breath } from '../breath.ts'
import type { Clock } from '../clock.ts'
import type { Ledger } from '../ledger.ts'
import type { Journal } from '../operations/journal.ts'
import { resultFiles } from '../results/index.ts'
import type { Event } from '../state/events.ts'
import type { Operation } from '../store/disk.ts'
import { closedFrom } from '../views/records.ts'
import { Reading } from '../views/views.ts'
import type { Place } from './folder.ts'
import { ARCHIVE_PREFIX, type ArchiveRecord, archiveFrom, archiveKey, archivePut, prune } from './records.ts'
import { Used } from './used.ts'

/** How often it is seen what there is to do. */
const INTERVAL_MS = 10_000
/** A pass goes over all that is in memory: between two there is so many times what the last one took. */
const REST_FACTOR = 10
/** What could not be archived is tried again after this: its disk, or what it lacks, may be mended. */
const RETRY_MS = 600_000
/** What is shorter stays in the store: the note of where it is would take as much. */
const SMALLEST_BYTES = 256
/** Contents that leave the store in one batch: a small part of what is written at a time. */
const BATCH = 64
/** Contents that have left before the database tidies up: less is not worth that it reads and writes all that is near. */
export const TIDY_BYTES = 256 * 1024 * 1024
/** How long contents stay in the store after the end of their round unless the operator says otherwise: results are fetched then. */
export const DEFAULT_PRUNE_AFTER_MS = 24 * 3_600_000

/** Contents by how their names go on: few enough that none takes the database long. */
const RANGES = ['bafkrei', 'bafyrei'].flatMap((codec) => [...'abcdefgh'].map((letter) => `blob/${codec}${letter}`))

export interface PrunerComponents {
  ledger: Ledger
  /** The coordinator's key: signs archives. */
  key: PrivateKey
  clock: Clock
  log: Journal
  /** Told what was done. */
  counts?: { archived(bytes: number): void; pruned(contents: number, bytes: number): void }
}

export interface PrunerInit {
  /** The coordinator's peer id. */
  coordinator: string
  singleOperator: boolean
  /** How long contents stay in the store after the end of their round. @default DEFAULT_PRUNE_AFTER_MS */
  afterMs?: number
  /** @default TIDY_BYTES */
  tidyBytes?: number
}

interface Due {
  round: string
  record: ArchiveRecord
}

/**
 * Archives rounds that were closed, and lets their programs and outputs leave the store for the archive:
 *
 * 1. `archives/<round>.car` is written, synced, and gets its name;
 * 2. that it is there is noted in the store, synced;
 * 3. some time after the round's end, and when no closed round is without its archive, contents leave the store: those that
 *    nothing in memory names, that are in the archive as they are in the store. Where each is is noted in the same batch.
 *
 * What is in neither is never: killed anywhere, the next start goes on, and does again what it is not sure of. Signed verdicts
 * stay in the store, which has them under another name. One thing after the other, in small steps.
 */
export class Pruner {
  readonly #c: PrunerComponents
  readonly #init: Required<PrunerInit>
  /** Rounds that are closed and not archived. */
  readonly #unarchived = new Set<string>()
  /** Archives of which contents are to leave the store. */
  readonly #due = new Map<string, Due>()
  #found = false
  #work: Promise<void> | null = null
  #timer: NodeJS.Timeout | null = null
  #stopped = false
  #retryAt = Number.NEGATIVE_INFINITY
  #restUntil = Number.NEGATIVE_INFINITY
  #untidy = 0
  #used: Used | null = null
  /** A pass is of no use any more: a round has left memory before it was known what it names. */
  #isStale = false
  readonly #onChange = (event: Event) => this.#note(event)

  constructor(components: PrunerComponents, init: PrunerInit) {
    this.#c = components
    this.#init = { afterMs: DEFAULT_PRUNE_AFTER_MS, tidyBytes: TIDY_BYTES, ...init }
  }

  start(): void {
    this.#c.ledger.changes.on('change', this.#onChange)
    this.#timer = setInterval(() => void this.look(), INTERVAL_MS).unref()
  }

  /** Resolves when nothing is under way any more; what was not done is for the next start. */
  async stop(): Promise<void> {
    this.#stopped = true
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#timer = null
    await this.#work
    this.#c.ledger.changes.off('change', this.#onChange)
  }

  /** Does what there is to do by now; resolves when it is done. */
  async look(): Promise<void> {
    this.#work ??= this.#all()
      .catch((error: Error) => this.#fails('', error))
      .finally(() => {
        this.#work = null
      })
    await this.#work
  }

  #note(event: Event): void {
    if (event.t === 'round-closed') {
      this.#unarchived.add(event.round)
      if (this.#used?.covers(event.round) === false) this.#isStale = true
    }
    this.#used?.note(event, this.#c.ledger.state)
  }

  async #all(): Promise<void> {
    if (!this.#found) await this.#find()
    this.#found = true
    await this.#archiveAll()
    const now = this.#c.clock.now()
    const due = [...this.#due.values()].filter(({ record }) => record.endedAt + this.#init.afterMs <= now)
    if (due.length === 0 || this.#unarchived.size > 0 || now < this.#restUntil || !this.#mayGoOn()) return
    const from = performance.now()
    await this.#pass(due)
    this.#restUntil = this.#c.clock.now() + REST_FACTOR * (performance.now() - from)
    if (this.#untidy >= this.#init.tidyBytes) await this.#tidy()
  }

  /** What an earlier start has left to do. */
  async #find(): Promise<void> {
    const { ledger } = this.#c
    const { disk } = ledger.store
    await ledger.shelved()
    for await (const [key, value] of disk.iterator(rangeOf(ARCHIVE_PREFIX))) {
      const round = key.slice(ARCHIVE_PREFIX.length)
      const record = archiveFrom(value)
      if (record.state !== 'pruned') this.#due.set(round, { round, record })
    }
    for await (const [, round] of ledger.records.range('order/', 'order0')) {
      if (this.#stopped) return
      if (!ledger.state.rounds.has(round) && (await disk.get(archiveKey(round))) === undefined) this.#unarchived.add(round)
    }
  }

  async #archiveAll(): Promise<void> {
    if (this.#c.clock.now() < this.#retryAt) return
    for (const round of [...this.#unarchived]) {
      // An archive takes as much space as the round, which is wanted for what is under way.
      if (this.#stopped || this.#c.ledger.condition.state !== 'good') return
      try {
        await this.#archive(round)
        this.#unarchived.delete(round)
      } catch (error) {
        this.#retryAt = this.#c.clock.now() + RETRY_MS
        this.#fails(round, error as Error)
      }
    }
  }

  async #archive(id: string): Promise<void> {
    const { ledger, key, clock, log, counts } = this.#c
    const { coordinator, singleOperator } = this.#init
    const { archives } = ledger.store
    await ledger.shelved()
    const head = await new Reading(ledger.records).head(id)
    if (head === null) throw new Error('there is no record of it')
    const options = { partial: true, singleOperator, only: ['round.car'] as const, aside: () => archives.aside(id) }
    const files = resultFiles({ ledger, key, coordinator }, closedFrom(head), options)
    const from = performance.now()
    const bytes = await archives.write(id, this.#pieces(files))
    await using car = await CarFile.begin(archives.fileOf(id))
    const record: ArchiveRecord = { root: car.root, bytes, endedAt: head.endedAt ?? clock.now(), state: 'whole' }
    await ledger.store.append([], undefined, [archivePut(id, record)])
    this.#due.set(id, { round: id, record })
    counts?.archived(bytes)
    log.info({ event: 'round-archived', round: id, bytes, ms: Math.round(performance.now() - from) })
  }

  async *#pieces(files: AsyncIterable<{ bytes: Uint8Array }>): AsyncGenerator<Uint8Array> {
    for await (const { bytes } of files) {
      if (this.#stopped) throw new Stopped()
      yield bytes
    }
  }

  /** Lets contents of archived rounds leave the store, all that are due with one look at what is in memory. */
  async #pass(due: readonly Due[]): Promise<void> {
    const used = new Used()
    this.#used = used
    this.#isStale = false
    try {
      await used.mark(this.#c.ledger.state, new Breath(), () => this.#mayGoOn())
      for (const one of due) {
        if (!this.#mayGoOn()) return
        await this.#pruneOne(one, used).catch((error: Error) => this.#damaged(one, error))
      }
    } finally {
      this.#used = null
    }
  }

  #mayGoOn(): boolean {
    return !this.#stopped && !this.#isStale && this.#c.ledger.condition.state !== 'failing'
  }

  async #pruneOne(due: Due, used: Used): Promise<void> {
    const { round } = due
    const { store } = this.#c.ledger
    const done = { contents: 0, bytes: 0 }
    const breath = new Breath()
    await using car = await CarFile.begin(store.archives.fileOf(round))
    if (car.root !== due.record.root) throw new Error('it is another one')
    let leaving: [cid: string, place: Place][] = []
    const leave = async () => {
      await this.#record(due, 'pruning')
      await store.room()
      // Nothing is waited for from here to `append`: whoever names one of these later puts it there again after this, but where a
      // vote in memory named it before, which is marked.
      const gone = leaving.filter(([cid]) => !used.has(cid) && !store.isHeld(cid))
      leaving = []
      if (!this.#mayGoOn() || gone.length === 0) return
      const operations: Operation[] = gone.flatMap(([cid, place]) => prune(cid, place))
      done.contents += gone.length
      done.bytes += gone.reduce((sum, [, { length }]) => sum + length, 0)
      await store.append([], undefined, operations)
    }
    try {
      for await (const block of car.scan()) {
        await breath.take()
        if (!this.#mayGoOn()) return
        if (block.length < SMALLEST_BYTES || used.has(block.cid) || !(await this.#isInBoth(car, block))) continue
        leaving.push([block.cid, { round, offset: block.offset, length: block.length }])
        if (leaving.length === BATCH) await leave()
      }
      if (leaving.length > 0) await leave()
      if (!this.#mayGoOn()) return
      await this.#record(due, 'pruned')
      this.#due.delete(round)
    } finally {
      if (done.contents > 0 || due.record.state === 'pruned') this.#say(round, done)
    }
  }

  /** Whether the store and the archive have the same by a name, and it is what the name says. */
  async #isInBoth(car: CarFile, block: { cid: string; offset: number; length: number }): Promise<boolean> {
    const kept = await this.#c.ledger.store.blob(block.cid)
    if (kept === undefined) return false
    const bytes = await car.read(block)
    if (!(await holds(block.cid, bytes))) throw new Error(`it is damaged at byte ${block.offset}`)
    return Buffer.compare(kept, bytes) === 0
  }

  async #record(due: Due, state: ArchiveRecord['state']): Promise<void> {
    if (due.record.state === state) return
    due.record = { ...due.record, state }
    await this.#c.ledger.store.append([], undefined, [archivePut(due.round, due.record)])
  }

  #say(round: string, { contents, bytes }: { contents: number; bytes: number }): void {
    this.#untidy += bytes
    this.#c.counts?.pruned(contents, bytes)
    this.#c.log.info({ event: 'round-pruned', round, contents, bytes })
  }

  /** An archive that is not what it was: while the store has everything another one is made. */
  async #damaged(due: Due, error: Error): Promise<void> {
    this.#fails(due.round, error)
    this.#due.delete(due.round)
    if (due.record.state !== 'whole') return
    await this.#c.ledger.store.append([], undefined, [{ type: 'del', key: archiveKey(due.round) }])
    this.#unarchived.add(due.round)
  }

  /** Has the database give back the space, one part after the other: what is to be written comes in between. */
  async #tidy(): Promise<void> {
    const { store } = this.#c.ledger
    for (const gte of RANGES) {
      if (this.#stopped || this.#c.ledger.condition.state === 'failing') return
      await store.room()
      await store.disk.compact({ gte, lt: after(gte) })
    }
    this.#untidy = 0
  }

  #fails(round: string, error: Error): void {
    if (this.#stopped) return
    this.#c.log.error({ event: 'archive-failed', ...(round === '' ? {} : { round }), detail: error.message })
  }
}

/** Thrown into an archive that is under way when the coordinator stops. */
class Stopped extends Error {}

function rangeOf(prefix: string): { gte: string; lt: string } {
  return { gte: prefix, lt: after(prefix) }
}

/** The first key after all that begin alike. */
function after(prefix: string): string {
  return prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1)
}
