import {
  Allowance,
  ARRIVALS_PER_ADDRESS_PER_SECOND,
  IDLE_VISIT_ARRIVALS,
  MAX_CONNECTIONS,
  MAX_CONNECTIONS_PER_ADDRESS,
  MAX_CONNECTIONS_PER_PEER,
  MAX_HANDSHAKES,
  MAX_HANDSHAKES_PER_ADDRESS,
  MAX_REMEMBERED_PEERS,
  MAX_STRANGERS,
  OFFENCES_OF_ADDRESS,
  OFFENCES_OF_PEER,
  PLACES_BEHIND_RELAY,
} from '../../protocol/index.ts'
import { type Ban, Bans, type KeptBan } from './bans.ts'
import { RELAY } from './place.ts'
import { Recent } from './recent.ts'

/** Why a connection is not taken. */
export type Turned =
  /** Its key, or strangers from its place, are banned for now. */
  | 'banned'
  /** There are as many connections, or as many of strangers, as there may be. */
  | 'full'
  | 'place-full'
  | 'peer-full'
  /** As many handshakes are under way, from there or everywhere, as may be. */
  | 'handshakes'
  /** More arrive a second than are admitted. */
  | 'pace'

/** A connection, from its first byte to its end. */
export interface Visit {
  /** Null: this machine. */
  readonly place: string | null
  /** Once its handshake is done. */
  peer: string | null
  /** It said something of use: a node was welcomed, or a researcher answered. */
  isOfUse: boolean
}

interface Place {
  connections: number
  handshakes: number
  arrivals: Allowance
  /** Known peers whose last visit was from there. */
  known: number
}

/** What a door knows that outlives the process. */
export interface DoorMemory {
  /** Keys that did something, each with its place or null for this machine; those heard of last stand last. */
  known: [peer: string, place: string | null][]
  bans: { peers: KeptBan[]; places: KeptBan[] }
}

/**
 * Who may come in, and who may not for now. *Known* is a key that did something for this coordinator: a verdict of its was
 * accepted, or it may open rounds. All others are *strangers*, who share what there is for strangers, so that a flood of
 * them keeps out strangers only.
 *
 * Keys cost nothing, so what is done with them counts against the place they come from, too; and a place may be a household
 * or a lab, so what is done there counts against its strangers alone, never against a key that is known.
 *
 * No socket, no clock: it is told who comes, goes, offends and works.
 */
export class Door {
  readonly #now: () => number
  readonly #places = new Map<string, Place>()
  readonly #peers = new Map<string, number>()
  /** By key: its place, where that is not this machine. */
  readonly #known: Recent<string | null>
  readonly #peerBans = new Bans(OFFENCES_OF_PEER)
  readonly #placeBans = new Bans(OFFENCES_OF_ADDRESS)
  readonly #arrivals: Record<'strangers' | 'known' | 'here', Allowance>
  #connections = 0
  #strangers = 0
  #handshakes = 0

