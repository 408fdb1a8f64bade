import { type Message, TopicValidatorResult } from '@libp2p/gossipsub'
import { multiaddr } from '@multiformats/multiaddr'
import type { Libp2p } from 'libp2p'
import { DOMAINS, open } from '../envelope.ts'
import { gossipOf } from '../host.ts'
import {
  ANNOUNCE_PAUSE_MS,
  ANNOUNCEMENT_AGE_MS,
  ANNOUNCEMENT_CLOCK_MS,
  MAX_ANNOUNCEMENT_BYTES,
  MAX_ANNOUNCERS,
} from '../limits.ts'
import { Announcement } from '../messages/announcement.ts'
import { Pace } from '../pace.ts'
import { wayOf } from './circuits.ts'
import { ANNOUNCEMENTS_TOPIC } from './gossip.ts'

/** Coordinators a second that were not heard of before: keys cost nothing, and each takes the place of another one. */
const NEWCOMERS_PER_SECOND = 1

/** Announcements a second that one peer passes on: each of those that are kept apart says something every five seconds at most. */
const PASSED_ON_PER_SECOND = Math.ceil((2 * MAX_ANNOUNCERS) / (ANNOUNCE_PAUSE_MS / 1_000))
/** Peers whose pace is kept: those heard of last. */
const MAX_PACES = 1_024

/** A coordinator's word, checked. */
export interface Bulletin {
  /** The peer id of the coordinator that signed it. */
  coordinator: string
  announcement: Announcement
}

/**
 * Hears what coordinators announce, and passes it on to others that listen. Only what is signed by the coordinator it came from, of our
 * form, not old, and newer than what was heard before, is told and passed on:
 *
 *     too large, not signed, not by its author, not our form, addresses of others,
 *     more of them than there can be                                               -> rejected (the peer that sent it loses standing)
 *     old, ahead of the clock, not newer, too soon after the one before            -> not passed on
 */
export class Bulletins {
  readonly #host: Libp2p
  readonly #tell: (bulletin: Bulletin) => void
  readonly #now: () => number
  readonly #newcomers: Pace
  /** Of each peer that sends. */
  readonly #paces = new Map<string, Pace>()
  /** By coordinator the time of its last one; who was heard last stands last. */
  readonly #heard = new Map<string, number>()

  /** @param init.now milliseconds since 1970. @default the system's clock */
  constructor(host: Libp2p, tell: (bulletin: Bulletin) => void, { now = Date.now }: { now?: () => number } = {}) {
    this.#host = host
    this.#tell = tell
    this.#now = now
    this.#newcomers = new Pace(NEWCOMERS_PER_SECOND)
  }

  /** Listens from now on, on a host that has gossip. */
  start(): void {
    const gossip = gossipOf(this.#host)
    gossip.topicValidators.set(ANNOUNCEMENTS_TOPIC, async (from, message) => await this.validate(from.toString(), message))
    gossip.subscribe(ANNOUNCEMENTS_TOPIC)
  }

  /**
   * Whether a message is passed on, or is held against who sent it. Told when it is passed on.
   * @param from the peer it came from, whoever its author is
   */
  async validate(from: string, message: Message): Promise<TopicValidatorResult> {
    if (!this.#paceOf(from).take()) return TopicValidatorResult.Reject
    if (message.type !== 'signed' || message.data.byteLength > MAX_ANNOUNCEMENT_BYTES) return TopicValidatorResult.Reject
    const opened = await open(message.data, DOMAINS.announcement, Announcement).catch(() => null)
    if (opened === null || opened.signer !== message.from.toString()) return TopicValidatorResult.Reject
    const { signer: coordinator, value: announcement } = opened
    if (!announcement.addresses.every((address) => isAddressOf(coordinator, address))) return TopicValidatorResult.Reject
    if (!this.#isNews(coordinator, announcement.at)) return TopicValidatorResult.Ignore
    this.#remember(coordinator, announcement.at)
    this.#tell({ coordinator, announcement })
    return TopicValidatorResult.Accept
  }

  #paceOf(peer: string): Pace {
    const pace = this.#paces.get(peer) ?? new Pace(PASSED_ON_PER_SECOND)
    this.#paces.delete(peer)
    this.#paces.set(peer, pace)
    const [oldest = ''] = this.#paces.keys()
    if (this.#paces.size > MAX_PACES) this.#paces.delete(oldest)
    return pace
  }

  #isNews(coordinator: string, at: number): boolean {
    const now = this.#now()
    if (at < now - ANNOUNCEMENT_AGE_MS || at > now + ANNOUNCEMENT_CLOCK_MS) return false
    const before = this.#heard.get(coordinator)
    if (before === undefined) return this.#newcomers.take()
    // Half of it: clocks jitter, and a restarted coordinator begins its pause anew.
    return at >= before + ANNOUNCE_PAUSE_MS / 2
  }

  #remember(coordinator: string, at: number): void {
    this.#heard.delete(coordinator)
    this.#heard.set(coordinator, at)
    const [oldest = ''] = this.#heard.keys()
    if (this.#heard.size > MAX_ANNOUNCERS) this.#heard.delete(oldest)
  }
}

function isAddressOf(coordinator: string, text: string): boolean {
  try {
    return wayOf(multiaddr(text)).peer === coordinator
  } catch {
    return false
  }
}
