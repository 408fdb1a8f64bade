import { ASSIGNMENT_GRACE_MS, COMPILE_WALL_MS, MAX_CREDITS, NODE_ABSENCE_MS } from '../../protocol/index.ts'
import { type Applicant, deadlineMs, mayTake } from '../rules/dispatch.ts'
import type { Ended, Event } from '../state/events.ts'
import type { TaskEntry } from '../state/model.ts'
import type { State } from '../state/state.ts'
import type { Purpose } from '../trust/model.ts'
import { Backlog, type Looks } from './backlog.ts'
import { Idle } from './idle.ts'
import { Timetable } from './timetable.ts'

/** Rest of a node after a declined or rejected assignment; doubles each time in a row, up to the longest. */
const REST_MS = 2_000
const LONGEST_REST_MS = 5 * 60_000

export type AssignedEvent = Extract<Event, { t: 'assigned' }>
export type EndedEvent = Extract<Event, { t: 'ended' }>

export interface DispatcherComponents {
  /** Read only. Whoever holds the dispatcher applies the events it returns before asking it anything else. */
  state: State
  /** A name for an assignment that nobody can guess: 32 hexadecimal digits. */
  nonce: () => string
}

/** A node that is connected. */
interface Seat extends Applicant {
  /** Assignments it asked for and has not been given. */
  credits: number
  restUntil: number
  /** Assignments in a row that came back without a verdict; each makes the next rest longer. */
  fruitless: number
  looks: Looks<TaskEntry>
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
  readonly #seats = new Map<string, Seat>()
  readonly #backlog = new Backlog<TaskEntry>()
  /** Nodes to look for a task for, each given one in its turn. */
  readonly #asking = new Set<Seat>()
  /** Nodes for which nothing was found. */
  readonly #idle = new Idle<Seat>()
  /** Nodes to ask again at the next tick: resting, full, or not at the end of their look. */
  readonly #later = new Set<Seat>()
  /** Tasks that came up, or want somebody again, and may wake an idle node. */
  readonly #offers = new Set<string>()
  readonly #deadlines = new Timetable<string>()
  /** Nodes that hold assignments and are not connected, since when. */
  readonly #absent = new Map<string, number>()

  constructor({ state, nonce }: DispatcherComponents, now: number) {
    this.#state = state
    this.#nonce = nonce
    for (const { nonce: held, node, deadlineAt } of state.assignments.values()) {
      this.#deadlines.add(deadlineAt, held)
      this.#absent.set(node, now)
    }
  }

