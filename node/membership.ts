import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  type Assign,
  KernelswarmError,
  type NoticeCode,
  ProtocolError,
  type Reputation,
  type Ways,
  waysTo,
} from '../protocol/index.ts'
import { Reach } from './reach.ts'
import { type Announced, KeyInUse, Session, type SessionComponents, TurnedAway } from './session.ts'

/** Waits between tries to reach the coordinator: doubling, with jitter, for ever. */
const FIRST_RETRY_MS = 500
const LONGEST_RETRY_MS = 60_000
/** Two processes with one key throw each other out: each waits so long, doubling with every time in a row. */
const FIRST_HOLD_MS = 60_000
const LONGEST_HOLD_MS = 60 * 60_000
/** Notices kept for the owner to read. */
const NOTICES_KEPT = 10

export interface MembershipComponents
  extends Pick<SessionComponents, 'host' | 'work' | 'outbox' | 'programs' | 'log' | 'listener' | 'mayTake' | 'onBytes'> {
  /** The node's folder: where its coordinators were reached last is kept there. */
  data: string
  isUnwanted: (assign: Assign) => boolean
  toAskAbout: (coordinator: string, limit: number) => readonly { nonce: string; task: string }[]
  /** What the node says of itself, as of now. */
  announced: () => Promise<Announced>
}

/** A coordinator that the node's owner has named. */
export interface Place extends Ways {
  /** What it gets of the node's slots, compared with the others. */
  share: number
}

/** How it stands with a coordinator, for people; times in milliseconds since 1970. */
export interface MembershipStatus {
  coordinator: string
  address: string
  share: number
  state: 'connecting' | 'connected' | 'waiting'
  since: number
  /** Why the last connection ended or did not come about, in words. */
  trouble: { code: string | null; message: string; at: number } | null
  /** When it is tried again. */
  retryAt: number | null
  /** What it runs, and the oldest node it lets in. */
  agent: string | null
  least: string | null
  preferred: readonly string[]
  reputation: Reputation | null
  notices: readonly { at: number; code: NoticeCode; message: string }[]
}

/** A node's part in the swarm of one coordinator: connects, and connects again, for as long as the node lives. */
export class Membership {
  readonly coordinator: string
  readonly #place: Place
  readonly #c: MembershipComponents
  readonly #ending: AbortSignal
  #session: Session | null = null
  readonly #reach: Reach
  #again = new AbortController()
  #rested = new AbortController()
  #remembering: Promise<void> = Promise.resolve()
  #served: Promise<void> = Promise.resolve()
  #status: MembershipStatus

