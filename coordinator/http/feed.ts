import type { Writable } from 'node:stream'
import type { RoundRow, Status } from './figures.ts'
import { FEED_INTERVAL_MS, HEARTBEAT_MS, MAX_FEED_ROUNDS, MAX_VIEWERS, RECONNECT_MS, VIEWER_BUFFER_BYTES } from './limits.ts'
import { Refusal } from './refusal.ts'

/** Where the feed gets what it says. */
export interface FeedSource {
  status(): Status
  /** The newest rounds. */
  newest(limit: number): RoundRow[]
  /** These rounds, those that exist. */
  progress(rounds: readonly string[]): RoundRow[]
}

/** What a viewer is told: `snapshot` first (after a reconnect too), then a `change` now and then. */
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

/**
 * Server-sent events: a message is made once and written to every viewer.
 *
 *     touch(rounds) -> wait until the interval has passed -> one `change` -> all viewers
 *
 * Nothing is made while nobody watches. A viewer that lets more than a bounded number of bytes pile up is cut; its
 * browser comes back and gets a fresh snapshot, so nothing needs to be kept for anyone.
 */
export class Feed {
  readonly #source: FeedSource
  readonly #maxViewers: number
  readonly #bufferBytes: number
  readonly #intervalMs: number
  readonly #viewers = new Set<Writable>()
  readonly #touched = new Set<string>()
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

  /** @throws Refusal `busy` when nobody more can watch; to be asked before the first byte is sent */
  assertRoom(): void {
    if (this.#closed || this.#viewers.size >= this.#maxViewers) throw new Refusal('busy', 'too many viewers; try again later')
  }

  /** Takes a viewer and gives it the snapshot. It is forgotten when its stream closes. */
  add(viewer: Writable): void {
    this.assertRoom()
    this.#viewers.add(viewer)
    viewer.on('error', () => this.#drop(viewer))
    viewer.on('close', () => this.#drop(viewer))
    this.#heart ??= setInterval(() => this.#say('event: beat\ndata: {}\n\n'), HEARTBEAT_MS).unref()
    const snapshot: FeedMessage = { status: this.#source.status(), rounds: this.#source.newest(MAX_FEED_ROUNDS) }
    this.#write(viewer, `retry: ${RECONNECT_MS}\n${this.#frame('snapshot', snapshot)}`)
  }

  /** Something changed, in these rounds among others. */
  touch(rounds: Iterable<string>): void {
    if (this.#viewers.size === 0) return
    this.#changed = true
    for (const round of rounds) this.#touched.add(round)
    const wait = Math.max(0, this.#saidAt + this.#intervalMs - performance.now())
    this.#timer ??= setTimeout(() => this.#flush(), wait).unref()
  }

  close(): void {
    this.#closed = true
    if (this.#timer !== null) clearTimeout(this.#timer)
    if (this.#heart !== null) clearInterval(this.#heart)
    for (const viewer of this.#viewers) viewer.destroy()
    this.#viewers.clear()
  }

  #flush(): void {
    this.#timer = null
    if (!this.#changed || this.#viewers.size === 0) return
    this.#changed = false
    this.#saidAt = performance.now()
    const rounds = [...this.#touched]
    const now = rounds.splice(-MAX_FEED_ROUNDS)
    for (const round of now) this.#touched.delete(round)
    this.#say(this.#frame('change', { status: this.#source.status(), rounds: this.#source.progress(now) }))
    if (this.#touched.size > 0) this.touch([])
  }

  #say(text: string): void {
    for (const viewer of this.#viewers) this.#write(viewer, text)
  }

  #write(viewer: Writable, text: string): void {
    viewer.write(text)
    if (viewer.writableLength <= this.#bufferBytes) return
    this.#drop(viewer)
    viewer.destroy()
  }

  #drop(viewer: Writable): void {
    this.#viewers.delete(viewer)
    if (this.#viewers.size > 0) return
    this.#touched.clear()
    if (this.#heart !== null) clearInterval(this.#heart)
    this.#heart = null
  }

  /** JSON has no line breaks of its own, so one data line is enough. */
  #frame(event: string, message: FeedMessage): string {
    return `id: ${++this.#number}\nevent: ${event}\ndata: ${JSON.stringify(message)}\n\n`
  }
}
