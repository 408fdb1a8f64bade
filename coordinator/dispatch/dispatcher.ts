import { abilityFor, MAX_CREDITS, NODE_ABSENCE_MS } from '../../protocol/index.ts'
import {
  type Applicant,
  apartUntil,
  deadlineMs,
  type Expected,
  isHeardIn,
  isTail,
  lateAfterMs,
  mayTake,
  slowAfterMs,
  type Voice,
  waitsUntil,
} from '../rules/dispatch.ts'
import type { Ended, Event } from '../state/events.ts'
import type { OpenAssignment, RoundEntry, TaskEntry } from '../state/model.ts'
import type { State } from '../state/state.ts'
import type { Purpose } from '../trust/model.ts'
import { Backlog, type Looks } from './backlog.ts'
import { Crowd, gotten } from './crowd.ts'
import { Durations } from './durations.ts'
import { Invitations, inRandomOrder, type RandomSource } from './invitations.ts'
import { Shares } from './shares.ts'
import { establishedTrait, openTrait, type Terms, termsOf, traitOf } from './terms.ts'
import { Timetable } from './timetable.ts'

/** Rest of a node after a declined or rejected assignment; doubles each time in a row, up to the longest. */
const REST_MS = 2_000
const LONGEST_REST_MS = 5 * 60_000
/** How long a task is kept for those who should rather have it, before it is for anybody. */
export const RESERVED_MS = 2 * 60_000
/** How long a task is kept for operators drawn by lot that have other work to do first. */
export const LONGEST_KEPT_MS = 10 * 60_000
/** Of one task, assignments beside which it is given once more since they are slow. */
const MAX_SPARES = 2
/** How often it is seen whether by now it is known how long something takes. */
const RECHECK_MS = 10_000
/** What a task is charged of which nobody knows yet how long it takes. */
const UNKNOWN_COST_MS = 1_000
/** Operators drawn by lot that are looked at until it is enough to have found one. */
const MOST_LOOKED_AT = 256
/** Idle nodes that look again in one tick when others have gone. */
const ASKED_AGAIN = 256
/** Rounds remembered of which one node's owner wants no work; those beyond are offered again. */
const MAX_UNWANTED = 256

export type AssignedEvent = Extract<Event, { t: 'assigned' }>
export type EndedEvent = Extract<Event, { t: 'ended' }>

export interface DispatcherComponents {
  /** Read only. Whoever holds the dispatcher applies the events it returns before asking it anything else. */
  state: State
  /** A name for an assignment that nobody can guess: 32 hexadecimal digits. */
  nonce: () => string
  /** For drawing by lot who confirms an answer. */
  random: RandomSource
  /** How many assignments a node may hold at a time. @default MAX_CREDITS, whoever it is */
  mayHold?: (node: string) => number
}

/** A node that is connected. */
interface Seat extends Applicant {
  /** Assignments it asked for and has not been given. */
  credits: number
  restUntil: number
  /** When it was given something last. */
  givenAt: number
  /** Assignments in a row that came back without a verdict; each makes the next rest longer. */
  fruitless: number
  voice: Voice
  /** What it is able to do, and in which classes. */
  plain: readonly string[]
  /** What it is found under, as its operator stands. */
  traits: readonly string[]
  looks: Looks<TaskEntry>
  /** Rounds of which its owner wants no work, while it is connected. */
  unwanted: Set<string>
}

/** What a node is to be given, and what for; charged to a round where it is for a vote. */
interface Gift {
  entry: TaskEntry
  round?: RoundEntry | undefined
  as?: Purpose
}

/**
 * Decides who is given what, and when what was given is taken back. It knows nothing of streams, disks or clocks: it
 * reads the state, is told of nodes that come, ask and go, and returns events to be recorded. The same calls with the
 * same times and nonces give the same events.
 *
 * A choice looks at what the node is able to do and no further, and a task that comes up wakes one node that may take
 * it: neither costs more with more nodes or tasks.
 */
