import { randomBytes } from 'node:crypto'
import type { Writable } from 'node:stream'
import type { RoundRow, Status } from './figures.ts'
import {
  FEED_INTERVAL_MS,
  FEED_MS_A_VIEWER,
  HEARTBEAT_MS,
  KEPT_MESSAGES_BYTES,
  MAX_FEED_ROUNDS,
  MAX_KEPT_MESSAGES,
  MAX_VIEWERS,
  MAX_VIEWERS_OF_VISITOR,
  RECONNECT_MS,
  VIEWER_BUFFER_BYTES,
} from './limits.ts'
import { Refusal } from './refusal.ts'
import { homeOf, isThisMachine } from './visitors.ts'

/** Where the feed gets what it says. */
export interface FeedSource {
  status(): Status
  /** The newest rounds. */
  newest(limit: number): RoundRow[]
  /** These rounds, those that exist. */
  progress(rounds: readonly string[]): RoundRow[]
}

/** What a viewer is told: `snapshot` first, then a `change` now and then. */
export interface FeedMessage {
  status: Status
  rounds: RoundRow[]
}

/** Options, each with the default written in limits. */
export interface FeedInit {
  /** @default MAX_VIEWERS */
  maxViewers?: number
  /** @default VIEWER_BUFFER_BYTES */
  bufferBytes?: number
  /** @default FEED_INTERVAL_MS */
  intervalMs?: number
}

/** Who watches: where from, and the last message that came to it before its connection broke. */
export interface Viewer {
  address?: string | undefined
  lastId?: string | undefined
}

/** A change that was told. */
interface Told {
  number: number
  bytes: Buffer
}

/**
 * Server-sent events: a message is made once, and its bytes are written to every viewer.
 *
 *     touch(rounds) -> wait until the interval has passed -> one `change` -> all viewers
 *
 * Nothing is made while nobody watches. A message's id is the life of this feed and its number in it. Who comes back with the id of
 * a message after which all are still kept gets a `resumed`, and those; who comes with any other, or none, a `snapshot`. A
 * viewer that lets more than a bounded number of bytes pile up is cut, and comes back in the same way.
 */
export class Feed {
  readonly #source: FeedSource
  readonly #maxViewers: number
  readonly #bufferBytes: number
  readonly #intervalMs: number
  /** By viewer the address it is counted at, or null. */
  readonly #viewers = new Map<Writable, string | null>()
  readonly #atAddress = new Map<string, number>()
  readonly #touched = new Set<string>()
  readonly #life = randomBytes(6).toString('hex')
  /** The last changes, in order and without a gap up to the last one that was told or missed. */
  readonly #kept: Told[] = []
  #keptBytes = 0
  #snapshot: { number: number; madeAt: number; bytes: Buffer } | null = null
  #changed = false
  #number = 0
  #saidAt = Number.NEGATIVE_INFINITY
  #timer: NodeJS.Timeout | null = null
  #heart: NodeJS.Timeout | null = null
  #closed = false

  constructor(source: FeedSource, init: FeedInit = {}) {
    this.#source = source
    this.#maxViewers = init.maxViewers ?? MAX_VIEWERS
    this.#bufferBytes = init.bufferBytes ?? VIEWER_BUFFER_BYTES
    this.#intervalMs = init.intervalMs ?? FEED_INTERVAL_MS
  }

  get viewers(): number {
    return this.#viewers.size
  }