  /** @param init.now milliseconds since 1970, which never go back; @default the machine's */
  constructor(init: { arrivalsPerSecond: number; now?: () => number }) {
    this.#now = init.now ?? (() => performance.timeOrigin + performance.now())
    const arrivals = () => allowance(init.arrivalsPerSecond, this.#now)
    this.#arrivals = { strangers: arrivals(), known: arrivals(), here: arrivals() }
    this.#known = new Recent(MAX_REMEMBERED_PEERS, (_, place) => this.#knownFrom(place, -1))
  }

  /** Why nobody from there would be taken now, or null. Costs nothing of what comes in. */
  turnsAway(place: string | null): Turned | null {
    const times = placesBehind(place)
    const at = place === null ? undefined : this.#places.get(place)
    const hasKnown = at !== undefined && at.known > 0
    if (place !== null && !hasKnown && this.#placeBans.isBanned(place, this.#now())) return 'banned'
    if (this.#connections >= MAX_CONNECTIONS) return 'full'
    if (!hasKnown && place !== null && this.#strangers >= MAX_STRANGERS) return 'full'
    if (at !== undefined && at.connections >= times * MAX_CONNECTIONS_PER_ADDRESS) return 'place-full'
    if (this.#handshakes >= MAX_HANDSHAKES) return 'handshakes'
    if (at !== undefined && at.handshakes >= times * MAX_HANDSHAKES_PER_ADDRESS) return 'handshakes'
    if (at !== undefined && !at.arrivals.has(1)) return 'pace'
    return this.#arrivalsFor(place, hasKnown).has(1) ? null : 'pace'
  }

  /** Somebody connects: a visit, or why not. Nothing is known of him but the place. */
  arrives(place: string | null): Visit | Turned {
    const turned = this.turnsAway(place)
    if (turned !== null) return turned
    this.#connections++
    this.#handshakes++
    const at = this.#placeOf(place)
    this.#arrivalsFor(place, at !== null && at.known > 0).take(1)
    if (at !== null) {
      at.arrivals.take(1)
      at.connections++
      at.handshakes++
      this.#strangers++
    }
    this.#tidy(place)
    return { place, peer: null, isOfUse: false }
  }

  /** Its key is known now: null when it may come in. */
  enters(visit: Visit, peer: string): Turned | null {
    const now = this.#now()
    if (this.#peerBans.isBanned(peer, now)) return 'banned'
    if (visit.place !== null && !this.isKnown(peer) && this.#placeBans.isBanned(visit.place, now)) return 'banned'
    const connections = this.#peers.get(peer) ?? 0
    if (connections >= MAX_CONNECTIONS_PER_PEER) return 'peer-full'
    this.#peers.set(peer, connections + 1)
    this.#handshakeOver(visit)
    visit.peer = peer
    if (this.isKnown(peer)) this.#ofUse(visit)
    return null
  }

  /** Its connection has ended. */
  leaves(visit: Visit): void {
    const { place, peer } = visit
    if (peer === null) this.#handshakeOver(visit)
    else this.#fewer(peer)
    this.#connections--
    const at = place === null ? null : this.#places.get(place)
    if (at !== undefined && at !== null) {
      at.connections--
      if (!visit.isOfUse) {
        this.#strangers--
        // It has cost what others had to wait for.
        at.arrivals.charge(IDLE_VISIT_ARRIVALS - 1)
        if (at.known === 0) this.#arrivals.strangers.charge(IDLE_VISIT_ARRIVALS - 1)
      }
    }
    this.#tidy(place)
  }

  /** It said something of use: it does not count as a storm any more. */
  welcomed(visit: Visit): void {
    this.#ofUse(visit)
  }

  /** It did something for this coordinator. */
  worked(peer: string, place: string | null): void {
    const before = this.#known.get(peer)
    if (before === place && this.#known.has(peer)) return
    this.#known.delete(peer)
    this.#known.set(peer, place)
    this.#knownFrom(place, 1)
  }

  isKnown(peer: string): boolean {
    return this.#known.has(peer)
  }

  isBanned(peer: string): boolean {
    return this.#peerBans.isBanned(peer, this.#now())
  }

  /** It broke the protocol; the bans that this brought about. */
  offended(peer: string, place: string | null, code: string): Ban[] {
    const now = this.#now()
    const ofPlace = place !== null && !this.isKnown(peer) ? this.#placeBans.offended(place, code, now) : null
    const ofPeer = this.#peerBans.offended(peer, code, now)
    if (ofPeer !== null) this.#known.delete(peer)
    return [ofPeer, ofPlace].filter((ban) => ban !== null)
  }

  /** What is to be known after a restart. */
  memory(): DoorMemory {
    const now = this.#now()
    return { known: [...this.#known.entries()], bans: { peers: this.#peerBans.kept(now), places: this.#placeBans.kept(now) } }
  }

  /** Puts in what an earlier door knew. */
  remember({ known, bans }: DoorMemory): void {
    const now = this.#now()
    for (const [peer, place] of known) this.worked(peer, place)
    this.#peerBans.load(bans.peers, now)
    this.#placeBans.load(bans.places, now)
  }

  bans(): { peers: Ban[]; places: Ban[] } {
    return { peers: this.#peerBans.list(this.#now()), places: this.#placeBans.list(this.#now()) }
  }

  /** Connections now; `strangers` of them have said nothing of use. */
  counts(): { all: number; strangers: number; handshakes: number } {
    return { all: this.#connections, strangers: this.#strangers, handshakes: this.#handshakes }
  }

  /** Ends the ban of a key or place; whether there was one. */
  lift(who: string): boolean {
    const now = this.#now()
    return [this.#peerBans.lift(who, now), this.#placeBans.lift(who, now)].some(Boolean)
  }

  #ofUse(visit: Visit): void {
    if (visit.isOfUse) return
    visit.isOfUse = true
    if (visit.place !== null) this.#strangers--
  }

  #handshakeOver(visit: Visit): void {
    this.#handshakes--
    const at = visit.place === null ? undefined : this.#places.get(visit.place)
    if (at !== undefined) at.handshakes--
  }

  #fewer(peer: string): void {
    const left = (this.#peers.get(peer) ?? 1) - 1
    if (left === 0) this.#peers.delete(peer)
    else this.#peers.set(peer, left)
  }

  #placeOf(place: string | null): Place | null {
    if (place === null) return null
    const known = this.#places.get(place)
    if (known !== undefined) return known
    const arrivals = allowance(placesBehind(place) * ARRIVALS_PER_ADDRESS_PER_SECOND, this.#now)
    const made = { connections: 0, handshakes: 0, known: 0, arrivals }
    this.#places.set(place, made)
    return made
  }

  #knownFrom(place: string | null, more: number): void {
    const at = this.#placeOf(place)
    if (at !== null) at.known += more
    this.#tidy(place)
  }

  #arrivalsFor(place: string | null, hasKnown: boolean): Allowance {
    return this.#arrivals[place === null ? 'here' : hasKnown ? 'known' : 'strangers']
  }

  /** Places from which nobody is here and nobody is known are forgotten, the oldest first, when there are many. */
  #tidy(place: string | null): void {
    if (place === null || this.#places.size <= MAX_REMEMBERED_PEERS) return
    for (const [name, { connections, known }] of this.#places) {
      if (connections === 0 && known <= 0) this.#places.delete(name)
      if (this.#places.size <= MAX_REMEMBERED_PEERS) return
    }
  }
}

/** A relay is where many come from. */
function placesBehind(place: string | null): number {
  return place?.startsWith(RELAY) === true ? PLACES_BEHIND_RELAY : 1
}

function allowance(perSecond: number, now: () => number): Allowance {
  return new Allowance({ perSecond, burst: perSecond, now })
}