export class Dispatcher {
  readonly #state: State
  readonly #nonce: () => string
  readonly #random: RandomSource
  readonly #mayHold: (node: string) => number
  readonly #seats = new Map<string, Seat>()
  readonly #byOperator = new Map<string, Set<Seat>>()
  readonly #backlog = new Backlog<TaskEntry>()
  /** Tasks that are kept for operators drawn by lot; they are not in the backlog. */
  readonly #invitations = new Invitations<TaskEntry>()
  readonly #shares = new Shares()
  readonly #durations = new Durations()
  /** Nodes to look for a task for, each given one in its turn. */
  readonly #asking = new Set<Seat>()
  /** Nodes for which nothing was found. */
  readonly #idle = new Crowd<Seat>()
  /** Nodes that take work: for whom a task may be kept. */
  readonly #present = new Crowd<Seat>()
  /** Somebody is not present any more, or refuses a round, for whom tasks may have been kept. */
  #thinned = false
  /** Nodes to ask again at the next tick: resting, full, or not at the end of their look. */
  readonly #later = new Set<Seat>()
  /** Tasks that came up, or want somebody again, and may wake an idle node. */
  readonly #offers = new Set<string>()
  /** Since when tasks that are filed are as they are. */
  readonly #since = new Map<string, number>()
  /** Assignments that do not count as under way any more, by task. */
  readonly #slow = new Map<string, Set<string>>()
  /** Tasks of which something is out, by round. */
  readonly #underway = new Map<string, Set<string>>()
  readonly #deadlines = new Timetable<string>()
  /** When assignments become slow. */
  readonly #slowness = new Timetable<string>()
  /** When tasks are to be looked at again: their wait, or what they are kept for, ends. */
  readonly #wakes = new Timetable<string>()
  /** Nodes that hold assignments and are not connected, since when. */
  readonly #absent = new Map<string, number>()

  constructor({ state, nonce, random, mayHold = () => MAX_CREDITS }: DispatcherComponents, now: number) {
    this.#random = random
    this.#mayHold = mayHold
    this.#state = state
    this.#nonce = nonce
    for (const { nonce: held, node, deadlineAt } of state.assignments.values()) {
      this.#deadlines.add(deadlineAt, held)
      this.#slowness.add(now, held)
      this.#absent.set(node, now)
    }
  }