  constructor(components: MembershipComponents, place: Place, ending: AbortSignal) {
    this.#c = components
    this.#place = place
    this.#ending = ending
    this.coordinator = place.peer.toString()
    const { ways, share } = place
    this.#reach = new Reach(components.host, {
      coordinator: place.peer,
      given: ways,
      file: join(components.data, 'addresses', `${this.coordinator}.json`),
    })
    this.#status = {
      coordinator: this.coordinator,
      address: ways.join(','),
      share,
      state: 'connecting',
      since: Date.now(),
      trouble: null,
      retryAt: null,
      agent: null,
      least: null,
      preferred: [],
      reputation: null,
      notices: [],
    }
    components.work.allotments.add(this.coordinator, share)
  }

  get status(): MembershipStatus {
    return this.#status
  }

  start(): void {
    this.#served = this.#serve()
  }

  /** Resolves when it has ended, after the signal. */
  async ended(): Promise<void> {
    await this.#served
    await this.#remembering
  }

  /** Says goodbye, after what is still being sent. */
  async leave(): Promise<void> {
    await this.#session?.leave()
  }

  /** Asks for work for whatever is free, if it is connected. */
  ask(): void {
    this.#session?.ask()
  }

  /** Connected, it asks whether the coordinator is still there; waiting to connect, it waits no more. */
  wake(): void {
    this.#session?.probe()
    this.#rested.abort()
    this.#rested = new AbortController()
  }

  /** Leaves and comes back, as to say anew what the node can run. What runs goes on, and is said to be held. */
  announceAnew(why: string): void {
    this.#again.abort(new Error(why))
    this.#again = new AbortController()
  }

  /** Takes back what was asked for and has not come: by coming back, since what was asked for cannot be unsaid. */
  stopAsking(): void {
    if (this.#session?.isAsking) this.announceAnew('no work is wanted for now')
  }

  async #serve(): Promise<void> {
    const signal = this.#ending
    let wait = FIRST_RETRY_MS
    let hold = FIRST_HOLD_MS
    while (!signal.aborted) {
      const again = this.#again.signal
      this.#say({ state: 'connecting', retryAt: null })
      const error = await this.#converse(AbortSignal.any([signal, again])).then(
        () => null,
        (reason: Error) => reason,
      )
      const wasThere = this.#status.state === 'connected'
      if (signal.aborted) return
      // Only to say something anew.
      if (again.aborted) continue
      if (wasThere) wait = FIRST_RETRY_MS
      if (error !== null && !needsItsOwner(error)) await this.#reach.drop(error)
      const base = error instanceof KeyInUse ? hold : needsItsOwner(error) ? LONGEST_RETRY_MS : wait
      const pause = base * (0.5 + Math.random())
      const { code, detail } = describe(error)
      this.#c.log[needsItsOwner(error) ? 'error' : 'warn']({
        event: 'disconnected',
        coordinator: this.coordinator,
        retryMs: Math.round(pause),
        ...(code === null ? {} : { code }),
        detail,
      })
      const now = Date.now()
      this.#say({ state: 'waiting', trouble: { code, message: detail, at: now }, retryAt: now + pause })
      hold = error instanceof KeyInUse ? Math.min(hold * 2, LONGEST_HOLD_MS) : FIRST_HOLD_MS
      wait = Math.min(wait * 2, LONGEST_RETRY_MS)
      await sleep(pause, undefined, { signal: AbortSignal.any([signal, this.#rested.signal]) }).catch(() => undefined)
    }
  }

  async #converse(signal: AbortSignal): Promise<void> {
    const { host, work, outbox, programs, log, listener, onBytes, mayTake, isUnwanted, toAskAbout, announced } = this.#c
    const components: SessionComponents = {
      ...{ host, work, outbox, programs, log, listener, onBytes, mayTake, isUnwanted },
      toAskAbout: (limit) => toAskAbout(this.coordinator, limit),
      current: () => this.#session,
      heard: {
        welcomed: (words) => {
          log.info({ event: 'connected', coordinator: this.coordinator })
          this.#say({ state: 'connected', trouble: null, ...words })
          this.#remembering = this.#reach.remember()
        },
        notice: (code, message) => {
          const notices = [{ at: Date.now(), code, message }, ...this.#status.notices].slice(0, NOTICES_KEPT)
          this.#status = { ...this.#status, notices }
        },
        reputation: (reputation) => {
          this.#status = { ...this.#status, reputation }
        },
      },
    }
    const said = await announced()
    this.#session = await Session.connect(components, this.#reach, this.#place.peer, { signal })
    try {
      await this.#session.run(said)
    } finally {
      this.#session = null
    }
  }

  #say(change: Partial<MembershipStatus>): void {
    const since = change.state === undefined || change.state === this.#status.state ? this.#status.since : Date.now()
    this.#status = { ...this.#status, ...change, since }
  }
}

/** Reads a coordinator's address, or several of the same one by commas. @throws UsageError `address` */
export function placeOf(text: string, share = 1): Place {
  return { ...waysTo(text), share }
}

/** Whether waiting alone will not help. */
function needsItsOwner(error: Error | null): boolean {
  const isTemporary = error instanceof TurnedAway && (error.code === 'unavailable' || error.code === 'busy')
  const isOtherVersion = error instanceof ProtocolError && error.code === 'version'
  return (error instanceof TurnedAway && !isTemporary) || error instanceof KeyInUse || isOtherVersion
}

function describe(error: Error | null): { code: string | null; detail: string } {
  if (error === null) return { code: null, detail: 'the coordinator ended the connection' }
  return { code: error instanceof KernelswarmError ? error.code : null, detail: error.message }
}