  /**
   * A node is there, in place of an earlier connection of its own.
   * @param holding the assignments it still works on
   * @returns what it has forgotten
   */
  joined(applicant: Applicant, holding: readonly string[], now: number): EndedEvent[] {
    const { node, operator, abilities, classes } = applicant
    this.#leaveSeat(node)
    const voice = this.#state.trust.voiceOf(operator)
    this.#seats.set(node, { node, operator, abilities, classes, voice, credits: 0, restUntil: 0, fruitless: 0, looks: new Map() })
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

  /** An assignment was of use, or was not: a node in trouble is asked again, but ever more rarely. */
  learn(node: string, fruitful: boolean, now: number): void {
    const seat = this.#seats.get(node)
    if (seat === undefined) return
    seat.fruitless = fruitful ? 0 : seat.fruitless + 1
    seat.restUntil = fruitful ? 0 : now + Math.min(REST_MS * 2 ** (seat.fruitless - 1), LONGEST_REST_MS)
    this.#asking.add(seat)
  }

  /** The next assignment to make, or null when there is none for now. */
  next(now: number): AssignedEvent | null {
    this.#refile()
    for (const seat of this.#asking) {
      this.#asking.delete(seat)
      if (!this.#isReady(seat, now)) continue
      const entry = this.#repeatFor(seat) ?? this.#find(seat)
      if (entry !== null) return this.#give(seat, entry, now)
      const trial = this.#trialFor(seat, now)
      if (trial !== null) return trial
    }
    for (const key of this.#offers) {
      const entry = this.#backlog.get(key)
      const seat = entry === undefined ? null : this.#taker(entry, now)
      // The task it is woken for comes after those that wait longer, and stays on offer until it is given.
      if (entry !== undefined && seat !== null) return this.#give(seat, this.#find(seat) ?? { entry }, now)
      this.#offers.delete(key)
    }
    return null
  }

  /** What is overdue, or held by a node that has been away too long. Nodes that rest or are not done looking are asked again. */
  tick(now: number): EndedEvent[] {
    for (const seat of this.#later) this.#asking.add(seat)
    this.#later.clear()
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

  /** The assignments of a task, when nobody waits for its outcome any more. */
  unneeded(entry: TaskEntry, now: number): EndedEvent[] {
    if (this.#state.isLive(entry)) return []
    return [...entry.open.keys()].map((nonce) => ended(nonce, 'withdrawn', 'not needed', now))
  }

  /** All that nodes hold, when their answers do not count any more. */
  takeBack(nodes: readonly string[], now: number): EndedEvent[] {
    return nodes.flatMap((node) => this.#heldBy(node)).map((nonce) => ended(nonce, 'withdrawn', 'suspended', now))
  }

  /** A disputed answer of this node that it has to say again. */
  #repeatFor({ node }: Seat): { entry: TaskEntry; as: Purpose } | null {
    const key = this.#state.trust.owed.next(node)
    return key === null ? null : { entry: this.#state.tasks.get(key) as TaskEntry, as: 'repeat' }
  }

  /** A task to try a newcomer by that has found nothing else. There may be one later. */
  #trialFor(seat: Seat, now: number): AssignedEvent | null {
    if (seat.voice?.standing === 'established' || this.#state.trust.live.size === 0) return null
    const key = this.#state.trust.trialFor(seat.operator, seat.classes, now)
    if (key !== null) return this.#give(seat, { entry: this.#state.tasks.get(key) as TaskEntry, as: 'admission' }, now)
    this.#later.add(seat)
    return null
  }

  #heldBy(node: string): string[] {
    return [...(this.#state.holding.get(node) ?? [])]
  }

  #leaveSeat(node: string): void {
    const seat = this.#seats.get(node)
    if (seat === undefined) return
    this.#seats.delete(node)
    this.#asking.delete(seat)
    this.#later.delete(seat)
    this.#idle.delete(seat)
  }

  /** Puts the tasks that something happened to where they belong now. */
  #refile(): void {
    const { touched, wanting, tasks, trust } = this.#state
    for (const node of trust.owed.touched) {
      trust.owed.touched.delete(node)
      const seat = this.#seats.get(node)
      if (seat !== undefined) this.#asking.add(seat)
    }
    for (const key of touched) {
      touched.delete(key)
      const entry = tasks.get(key)
      if (entry !== undefined && wanting.has(key)) {
        this.#backlog.put(entry)
        this.#offers.add(key)
      } else {
        this.#backlog.delete(key)
      }
    }
  }

  /** Whether a node may be given work now; one that may later is asked again. */
  #isReady(seat: Seat, now: number): boolean {
    this.#idle.delete(seat)
    if (seat.credits === 0) return false
    if (now >= seat.restUntil && (this.#state.holding.get(seat.node)?.size ?? 0) < MAX_CREDITS) return true
    this.#later.add(seat)
    return false
  }

  #find(seat: Seat): { entry: TaskEntry } | null {
    const { entry, cut } = this.#backlog.find(seat, seat.looks)
    if (entry === null) this.#idle.add(seat)
    if (cut) this.#later.add(seat)
    return entry === null ? null : { entry }
  }

  /** Somebody idle that may take a task: no further away than there are operators with a say on it. */
  #taker(entry: TaskEntry, now: number): Seat | null {
    for (const seat of this.#idle.able(entry.task)) if (mayTake(entry, seat) && this.#isReady(seat, now)) return seat
    return null
  }

  #give(seat: Seat, { entry, as }: { entry: TaskEntry; as?: Purpose }, now: number): AssignedEvent {
    seat.credits--
    this.#idle.delete(seat)
    this.#asking.add(seat)
    const deadlineAt = now + deadlineMs(entry, COMPILE_WALL_MS, ASSIGNMENT_GRACE_MS)
    const nonce = this.#nonce()
    this.#deadlines.add(deadlineAt, nonce)
    const purpose = as === undefined ? {} : { as }
    const { node, operator } = seat
    return { t: 'assigned', at: now, nonce, task: entry.key, node, operator, deadlineAt, ...purpose }
  }
}

function ended(nonce: string, how: Ended, reason: string, at: number): EndedEvent {
  return { t: 'ended', at, nonce, how, reason }
}