  /**
   * A node is there, in place of an earlier connection of its own.
   * @param holding the assignments it still works on
   * @returns what it has forgotten
   */
  joined(applicant: Applicant, holding: readonly string[], now: number): EndedEvent[] {
    const { node, operator, network, abilities, classes, memoryBytes } = applicant
    this.#leaveSeat(node)
    const plain = [...abilities, ...[...classes].map(([ability, own]) => traitOf(ability, own))]
    const voice = this.#state.trust.voiceOf(operator)
    const blank = { credits: 0, restUntil: 0, givenAt: now, fruitless: 0, looks: new WeakMap(), unwanted: new Set<string>() }
    const whose = { node, operator, network, voice }
    const seat = { ...whose, abilities, classes, memoryBytes, plain, traits: traitsOf(plain, voice), ...blank }
    this.#seats.set(node, seat)
    gotten(this.#byOperator, operator, () => new Set<Seat>()).add(seat)
    this.#absent.delete(node)
    const held = new Set(holding)
    return this.#heldBy(node)
      .filter((nonce) => !held.has(nonce))
      .map((nonce) => ended(nonce, 'expired', 'node-forgot', now))
  }

  /** A node is gone; what it holds is given to others if it stays away. */
  left(node: string, now: number): void {
    this.#leaveSeat(node)
    if (this.#state.holding.has(node)) this.#absent.set(node, now)
  }

  /** A node can start this many more. */
  wants(node: string, credits: number): void {
    const seat = this.#seats.get(node)
    if (seat === undefined) return
    seat.credits = Math.min(MAX_CREDITS, seat.credits + credits)
    this.#asking.add(seat)
  }

  /** What a node has asked for and was not given. */
  creditsOf(node: string): number {
    return this.#seats.get(node)?.credits ?? 0
  }

  /** An assignment was of use, or was not: a node in trouble is asked again, but ever more rarely. */
  learn(node: string, fruitful: boolean, now: number): void {
    const seat = this.#seats.get(node)
    if (seat === undefined) return
    seat.fruitless = fruitful ? 0 : seat.fruitless + 1
    seat.restUntil = fruitful ? 0 : now + Math.min(REST_MS * 2 ** (seat.fruitless - 1), LONGEST_REST_MS)
    if (!fruitful) this.#thin(seat)
    this.#asking.add(seat)
  }

  /** A node's owner wants no work of the rounds of a task: while it is connected it is given none of them. */
  unwanted(node: string, task: string): void {
    const seat = this.#seats.get(node)
    if (seat === undefined) return
    for (const round of this.#state.tasks.get(task)?.rounds ?? []) {
      seat.unwanted.add(round)
      const [oldest = ''] = seat.unwanted
      if (seat.unwanted.size > MAX_UNWANTED) seat.unwanted.delete(oldest)
    }
    this.#asking.add(seat)
    this.#thinned = true
    this.#redraw(seat)
  }

  /** The next assignment to make, or null when there is none for now. */
  next(now: number): AssignedEvent | null {
    this.#refile(now)
    for (const seat of this.#asking) {
      this.#asking.delete(seat)
      if (!this.#isReady(seat, now)) continue
      const found = this.#repeatFor(seat) ?? this.#proofFor(seat, now) ?? this.#find(seat, now) ?? this.#trialFor(seat, now)
      if (found !== null) return this.#give(seat, found, now)
    }
    for (const key of this.#offers) {
      const entry = this.#backlog.get(key)
      const seat = entry === undefined ? null : this.#taker(entry, now)
      // The task it is woken for comes after what has more right to be given, and stays on offer until it is.
      if (entry !== undefined && seat !== null) {
        const [round] = this.#roundsOf(entry)
        return this.#give(seat, this.#find(seat, now) ?? { entry, round }, now)
      }
      this.#offers.delete(key)
    }
    return null
  }

  /** What is overdue, or held by a node that has been away too long. Who rests, and what waits, is looked at again. */
  tick(now: number): EndedEvent[] {
    for (const seat of this.#later) this.#asking.add(seat)
    this.#later.clear()
    for (const key of this.#wakes.due(now)) {
      if (this.#backlog.get(key) !== undefined) this.#offers.add(key)
      else this.#lookAgain(key, now)
    }
    for (const nonce of this.#slowness.due(now)) this.#checkSlow(nonce, now)
    this.#sweep()
    this.#hurry(now)
    this.#askAgain()
    return this.#overdue(now)
  }

  /** Most of what is waited for has come long before its time. */
  #sweep(): void {
    const isOpen = (nonce: string) => this.#state.assignments.has(nonce)
    this.#deadlines.sweep(isOpen)
    this.#slowness.sweep(isOpen)
    this.#wakes.sweep((key) => this.#missing(this.#state.tasks.get(key)) > 0)
  }

  /**
   * A task has waited or been kept for some time. Others are drawn instead of operators that take no work. One that works
   * through what is kept for it is waited for longer: whoever runs nothing always comes at once, and with each new draw
   * there is a chance that it is drawn.
   */
  #lookAgain(key: string, now: number): void {
    const invited = this.#invitations.invited(key)
    const keptMs = now - (this.#since.get(key) ?? 0)
    if (invited.length > 0 && keptMs < RESERVED_MS) return
    const isPatient = keptMs < LONGEST_KEPT_MS
    const working = invited.filter((operator) => isPatient && this.#isWorking(operator, now))
    if (invited.length > 0 && working.length === invited.length) {
      this.#wakeAt(key, now + RESERVED_MS, now)
    } else {
      this.#invitations.keep(key, working)
      this.#state.touched.add(key)
    }
  }

  #isWorking(operator: string, now: number): boolean {
    for (const { givenAt } of this.#byOperator.get(operator) ?? []) if (givenAt > now - RESERVED_MS) return true
    return false
  }

  /**
   * The assignments of a task, when nobody waits for its outcome any more, its rounds are paused without leave to finish, or
   * its program is blocked; then also what was asked of nodes beside votes. Known answers are asked of newcomers for whatever
   * round had them, so these go on unless they are blocked.
   */
  unneeded(entry: TaskEntry, now: number): EndedEvent[] {
    const mayEnd = this.#state.mayEnd(entry)
    const blocked = this.#state.blocked.has(entry.task.program)
    const voting = mayEnd && this.#state.isLive(entry) ? [] : [...entry.open.keys()]
    const beside = [...(entry.trust?.asked ?? [])].filter(([, { as }]) => blocked || (as === 'repeat' && !mayEnd))
    return [...voting, ...beside.map(([nonce]) => nonce)].map((nonce) => ended(nonce, 'withdrawn', 'not needed', now))
  }

  /** All that nodes hold, when their answers do not count any more. */
  takeBack(nodes: readonly string[], now: number): EndedEvent[] {
    return nodes.flatMap((node) => this.#heldBy(node)).map((nonce) => ended(nonce, 'withdrawn', 'suspended', now))
  }

  /** A disputed answer of this node that it has to say again. */
  #repeatFor({ node }: Seat): Gift | null {
    const { tasks, trust } = this.#state
    const mayGive = (key: string) => this.#isServed(tasks.get(key))
    const entry = tasks.get(trust.owed.next(node, mayGive) ?? '')
    return entry === undefined ? null : { entry, as: 'repeat' }
  }

  #isServed(entry: TaskEntry | undefined): boolean {
    return entry !== undefined && this.#state.isServed(entry)
  }

  /** A task that is known to fail, for a newcomer that lacks nothing but such answers: all wait for it. */
  #proofFor(seat: Seat, now: number): Gift | null {
    const { trust, tasks } = this.#state
    if (!trust.operators.isHeldUp(seat.operator)) return null
    const entry = tasks.get(trust.trialFor(seat, now, true) ?? '')
    return entry === undefined ? null : { entry, as: 'admission' }
  }

  /** A task of which the answer is known, for a newcomer that has found nothing else. There may be one later. */
  #trialFor(seat: Seat, now: number): Gift | null {
    const { trust, tasks } = this.#state
    if (seat.voice.standing === 'established') return null
    const entry = tasks.get(trust.trialFor(seat, now) ?? '')
    if (entry !== undefined) return { entry, as: 'admission' }
    this.#later.add(seat)
    return null
  }

  #overdue(now: number): EndedEvent[] {
    const late = [...this.#deadlines.due(now)].filter((nonce) => this.#state.assignments.has(nonce))
    const away = [...this.#absent].filter(([, since]) => now - since > NODE_ABSENCE_MS).map(([node]) => node)
    // Whoever has been away that long holds nothing any more: strangers who come and go leave nothing behind.
    for (const node of away) this.#absent.delete(node)
    const left = new Set(away.flatMap((node) => this.#heldBy(node)))
    return [
      ...[...left].map((nonce) => ended(nonce, 'expired', 'node-away', now)),
      ...late.filter((nonce) => !left.has(nonce)).map((nonce) => ended(nonce, 'expired', 'deadline', now)),
    ]
  }

  #heldBy(node: string): string[] {
    return [...(this.#state.holding.get(node) ?? [])]
  }

  #leaveSeat(node: string): void {
    const seat = this.#seats.get(node)
    if (seat === undefined) return
    this.#seats.delete(node)
    const others = this.#byOperator.get(seat.operator)
    others?.delete(seat)
    if (others?.size === 0) this.#byOperator.delete(seat.operator)
    this.#asking.delete(seat)
    this.#later.delete(seat)
    this.#idle.delete(seat)
    this.#thin(seat)
  }

  #thin(seat: Seat): void {
    this.#present.delete(seat)
    this.#thinned = true
    this.#redraw(seat)
  }

  /** What is kept for somebody who may not come for it is kept for others, if there are any. */
  #redraw({ operator }: Seat): void {
    for (const { key } of this.#invitations.of(operator)) this.#state.touched.add(key)
  }

  /** What was kept for somebody who is gone may be for those who found nothing: some of them look again. */
  #askAgain(): void {
    if (!this.#thinned) return
    this.#thinned = false
    let asked = 0
    for (const seat of this.#idle) {
      if (++asked > ASKED_AGAIN) {
        this.#thinned = true
        break
      }
      this.#asking.add(seat)
    }
  }

  /** Puts the tasks that something happened to where they belong now. */
  #refile(now: number): void {
    const { touched, tasks, trust } = this.#state
    for (const node of trust.owed.touched) {
      trust.owed.touched.delete(node)
      const seat = this.#seats.get(node)
      if (seat !== undefined) this.#asking.add(seat)
    }
    for (const operator of trust.operators.touched) {
      trust.operators.touched.delete(operator)
      for (const seat of this.#byOperator.get(operator) ?? []) this.#restand(seat)
    }
    for (const key of touched) {
      touched.delete(key)
      const entry = tasks.get(key)
      if (entry !== undefined) this.#file(entry, now)
      else this.#forget(key)
    }
  }

  /** A task has left the state. */
  #forget(key: string): void {
    this.#backlog.delete(key)
    this.#invitations.delete(key)
    this.#since.delete(key)
    this.#slow.delete(key)
    this.#durations.forget(key)
  }

  /** An operator stands otherwise than before: its nodes are found under something else, and may have something else. */
  #restand(seat: Seat): void {
    seat.traits = traitsOf(seat.plain, seat.voice)
    if (this.#present.has(seat)) this.#present.add(seat, seat.traits)
    this.#idle.delete(seat)
    this.#asking.add(seat)
    this.#thinned = true
    this.#redraw(seat)
  }

  #file(entry: TaskEntry, now: number): void {
    const { key } = entry
    this.#durations.learn(entry)
    const rounds = this.#roundsOf(entry).map(({ id }) => id)
    for (const round of entry.rounds) {
      this.#setUnderway(round, key, rounds.includes(round) && entry.open.size > 0)
    }
    if (!this.#state.isLive(entry)) this.#slow.delete(key)
    const until = waitsUntil(entry.declines)
    if (this.#missing(entry) > 0 && until <= now) {
      this.#since.set(key, now)
      if (this.#invite(entry, now)) {
        this.#backlog.delete(key)
      } else {
        this.#backlog.put(entry, rounds)
        this.#offers.add(key)
      }
      for (const at of [now + RESERVED_MS, ...[...entry.declines.values()].map(apartUntil)]) this.#wakeAt(key, at, now)
    } else {
      this.#backlog.delete(key)
      this.#invitations.delete(key)
      this.#since.delete(key)
      if (this.#missing(entry) > 0) this.#wakeAt(key, until, now)
    }
  }

  /**
   * Under a confidence policy: keeps a task on which somebody has a say for operators drawn by lot, of those that are here
   * and may have it. False where there is none: then it is for whoever comes.
   */
  #invite(entry: TaskEntry, now: number): boolean {
    const before = this.#invitations.invited(entry.key)
    this.#invitations.delete(entry.key)
    if (entry.policy.kind !== 'confidence' || entry.votes.length + entry.open.size === 0) return false
    const terms = this.#terms(entry, now)
    const able = (operator: string) => this.#ableOf(operator, entry, now, terms)
    const missing = this.#missing(entry)
    const invited = before.filter(able).slice(0, missing)
    let looked = 0
    for (const operator of inRandomOrder(this.#present.operators(terms.trait), this.#random)) {
      if (invited.length >= missing || (++looked > MOST_LOOKED_AT && invited.length > 0)) break
      if (!invited.includes(operator) && able(operator)) invited.push(operator)
    }
    if (invited.length === 0) return false
    this.#invitations.set(entry, invited)
    for (const operator of invited) {
      for (const seat of this.#byOperator.get(operator) ?? []) if (this.#idle.has(seat)) this.#asking.add(seat)
    }
    return true
  }

  /** Whether an operator has a node here that may be given a task. */
  #ableOf(operator: string, entry: TaskEntry, now: number, terms: Terms): boolean {
    for (const seat of this.#byOperator.get(operator) ?? []) {
      if (this.#present.has(seat) && this.#mayHave(entry, seat, now, terms)) return true
    }
    return false
  }

  #wakeAt(key: string, at: number, now: number): void {
    if (at > now) this.#wakes.add(at, key)
  }

  #setUnderway(round: string, key: string, underway: boolean): void {
    const keys = gotten(this.#underway, round, () => new Set<string>())
    if (underway) keys.add(key)
    else keys.delete(key)
    if (keys.size === 0) this.#underway.delete(round)
  }

  /** The rounds for which a task is to be given out. */
  #roundsOf(entry: TaskEntry): [RoundEntry, ...RoundEntry[]] | [] {
    if (!this.#state.isLive(entry)) return []
    const all = entry.rounds.map((round) => this.#state.rounds.get(round))
    return all.filter((round) => round !== undefined && round.state !== 'cancelled' && round.paused === null) as [RoundEntry]
  }

  /** How many more replicas of a task are to be given; what is slow counts as not given. */
  #missing(entry: TaskEntry | undefined): number {
    if (entry === undefined || !this.#state.isLive(entry) || !this.#state.isServed(entry)) return 0
    // An answer that waits to be compared has its say already, and may decide it.
    if (entry.arrivals.length > 0) return 0
    return entry.ballot.wanted - entry.open.size + this.#slowOf(entry)
  }

  /** How many of what is out of a task is slow. */
  #slowOf({ key, open }: TaskEntry): number {
    let count = 0
    for (const nonce of this.#slow.get(key) ?? []) if (open.has(nonce)) count++
    return count
  }

  /** Whether a node may be given work now; one that may later is asked again. */
  #isReady(seat: Seat, now: number): boolean {
    const isFull = (this.#state.holding.get(seat.node)?.size ?? 0) >= this.#mayHold(seat.node)
    if (seat.credits > 0 && now >= seat.restUntil && !isFull) {
      if (!this.#present.has(seat)) this.#present.add(seat, seat.traits)
      return true
    }
    this.#idle.delete(seat)
    if (seat.credits > 0) this.#later.add(seat)
    return false
  }

  #find(seat: Seat, now: number): Gift | null {
    if (seat.voice.standing === 'suspended') return null
    const invitation = this.#invitationFor(seat, now)
    if (invitation !== null) return invitation
    const rounds = [...this.#backlog.roundsFor(seat.abilities)].map((id) => this.#state.rounds.get(id) as RoundEntry)
    const mayHave = (entry: TaskEntry) => this.#mayHave(entry, seat, now)
    let cut = false
    for (const round of this.#shares.inOrder(rounds)) {
      if (seat.unwanted.has(round.id) || round.spec.limits.memoryBytes > seat.memoryBytes || !isHeardIn(round.spec, seat.voice))
        continue
      const found = this.#backlog.find(round.id, seat, mayHave, seat.looks)
      if (found.entry !== null) return { entry: found.entry, round }
      cut ||= found.cut
    }
    this.#idle.add(seat, seat.traits)
    if (cut) this.#later.add(seat)
    return null
  }

  #invitationFor(seat: Seat, now: number): Gift | null {
    for (const entry of this.#invitations.of(seat.operator)) {
      const terms = { trait: openTrait(this.#state, entry), barred: new Set<string>() }
      if (this.#mayHave(entry, seat, now, terms)) return { entry, round: this.#roundsOf(entry)[0] }
    }
    return null
  }

  #mayHave(entry: TaskEntry, seat: Seat, now: number, known?: Terms): boolean {
    if (!mayTake(entry, seat) || refuses(seat, entry)) return false
    const terms = known ?? this.#terms(entry, now)
    if (!seat.traits.includes(terms.trait)) return false
    // In place of one that does not answer none is asked that may be another such.
    if (this.#slowOf(entry) > 0 && !this.#hasAnswered(seat.node)) return false
    if (terms.barred.has(seat.operator) || terms.barred.has(seat.network ?? seat.operator)) return false
    const declined = entry.declines.get(seat.operator)
    return declined === undefined || apartUntil(declined) <= now
  }

  /** Somebody idle for a task: no further away than there are operators that may not have it. */
  #taker(entry: TaskEntry, now: number): Seat | null {
    const terms = this.#terms(entry, now)
    for (const seat of this.#idle.oneOfEach(terms.trait)) {
      if (this.#mayHave(entry, seat, now, terms) && this.#isReady(seat, now)) return seat
    }
    return null
  }

  /** For whom a task is kept, as long as it is. */
  #terms(entry: TaskEntry, now: number): Terms {
    const kept = now < (this.#since.get(entry.key) ?? 0) + RESERVED_MS
    if (!kept) return { trait: openTrait(this.#state, entry), barred: new Set() }
    const holders = [...entry.open.values()].flatMap(({ node }) => {
      return this.#seats.get(node)?.classes.get(abilityFor(entry.task)) ?? []
    })
    const classes = [...entry.votes.map((vote) => vote.class), ...holders]
    const willDo = (seat: Seat) => seat.memoryBytes >= entry.task.limits.memoryBytes && !refuses(seat, entry)
    return termsOf(this.#state, entry, { missing: this.#missing(entry), classes, present: this.#present, willDo })
  }

  #give(seat: Seat, { entry, round, as }: Gift, now: number): AssignedEvent {
    seat.credits--
    seat.givenAt = now
    this.#idle.delete(seat)
    this.#asking.add(seat)
    const expected = this.#durations.expected(entry.task)
    if (round !== undefined) this.#shares.charge(round, expected?.ms ?? UNKNOWN_COST_MS)
    const deadlineAt = now + deadlineMs(entry, expected, entry.overdue)
    const nonce = this.#nonce()
    this.#deadlines.add(deadlineAt, nonce)
    this.#slowness.add(now + (this.#slowAfterMs(seat.node, expected) ?? RECHECK_MS), nonce)
    const { node, operator, network = operator } = seat
    const whose = { node, operator, ...(network === operator ? {} : { network }) }
    const purpose = as === undefined ? {} : { as }
    return { t: 'assigned', at: now, nonce, task: entry.key, ...whose, deadlineAt, ...purpose }
  }

  /** An assignment that takes much longer than others did does not keep its task from being given to somebody else. */
  #checkSlow(nonce: string, now: number): void {
    const held = this.#state.assignments.get(nonce)
    const entry = held === undefined ? undefined : this.#state.tasks.get(held.task)
    if (held === undefined || entry === undefined) return
    const after = this.#slowAfterMs(held.node, this.#durations.expected(entry.task))
    if (after === null) this.#slowness.add(now + RECHECK_MS, nonce)
    else if (now < held.givenAt + after) this.#slowness.add(held.givenAt + after, nonce)
    else this.#passBy(held, now)
  }

  #slowAfterMs(node: string, expected: Expected | null): number | null {
    return slowAfterMs(expected, { hasAnswered: this.#hasAnswered(node) })
  }

  #hasAnswered(node: string): boolean {
    return (this.#state.nodes.get(node)?.verdicts ?? 0) > 0
  }

  #passBy({ task, nonce, node }: OpenAssignment, now: number): void {
    const slow = gotten(this.#slow, task, () => new Set<string>())
    if (slow.size >= MAX_SPARES || slow.has(nonce)) return
    slow.add(nonce)
    this.#state.touched.add(task)
    // Who takes work and never answers takes it ever more rarely.
    if (!this.#hasAnswered(node)) this.learn(node, false, now)
  }

  /** At the end of a round its last tasks are given to nodes that have nothing else to do, sooner than to others. */
  #hurry(now: number): void {
    for (const [id, keys] of this.#underway) {
      const round = this.#state.rounds.get(id)
      if (round?.state !== 'verifying') continue
      const left = { tasks: round.tasks.size, underway: keys.size, waiting: this.#backlog.waiting(id) }
      if (!isTail(left, this.#idle.size)) continue
      for (const key of keys) {
        const entry = this.#state.tasks.get(key) as TaskEntry
        const after = lateAfterMs(this.#durations.expected(entry.task))
        if (after === null) continue
        for (const held of entry.open.values()) if (now >= held.givenAt + after) this.#passBy(held, now)
      }
    }
  }
}

/** What nodes are found under: under nothing while their operator is suspended. */
function traitsOf(plain: readonly string[], { standing }: Voice): readonly string[] {
  if (standing === 'suspended') return []
  return standing === 'established' ? [...plain, ...plain.map(establishedTrait)] : plain
}

/** Whether a node's owner wants no work of a round that a task is for. */
function refuses({ unwanted }: Seat, { rounds }: TaskEntry): boolean {
  return rounds.some((round) => unwanted.has(round))
}

function ended(nonce: string, how: Ended, reason: string, at: number): EndedEvent {
  return { t: 'ended', at, nonce, how, reason }
}
