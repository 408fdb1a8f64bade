import { setTimeout as sleep } from 'node:timers/promises'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Libp2p } from 'libp2p'
import {
  createHost,
  KernelswarmError,
  loadIdentity,
  ProtocolError,
  RefusedError,
  ResearcherClient,
  waysTo,
} from '../../protocol/index.ts'

/** Waits between two tries to reach a coordinator that went away: from the first, doubled, up to the last. */
const FIRST_WAIT_MS = 500
const LONGEST_WAIT_MS = 15_000
/** How long a coordinator may be away: time to move it to another machine. What it has is kept there however long it takes. */
const LONGEST_AWAY_MS = 60 * 60_000

/** Options of every command that speaks to a coordinator. */
export interface RemoteOptions {
  /** Its address, or several by commas. */
  coordinator: string
  key: string
}

/** Who wants to know that the coordinator went away, and came back. */
export interface LinkEvents {
  away?: (why: string) => void
  back?: () => void
  /** What is asked for is held back for now. Who does not want to know does not wait for it: it is thrown. */
  held?: (why: string) => void
}

export interface LinkInit extends RemoteOptions {
  signal: AbortSignal
  /** @default an hour */
  longestAwayMs?: number
}

/**
 * A researcher's line to a coordinator that outlives its connections: what can be asked again, and then goes on where it was,
 * is asked again when the line was cut or the coordinator is being restarted.
 */
export class Link implements AsyncDisposable {
  readonly #host: Libp2p
  readonly #ways: readonly Multiaddr[]
  readonly #signal: AbortSignal
  readonly #longestAwayMs: number
  #client: ResearcherClient | null

  private constructor(host: Libp2p, ways: readonly Multiaddr[], client: ResearcherClient | null, init: LinkInit) {
    this.#host = host
    this.#ways = ways
    this.#client = client
    this.#signal = init.signal
    this.#longestAwayMs = init.longestAwayMs ?? LONGEST_AWAY_MS
  }

  /** Connects. @throws KernelswarmError `unreachable` when nobody answers at the first try */
  static async open(init: LinkInit): Promise<Link> {
    const { coordinator, key, signal } = init
    const { ways } = waysTo(coordinator)
    const host = await createHost({ key: await loadIdentity(key), listen: [] })
    try {
      return new Link(host, ways, await ResearcherClient.connect(host, ways, { signal }), init)
    } catch (error) {
      await host.stop()
      signal.throwIfAborted()
      throw new KernelswarmError(
        'unreachable',
        `${coordinator}: no coordinator answers there (${(error as Error).message}); is it running, and is the peer id in the address its own?`,
      )
    }
  }

  /** Connects when it is used first, so that a coordinator that is away from the beginning is waited for as well. */
  static async prepare(init: LinkInit): Promise<Link> {
    const { ways } = waysTo(init.coordinator)
    return new Link(await createHost({ key: await loadIdentity(init.key), listen: [] }), ways, null, init)
  }

  /**
   * Does something that goes on where it was when it is done again: as often as the line is cut.
   * @param use is to call `heard` whenever it got further
   * @throws what `use` throws for other reasons; KernelswarmError `unreachable` when the coordinator was away for too long
   */
  async persist<T>(use: (client: ResearcherClient, heard: () => void) => Promise<T>, events: LinkEvents = {}): Promise<T> {
    let awaySince: number | null = null
    let told = ''
    let waitMs = FIRST_WAIT_MS
    const heard = () => {
      if (awaySince === null) return
      awaySince = null
      waitMs = FIRST_WAIT_MS
      events.back?.()
    }
    for (;;) {
      try {
        this.#client ??= await ResearcherClient.connect(this.#host, this.#ways, { signal: this.#signal })
        const done = await use(this.#client, heard)
        heard()
        return done
      } catch (error) {
        const connected = this.#client !== null
        this.#drop()
        this.#signal.throwIfAborted()
        const held = events.held !== undefined && isHeld(error)
        if (connected && !held && !passesBy(error)) throw error
        const why = (error as Error).message
        // What a coordinator says of itself is said again when it is something else: its disk was full, and now it is read-only.
        if (awaySince === null || (error instanceof RefusedError && why !== told)) {
          told = why
          if (held) events.held?.(why)
          else events.away?.(why)
        }
        awaySince ??= performance.now()
        if (performance.now() - awaySince > this.#longestAwayMs) throw gone(this.#longestAwayMs, why)
        await sleep(waitMs, undefined, { signal: this.#signal }).catch(() => this.#signal.throwIfAborted())
        waitMs = Math.min(2 * waitMs, LONGEST_WAIT_MS)
      }
    }
  }

  /** Does something once. @throws what `use` throws */
  async once<T>(use: (client: ResearcherClient) => Promise<T>): Promise<T> {
    this.#client ??= await ResearcherClient.connect(this.#host, this.#ways, { signal: this.#signal })
    return await use(this.#client)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client?.[Symbol.asyncDispose]()
    await this.#host.stop()
  }

  /** A connection that failed may take long to close, and nobody waits for that. */
  #drop(): void {
    const client = this.#client
    this.#client = null
    client?.[Symbol.asyncDispose]().catch(() => undefined)
  }
}

/** Whether it may go another way the next time: the line, a restart, a disk that is full for now. */
function passesBy(error: unknown): boolean {
  if (error instanceof RefusedError) return error.code === 'unavailable'
  if (error instanceof ProtocolError) return error.code === 'closed' || error.code === 'timeout'
  return (error as Error).name === 'TimeoutError'
}

function isHeld(error: unknown): boolean {
  return error instanceof RefusedError && error.code === 'held'
}

function gone(ms: number, why: string): KernelswarmError {
  const text = `the coordinator has been away for ${Math.round(ms / 60_000)} minutes (${why}); what it has is kept there`
  return new KernelswarmError('unreachable', text)
}
