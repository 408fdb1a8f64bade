import type { PrivateKey } from '@libp2p/interface'
import type { Libp2p } from 'libp2p'
import {
  ANNOUNCE_EVERY_MS,
  ANNOUNCE_PAUSE_MS,
  ANNOUNCEMENTS_TOPIC,
  type AnnouncedRound,
  type Announcement,
  DOMAINS,
  gossipOf,
  MAX_ADDRESSES,
  MAX_ANNOUNCED_ROUNDS,
  seal,
} from '../protocol/index.ts'
import type { Clock } from './clock.ts'
import type { Ledger } from './ledger.ts'
import type { Journal } from './operations/journal.ts'
import { exposure } from './sight.ts'
import type { RoundEntry } from './state/model.ts'
import type { State } from './state/state.ts'

export interface AnnouncerComponents {
  host: Libp2p
  key: PrivateKey
  ledger: Ledger
  clock: Clock
  log: Journal
}

/** Says by gossip where this coordinator is and how its public rounds stand: some seconds after something changed, and now and then. */
export class Announcer {
  readonly #c: AnnouncerComponents
  #timer: NodeJS.Timeout | null = null
  /** What is waited for is news, and not the time for saying something anyway. */
  #isSoon = false
  #saidAt = Number.NEGATIVE_INFINITY
  /** The `at` of the last one: the next one has a later one, whatever the clock does. */
  #last = 0
  #saying: Promise<void> = Promise.resolve()
  #stopped = false
  readonly #onNews = () => this.#within(ANNOUNCE_PAUSE_MS)

  constructor(components: AnnouncerComponents) {
    this.#c = components
  }

  start(): void {
    const { host, ledger } = this.#c
    ledger.changes.on('change', this.#onNews)
    host.addEventListener('self:peer:update', this.#onNews)
    // Whoever begins to listen wants to know how things stand.
    gossipOf(host).addEventListener('subscription-change', this.#onNews)
    this.#onNews()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    const { host, ledger } = this.#c
    ledger.changes.off('change', this.#onNews)
    host.removeEventListener('self:peer:update', this.#onNews)
    gossipOf(host).removeEventListener('subscription-change', this.#onNews)
    if (this.#timer !== null) clearTimeout(this.#timer)
    await this.#saying
  }

  /** Says something so long after the last time, unless that is about to happen anyway. */
  #within(pauseMs: number): void {
    if (this.#stopped || (this.#timer !== null && pauseMs === ANNOUNCE_PAUSE_MS && this.#isSoon)) return
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#isSoon = pauseMs === ANNOUNCE_PAUSE_MS
    const wait = Math.max(0, this.#saidAt + pauseMs - performance.now())
    this.#timer = setTimeout(() => {
      this.#timer = null
      this.#saidAt = performance.now()
      this.#saying = this.#say().catch((error: Error) => {
        this.#c.log.debug({ event: 'not-announced', detail: error.message })
      })
      this.#within(ANNOUNCE_EVERY_MS)
    }, wait)
  }

  async #say(): Promise<void> {
    const { host, key, ledger, clock } = this.#c
    this.#last = Math.max(this.#last + 1, clock.now())
    const announcement: Announcement = {
      v: 1,
      at: this.#last,
      addresses: host.getMultiaddrs().map(String).slice(0, MAX_ADDRESSES),
      rounds: announcedRounds(ledger.state),
    }
    await gossipOf(host).publish(ANNOUNCEMENTS_TOPIC, await seal(announcement, DOMAINS.announcement, key))
  }
}

/** What anybody may know of the rounds that are told of: public ones, those that go on first, then those that ended last. */
export function announcedRounds({ rounds }: Pick<State, 'rounds'>): AnnouncedRound[] {
  return [...rounds.values()]
    .filter((round) => exposure(round) === 'all')
    .sort((a, b) => (b.endedAt ?? Number.POSITIVE_INFINITY) - (a.endedAt ?? Number.POSITIVE_INFINITY) || b.openedAt - a.openedAt)
    .slice(0, MAX_ANNOUNCED_ROUNDS)
    .map(announced)
}

function announced({ id, spec, state, paused, openedAt, endedAt, size, judged, judgements, counts }: RoundEntry): AnnouncedRound {
  const { waiting, balloting, provisional, decided, undecided, verdicts } = counts
  return {
    round: id,
    name: spec.name,
    state,
    paused: paused !== null,
    openedAt,
    endedAt,
    cases: size,
    judged,
    judgements: { ...judgements },
    tasks: { total: waiting + balloting + provisional + decided + undecided, decided, undecided },
    verdicts,
  }
}