  /** @throws Refusal `busy` when nobody more can watch, or nobody more from there; to be asked before the first byte is sent */
  assertRoom(address?: string): void {
    if (this.#closed || this.#viewers.size >= this.#maxViewers) throw new Refusal('busy', 'too many viewers; try again later')
    const home = homeFor(address)
    if (home === null || (this.#atAddress.get(home) ?? 0) < MAX_VIEWERS_OF_VISITOR) return
    throw new Refusal('busy', 'too many viewers from this address; close one, or try again later')
  }

  /** Takes a viewer and tells it what it has missed, or all there is. It is forgotten when its stream closes. */
  add(stream: Writable, { address, lastId }: Viewer = {}): void {
    this.assertRoom(address)
    const home = homeFor(address)
    this.#viewers.set(stream, home)
    if (home !== null) this.#atAddress.set(home, (this.#atAddress.get(home) ?? 0) + 1)
    stream.on('error', () => this.#drop(stream))
    stream.on('close', () => this.#drop(stream))
    this.#heart ??= setInterval(() => this.#say(BEAT), HEARTBEAT_MS).unref()
    const missed = this.#missedSince(lastId)
    this.#write(stream, missed === null ? this.#wholeState() : Buffer.concat([RESUMED, ...missed]))
  }

  /** Something changed, in these rounds among others. */
  touch(rounds: Iterable<string>): void {
    if (this.#viewers.size === 0) {
      this.#miss()
      return
    }
    this.#changed = true
    for (const round of rounds) this.#touched.add(round)
    const interval = this.#intervalMs === 0 ? 0 : Math.max(this.#intervalMs, FEED_MS_A_VIEWER * this.#viewers.size)
    const wait = Math.max(0, this.#saidAt + interval - performance.now())
    this.#timer ??= setTimeout(() => this.#flush(), wait).unref()
  }

  close(): void {
    this.#closed = true
    if (this.#timer !== null) clearTimeout(this.#timer)
    if (this.#heart !== null) clearInterval(this.#heart)
    for (const viewer of this.#viewers.keys()) viewer.destroy()
    this.#viewers.clear()
    this.#atAddress.clear()
  }

  #flush(): void {
    this.#timer = null
    if (!this.#changed) return
    this.#changed = false
    if (this.#viewers.size === 0) {
      this.#miss()
      return
    }
    this.#saidAt = performance.now()
    const rounds = [...this.#touched]
    const now = rounds.splice(-MAX_FEED_ROUNDS)
    for (const round of now) this.#touched.delete(round)
    const number = ++this.#number
    const bytes = this.#frame('change', { status: this.#source.status(), rounds: this.#source.progress(now) })
    this.#keep({ number, bytes })
    this.#say(bytes)
    if (this.#touched.size > 0) this.touch([])
  }

  /** A change that nobody was told: whoever comes back after it has to be told all. */
  #miss(): void {
    this.#number++
    this.#kept.length = 0
    this.#keptBytes = 0
    this.#touched.clear()
  }

  #keep(told: Told): void {
    this.#kept.push(told)
    this.#keptBytes += told.bytes.byteLength
    while (this.#kept.length > MAX_KEPT_MESSAGES || this.#keptBytes > KEPT_MESSAGES_BYTES) {
      this.#keptBytes -= this.#kept.shift()?.bytes.byteLength ?? 0
    }
  }

  /** The messages after the one of an id, or null where they are not all here. */
  #missedSince(id: string | undefined): Buffer[] | null {
    const [, life, text] = /^([0-9a-f]{12})\.(\d{1,15})$/.exec(id ?? '') ?? []
    if (life !== this.#life) return null
    const last = Number(text)
    const missed = this.#kept.filter(({ number }) => number > last)
    return missed.length === this.#number - last ? missed.map(({ bytes }) => bytes) : null
  }

  /** Made once for all who come at the same time, as after a restart. */
  #wholeState(): Buffer {
    const now = performance.now()
    const known = this.#snapshot
    if (known !== null && known.number === this.#number && now - known.madeAt < this.#intervalMs) return known.bytes
    const snapshot: FeedMessage = { status: this.#source.status(), rounds: this.#source.newest(MAX_FEED_ROUNDS) }
    const bytes = Buffer.concat([RETRY, this.#frame('snapshot', snapshot)])
    this.#snapshot = { number: this.#number, madeAt: now, bytes }
    return bytes
  }

  #say(bytes: Buffer): void {
    for (const viewer of this.#viewers.keys()) this.#write(viewer, bytes)
  }

  #write(viewer: Writable, bytes: Buffer): void {
    viewer.write(bytes)
    if (viewer.writableLength <= this.#bufferBytes) return
    this.#drop(viewer)
    viewer.destroy()
  }

  #drop(viewer: Writable): void {
    const home = this.#viewers.get(viewer)
    if (!this.#viewers.delete(viewer)) return
    if (home !== null && home !== undefined) {
      const left = (this.#atAddress.get(home) ?? 1) - 1
      if (left > 0) this.#atAddress.set(home, left)
      else this.#atAddress.delete(home)
    }
    if (this.#viewers.size > 0) return
    if (this.#touched.size > 0 || this.#changed) this.#miss()
    this.#changed = false
    if (this.#heart !== null) clearInterval(this.#heart)
    this.#heart = null
  }

  /** JSON has no line breaks of its own, so one data line is enough. */
  #frame(event: string, message: FeedMessage): Buffer {
    return Buffer.from(`id: ${this.#life}.${this.#number}\nevent: ${event}\ndata: ${JSON.stringify(message)}\n\n`)
  }
}

const RETRY = Buffer.from(`retry: ${RECONNECT_MS}\n`)
const BEAT = Buffer.from('event: beat\ndata: {}\n\n')
const RESUMED = Buffer.from(`retry: ${RECONNECT_MS}\nevent: resumed\ndata: {}\n\n`)

/** What a viewer's place is counted at; null: not at all. */
function homeFor(address: string | undefined): string | null {
  return address === undefined || isThisMachine(address) ? null : homeOf(address)
}
