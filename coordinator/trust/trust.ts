import type { ConfidencePolicy } from '../../protocol/index.ts'
import { agree, type Ballot, saysAlike } from '../rules/ballot.ts'
import { type ConfidentBallot, confide, type WeighedVote } from '../rules/confident.ts'
import { batchCredibility, checksNeeded, historyCredibility, NO_ACCIDENT, strangersNeeded } from '../rules/credibility.ts'
import type { Applicant, Voice } from '../rules/dispatch.ts'
import { allSame } from '../rules/sides.ts'
import type { Changes } from '../state/changes.ts'
import { type TaskEntry, type VoteEntry, voteOf, voteTrust } from '../state/model.ts'
import { Batches } from './batches.ts'
import { isFailing, Known, type KnownList } from './known.ts'
import type { BatchEntry, Counted, Incident, OperatorEntry, Purpose, Repeat, VoteTrust } from './model.ts'
import {
  ADMISSION_ANSWERS,
  MAX_ASKED,
  MAX_CLASSES_OF_OPERATOR,
  MAX_INCIDENTS,
  MAX_NODES_OF_OPERATOR,
  MAX_ROUNDS_OF_OPERATOR,
} from './model.ts'
import { Operators, type OperatorTotals } from './operators.ts'
import { Owed, type OwedEntry } from './owed.ts'

/** What the fold asks of the state it is a part of. */
export interface TrustHost {
  task(key: string): TaskEntry
  /** Whether some round that is not cancelled waits for the task's outcome, or did. */
  isWanted(entry: TaskEntry): boolean
  /** Whether its program is not to be run by anybody. */
  isBlocked(entry: TaskEntry): boolean
  /** The ballot of a task has changed. */
  decide(entry: TaskEntry, ballot: Ballot, at: number): void
  /** Whether a round has ended with all its results. */
  isAggregated(round: string): boolean
  /** What is kept of a task has changed, while its ballot has not. */
  changed(entry: TaskEntry): void
  /** Nobody is tried by this task any longer. */
  unpinned(key: string): void
  /** The next of the numbers that say what came first. */
  seq(): number
}

export interface TrustTotals extends OperatorTotals {
  batches: number
  reported: number
}

/** What is kept of the trust rules' state beside what its tasks say. */
export interface KeptTrust {
  totals: TrustTotals
  operators: readonly OperatorEntry[]
  /** Without their tasks. */
  batches: readonly BatchEntry[]
  known: readonly (readonly [string, KnownList])[]
  owed: readonly OwedEntry[]
  incidents: readonly Incident[]
}

/**
 * The part of the state that decides under confidence policies: who stands how, which answers decide for the time being,
 * what of them is checked, what is asked again. A fold over events like the rest: the only randomness is in `drawn` events.
 *
 * Whatever changes marks tasks, and `#run` counts these anew until nothing changes any more.
 */
export class Trust {
  readonly operators: Operators
  readonly batches: Batches
  readonly known: Known
  readonly owed: Owed
  /** The last `MAX_INCIDENTS`. */
  readonly incidents: Incident[] = []
  /** How many incidents there ever were. */
  reported = 0
  /** Tasks under confidence policies without a final decision. */
  readonly live = new Set<string>()
  readonly #host: TrustHost
  readonly #changes: Changes
  readonly #marked = new Set<string>()
  #wasBootstrap = true

  /** @param mostOperators how many operators are remembered */
  constructor(host: TrustHost, changes: Changes, mostOperators?: number) {
    this.#host = host
    this.#changes = changes
    this.known = new Known(changes)
    // Of all its classes: one in which nothing fails, as on the host's side, would let in who always says that all is well.
    this.operators = new Operators(changes, mostOperators, ({ classes }) => this.known.failing(classes))
    this.batches = new Batches(changes)
    this.owed = new Owed(changes)
  }

  /** What is not kept with one operator, batch or task. */
  get totals(): TrustTotals {
    return { ...this.operators.totals, batches: this.batches.made, reported: this.reported }
  }

  /**
   * Puts in what was kept of a state. What follows from the tasks is worked out from them.
   * @param tasks all of the state, in order
   */
  load(kept: KeptTrust, tasks: Iterable<TaskEntry>): void {
    this.operators.load(kept.operators, kept.totals)
    const batches = new Map(kept.batches.map((batch) => [batch.id, batch]))
    const enrolled: { key: string; batch: BatchEntry; place: number }[] = []
    const waiting: { key: string; vote: VoteEntry }[] = []
    for (const entry of tasks) {
      if (entry.trust === null) continue
      const isLive = !isFinal(entry.ballot)
      if (isLive) this.live.add(entry.key)
      for (const vote of entry.votes) {
        const batch = batches.get(vote.trust?.batch ?? '')
        if (batch !== undefined) enrolled.push({ key: entry.key, batch, place: vote.trust?.place ?? 0 })
        if (isLive && isHeard(vote)) waiting.push({ key: entry.key, vote })
      }
    }
    for (const { key, batch } of enrolled.sort((a, b) => a.place - b.place)) batch.tasks.add(key)
    for (const { key, vote } of waiting.sort((a, b) => a.vote.seq - b.vote.seq)) {
      this.operators.peek(vote.operator).live.add(key)
    }
    this.batches.load(kept.batches, kept.totals.batches)
    for (const batch of kept.batches) {
      if (this.#batchOf(batch.id) !== null) this.operators.peek(batch.operator).batches.add(batch.id)
    }
    for (const [name, list] of kept.known) this.known.load(name, list)
    this.owed.load(kept.owed)
    this.incidents.push(...kept.incidents)
    this.reported = kept.totals.reported
    this.#wasBootstrap = this.bootstrap
  }

  /** A task leaves the state without a decision: nobody waits for it. */
  forget(entry: TaskEntry, at: number): void {
    if (!this.live.delete(entry.key)) return
    this.owed.put(entry, new Map(), at)
    for (const vote of entry.votes) this.operators.peek(vote.operator).live.delete(entry.key)
  }

  /** A task comes back into the state. What was said on it by an operator that was suspended meanwhile does not count. */
  resume(entry: TaskEntry): void {
    if (entry.trust === null || isFinal(entry.ballot)) return
    this.live.add(entry.key)
    for (const vote of entry.votes) {
      if (!isHeard(vote)) continue
      vote.seq = this.#host.seq()
      const operator = this.operators.peek(vote.operator)
      if (operator.suspendedAt !== null && operator.suspendedAt >= vote.at) vote.trust.void = true
      else operator.live.add(entry.key)
    }
  }

  /** A round leaves the state. @param cancelled nobody rests on what was decided in it */
  close(round: string, cancelled: boolean): void {
    this.batches.forget(round)
    if (!cancelled) return
    for (const { operator, rounds } of this.operators.values())
      if (rounds.has(round)) this.operators.get(operator).rounds.delete(round)
  }

  /** Whether one answer cannot be checked by others yet: too few operators are established, or those who were the fastest. */
  get bootstrap(): boolean {
    return !this.operators.settled
  }

  /** The incidents there were after the first so many. */
  incidentsAfter(seen: number): Incident[] {
    return this.incidents.slice(Math.max(0, this.incidents.length - (this.reported - seen)))
  }

  /** How an operator stands, at any time it is looked at. */
  voiceOf(operator: string): Voice {
    const { operators } = this
    const trust = this
    return {
      get standing() {
        return operators.standingOf(operator)
      },
      get bootstrap() {
        return trust.bootstrap
      },
    }
  }

  /**
   * A task to try an operator by, or null: while there is work for those who are established, it has rested after its last
   * failure, and is not being tried by as many already.
   * @param failing only by one that fails
   */
  trialFor({ operator, classes, memoryBytes }: Applicant, now: number, failing = false): string | null {
    const entry = this.operators.peek(operator)
    if (entry.standing === 'established' || this.live.size === 0) return null
    if (now < entry.restUntil || entry.trials >= ADMISSION_ANSWERS) return null
    const mayAsk = (key: string) => {
      const known = this.#host.task(key)
      if (voteOf(known, operator) !== undefined || this.#host.isBlocked(known)) return false
      return known.task.limits.memoryBytes <= memoryBytes
    }
    return this.known.next(entry, new Set(classes.values()), mayAsk, failing ? ['failing'] : undefined)
  }

  /** Somebody was given work under a confidence policy, for whatever purpose. */
  given(operator: string, at: number): void {
    this.operators.given(this.operators.get(operator), at)
    this.#run(at)
  }

  /** What was given came to nothing. `own`: by who had it, and not since nobody waits for it. */
  unanswered({ operator, as, givenAt }: { operator: string; as?: Purpose; givenAt: number }, own: boolean, at: number): void {
    const entry = this.operators.get(operator)
    if (as === 'admission') entry.trials--
    if (own) this.operators.missed(entry, givenAt, at)
    this.#run(at)
  }

  /** A task comes up, with the votes of ballots on the same task under other policies. */
  begin(entry: TaskEntry, borrowed: readonly VoteEntry[]): void {
    for (const vote of borrowed) {
      const stood = vote.trust?.stood ?? null
      const newcomer = vote.trust?.newcomer ?? (!this.bootstrap && !this.#isEstablished(vote.operator))
      entry.votes = entry.votes.concat({ ...vote, trust: { ...voteTrust(newcomer), stood, spent: true, borrowed: true } })
    }
    entry.ballot = ballotOf(this.#tally(entry))
    if (isFinal(entry.ballot)) this.#settle(entry)
    else this.live.add(entry.key)
  }

  /** A vote came in. */
  voted(entry: TaskEntry, vote: VoteEntry, at: number): void {
    const operator = this.operators.get(vote.operator)
    vote.trust = voteTrust(!this.bootstrap && operator.standing !== 'established')
    if (operator.standing === 'suspended') vote.trust.void = true
    this.operators.answered(operator, at)
    remember(operator.nodes, vote.node, MAX_NODES_OF_OPERATOR)
    remember(operator.classes, vote.class, MAX_CLASSES_OF_OPERATOR)
    for (const round of entry.rounds) remember(operator.rounds, round, MAX_ROUNDS_OF_OPERATOR)
    if (isFinal(entry.ballot)) return
    if (!vote.trust.void) operator.live.add(entry.key)
    this.#marked.add(entry.key)
    this.#run(at)
  }

  /** A node said again what it had said, or did not want to. */
  repeated(entry: TaskEntry, node: string, said: VoteEntry | null, at: number): void {
    const vote = entry.votes.find((one) => one.node === node && one.trust?.void === false)
    if (vote?.trust === undefined) return
    if (said !== null) this.operators.answered(this.operators.get(vote.operator), at)
    if (said !== null && said.class === vote.class) vote.trust.again.push(repeatOf(said))
    else vote.trust.excused = true
    if (said !== null && entry.trust !== null) entry.trust.answers++
    this.touch([entry.key], at)
  }

  /** A newcomer answered a task of which the answer is known. */
  examined(entry: TaskEntry, said: VoteEntry, at: number): void {
    const operator = this.operators.get(said.operator)
    if (entry.trust !== null) entry.trust.answers++
    this.operators.answered(operator, at)
    remember(operator.nodes, said.node, MAX_NODES_OF_OPERATOR)
    remember(operator.classes, said.class, MAX_CLASSES_OF_OPERATOR)
    operator.trials--
    const cells = entry.ballot.cells.map((cell, test) => ({ cell, own: said.cells[test] }))
    if (cells.some(({ cell }) => cell !== null && cell.class !== said.class)) return
    const right = cells.every(
      ({ cell, own }) => cell === null || (own !== undefined && saysAlike(own, cell, entry.distances.apart)),
    )
    if (right) this.#pass(operator, entry, said, at)
    else this.operators.setBack(operator, at)
    this.#run(at)
  }

  /** So many operators could not run a task that it ends as it is. */
  abandon(entry: TaskEntry, at: number): void {
    if (entry.trust !== null) entry.trust.abandoned = true
    this.touch([entry.key], at)
  }

  /** Answers of a batch were drawn to be checked; all of them: they are replicated instead. */
  drawn({ batch: id, tasks, all }: { batch: string; tasks: readonly string[]; all: boolean }, at: number): void {
    const batch = this.batches.get(id)
    if (all) this.#disband(batch, 'replicated')
    else this.batches.draw(batch, tasks, at)
    for (const key of tasks) this.#marked.add(key)
    this.#run(at)
  }

  /** An assignment that is not for a vote went out. */
  asked(entry: TaskEntry, nonce: string, { node, operator, as }: { node: string; operator: string; as: Purpose }): void {
    entry.trust?.asked.set(nonce, { node, as })
    if (as === 'repeat') this.owed.take(node, entry.key)
    else {
      const known = this.operators.get(operator)
      remember(known.asked, entry.key, MAX_ASKED)
      known.trials++
    }
  }

  /** Counts tasks anew: something they depend on has changed. */
  touch(keys: Iterable<string>, at: number): void {
    for (const key of keys) if (this.live.has(key)) this.#marked.add(key)
    this.#run(at)
  }

  #run(at: number): void {
    this.#heedBootstrap()
    for (const key of this.#marked) {
      this.#marked.delete(key)
      if (this.live.has(key)) this.#recount(this.#host.task(key), at)
      this.#heedBootstrap()
    }
  }

  /** Where bootstrap has ended, or begun anew, everything counts otherwise. */
  #heedBootstrap(): void {
    if (this.bootstrap === this.#wasBootstrap) return
    this.#wasBootstrap = this.bootstrap
    for (const key of this.live) this.#marked.add(key)
  }

  #recount(entry: TaskEntry, at: number): void {
    this.#enrol(entry)
    const ballot = this.#tally(entry)
    this.owed.put(entry, this.#host.isWanted(entry) ? ballot.again : new Map(), at)
    if (isFinal(ballot)) this.#conclude(entry, ballot, at)
    this.#host.decide(entry, ballotOf(ballot), at)
    for (const vote of entry.votes) this.#checked(entry, vote, ballot, at)
  }

  #tally(entry: TaskEntry): ConfidentBallot {
    const votes = entry.votes.filter(({ trust }) => trust?.void === false)
    const enrolled = votes.some(({ trust }) => this.#batchOf(trust?.batch ?? null) !== null)
    const abandoned = entry.trust?.abandoned === true
    // What nobody can check any more must not decide for the time being either.
    const replicate = abandoned || entry.trust?.replicate === true || (this.bootstrap && !enrolled)
    const weighed = votes.map((vote) => this.#weigh(entry, vote))
    const ballot = confide(entry.policy as ConfidencePolicy, entry.tests, weighed, { replicate }, entry.distances.apart)
    return abandoned ? { ...ballot, ...ABANDONED } : ballot
  }

  #weigh(entry: TaskEntry, vote: VoteEntry): WeighedVote {
    const { f } = entry.policy as ConfidencePolicy
    const { newcomer, batch: id, again, excused } = vote.trust ?? voteTrust(false)
    const { checks, drawn } = this.#checksOf(entry, vote)
    return {
      ...vote,
      credibility: checks === null ? 1 - f : batchCredibility(f, checks),
      alone: this.#batchOf(id) === null ? null : historyCredibility(f, this.operators.get(vote.operator).passed),
      newcomer,
      again: again.map(({ cells }) => cells),
      excused,
      drawn,
    }
  }

  /** What a vote's batch makes of it now. */
  #checksOf(entry: TaskEntry, { trust }: VoteEntry): Pick<Counted, 'checks' | 'drawn'> {
    const active = this.#batchOf(trust?.batch ?? null)
    return {
      checks: trust?.stood ?? null,
      drawn: active?.drawn.has(entry.key) === true && !active.passed.has(entry.key),
    }
  }

  /** The ballot has ended: notes what each vote was worth, since that goes on changing. */
  #settle(entry: TaskEntry): void {
    entry.counted = entry.votes.length
    for (const vote of entry.votes) {
      const { trust } = vote
      if (trust?.void !== false) continue
      const { batch, again, excused } = trust
      trust.counted = { batch, ...this.#checksOf(entry, vote), again: again.length, excused }
    }
  }

  /** A batch whose answers decide for the time being. */
  #batchOf(id: string | null): BatchEntry | null {
    const batch = this.batches.find(id)
    return batch !== null && (batch.state === 'gathering' || batch.state === 'checking') ? batch : null
  }

  /** Lets an established operator's answer decide for the time being, where no other does and nobody contradicts. */
  #enrol(entry: TaskEntry): void {
    const votes = entry.votes.filter(({ trust }) => trust?.void === false)
    if (entry.trust?.replicate === true || this.bootstrap) return
    if (votes.some(({ trust }) => trust?.batch != null && !trust.borrowed)) return
    if (!allSame(votes, entry.distances.apart)) return
    const vote = votes.find(({ operator, trust }) => {
      return trust?.spent === false && this.#isEstablished(operator)
    })
    const round = entry.users[0]?.round
    if (vote?.trust === undefined || round === undefined) return
    vote.trust.batch = this.batches.add(entry, vote.operator, round)
    vote.trust.place = this.batches.get(vote.trust.batch).tasks.size
    this.operators.get(vote.operator).batches.add(vote.trust.batch)
  }

  #isEstablished(operator: string): boolean {
    return this.operators.standingOf(operator) === 'established'
  }

  /** The ballot has ended: whose answers were confirmed, and whose were wrong. */
  #conclude(entry: TaskEntry, ballot: ConfidentBallot, at: number): void {
    this.live.delete(entry.key)
    this.#settle(entry)
    this.owed.put(entry, new Map(), at)
    if (entry.trust !== null) entry.trust.bootstrap = this.bootstrap
    const votes = entry.votes.filter(({ trust }) => trust?.void === false)
    for (const vote of votes) this.operators.get(vote.operator).live.delete(entry.key)
    const unpinned = ballot.state === 'decided' ? this.known.add(entry.key, ballot) : null
    if (unpinned !== null) this.#host.unpinned(unpinned)
    for (const vote of votes.filter(({ trust }) => trust?.borrowed === false)) {
      const operator = this.operators.get(vote.operator)
      const wrong = ballot.wrong.get(vote.operator)
      if (wrong !== undefined) {
        if (isOutvoted(entry, vote, ballot, wrong.tests)) this.#strike(operator, entry, wrong.tests, at)
      } else if (votes.some((other) => other.operator !== vote.operator && isSame(ballot, other, vote))) {
        this.operators.judge(operator, false, (entry.policy as ConfidencePolicy).theta)
        this.#pass(operator, entry, vote, at, ballot)
      }
    }
  }

  #pass(operator: OperatorEntry, entry: TaskEntry, said: VoteEntry, at: number, ballot: Ballot = entry.ballot): void {
    const answer = { task: entry.id, verdict: said.verdict }
    const came = this.operators.pass(operator, { failing: isFailing(ballot), answer, at })
    if (came === 'returned')
      this.#report(operator, { at, kind: 'returned', reason: 'admission', task: null, tests: [], reopened: 0 })
  }

  #strike(operator: OperatorEntry, entry: TaskEntry, tests: number[], at: number): void {
    this.operators.judge(operator, true, (entry.policy as ConfidencePolicy).theta)
    if (this.operators.isNoAccident(operator)) this.#suspend(operator, 'strikes', entry, tests, at)
  }

  /**
   * A check has come to its end or not. It is passed when another operator says the same, of no use where the program is
   * unstable or nobody can tell, and failed when the answer was found wrong: then all the batch is opened again.
   */
  #checked(entry: TaskEntry, vote: VoteEntry, ballot: ConfidentBallot, at: number): void {
    const batch = this.#batchOf(vote.trust?.batch ?? null)
    if (batch === null || vote.trust?.void !== false || !this.batches.isPending(batch, entry.key)) return
    const wrong = ballot.wrong.get(vote.operator)
    const others = entry.votes.filter((one) => one.trust?.void === false && one.operator !== vote.operator)
    if (wrong !== undefined) {
      this.#fail(batch, entry, ballot, wrong, at)
    } else if (
      others.length > 0 &&
      others.every((one) => one.class !== vote.class || isSame(ballot, one, vote)) &&
      others.some((one) => isSame(ballot, one, vote))
    ) {
      this.batches.pass(batch, entry.key)
    } else if (isFinal(ballot)) {
      const confirmed = ballot.state === 'decided' && others.some((one) => isSame(ballot, one, vote))
      if (confirmed) this.batches.pass(batch, entry.key)
      else this.batches.void(batch, entry.key)
    }
    if (batch.state === 'checking' && batch.passed.size >= checksNeeded(batch.f, batch.theta)) this.#stand(batch)
  }

  #stand(batch: BatchEntry): void {
    batch.state = 'stood'
    const operator = this.operators.get(batch.operator)
    operator.batchesStood++
    operator.checksPassed += batch.passed.size
    for (const key of batch.tasks) {
      const entry = this.#host.task(key)
      for (const { trust } of entry.votes) if (trust?.batch === batch.id) trust.stood = batch.passed.size
      this.#host.changed(entry)
    }
    this.#leave(batch)
  }

  #fail(
    batch: BatchEntry,
    entry: TaskEntry,
    ballot: ConfidentBallot,
    wrong: { tests: number[]; steady: boolean },
    at: number,
  ): void {
    const operator = this.operators.get(batch.operator)
    const { f } = entry.policy as ConfidencePolicy
    const beyond = leadOf(ballot, entry, operator.operator) >= strangersNeeded({ theta: 1 - NO_ACCIDENT, f })
    if (wrong.steady && beyond) this.#suspend(operator, 'batch-check', entry, wrong.tests, at)
    else this.#demote(operator, entry, wrong.tests, at)
  }

  /** What it answered needs those of others, until it has shown again that it can do it. */
  #demote(operator: OperatorEntry, entry: TaskEntry, tests: number[], at: number): void {
    if (operator.standing !== 'established') return
    const reopened = this.#reopenAll(operator)
    this.operators.demote(operator, at)
    this.#report(operator, { at, kind: 'demoted', reason: 'batch-check', task: entry.id, tests, reopened })
  }

  /** Nothing of what it answered counts any more where a decision is still open. */
  #suspend(operator: OperatorEntry, reason: 'batch-check' | 'strikes', entry: TaskEntry, tests: number[], at: number): void {
    if (operator.standing === 'suspended') return
    const reopened = this.#reopenAll(operator)
    for (const key of operator.live) {
      for (const vote of this.#host.task(key).votes) if (vote.operator === operator.operator && vote.trust) vote.trust.void = true
      this.#marked.add(key)
    }
    operator.live.clear()
    this.operators.suspend(operator, at)
    this.#report(operator, { at, kind: 'suspended', reason, task: entry.id, tests, reopened })
  }

  #reopenAll(operator: OperatorEntry): number {
    let reopened = 0
    for (const id of [...operator.batches]) reopened += this.#disband(this.batches.get(id), 'reopened')
    return reopened
  }

  /** The answers of a batch need those of others from now on. */
  #disband(batch: BatchEntry, how: 'reopened' | 'replicated'): number {
    batch.state = how
    for (const key of batch.tasks) {
      const entry = this.#host.task(key)
      if (how === 'replicated' && entry.trust !== null) entry.trust.replicate = true
      for (const { trust } of entry.votes) {
        if (trust?.batch === batch.id) Object.assign(trust, { batch: null, place: null, spent: true })
      }
      this.#host.changed(entry)
    }
    this.#leave(batch)
    return batch.tasks.size
  }

  /** A batch is through: all its answers are counted anew. */
  #leave(batch: BatchEntry): void {
    this.batches.close(batch)
    this.operators.get(batch.operator).batches.delete(batch.id)
    for (const key of batch.tasks) this.#marked.add(key)
  }

  #report(operator: OperatorEntry, what: Omit<Incident, 'operator' | 'nodes' | 'rounds'>): void {
    const rounds = what.kind === 'returned' ? [] : [...operator.rounds].filter((round) => this.#host.isAggregated(round))
    const incident = { ...what, operator: operator.operator, nodes: [...operator.nodes], rounds }
    this.incidents.push(incident)
    if (this.incidents.length > MAX_INCIDENTS) this.incidents.shift()
    this.reported++
    this.#changes.incidents.push({ number: this.reported, incident })
  }
}

/** What the state keeps of a count: who is to be asked again, and who was wrong, is acted upon at once. */
function ballotOf({ cells, state, wanted, class: own }: ConfidentBallot): Ballot {
  return { cells, state, wanted, class: own }
}

/** Whether a vote is its operator's own word in this ballot, and counts. */
function isHeard(vote: VoteEntry): vote is VoteEntry & { trust: VoteTrust } {
  return vote.trust?.void === false && !vote.trust.borrowed
}

/** Adds to what is remembered in order, and forgets the oldest beyond so many. */
function remember(all: Set<string>, one: string, most: number): void {
  all.add(one)
  if (all.size <= most) return
  const [oldest = ''] = all
  all.delete(oldest)
}

/** How a ballot ends that nobody can add to. */
const ABANDONED = { state: 'undecided', wanted: 0, again: new Map() } as const

export function isFinal({ state }: Ballot): boolean {
  return state === 'decided' || state === 'undecided'
}

function repeatOf({ nonce, verdict, givenAt, deadlineAt, at, cells }: VoteEntry): Repeat {
  return { nonce, verdict, givenAt, deadlineAt, at, cells }
}

/** Whether two votes of a ballot, of one class, say the same to every test. */
function isSame({ sides }: ConfidentBallot, a: VoteEntry, b: VoteEntry): boolean {
  const [one, other] = [sides.get(a.operator), sides.get(b.operator)]
  return a.class === b.class && one !== undefined && one.every((name, test) => name === other?.[test])
}

/**
 * Whether a vote would also be found wrong if those who said the same and were suspended meanwhile were heard. Otherwise one
 * suspension would bring about the next: each takes a vote from the side of the others.
 */
function isOutvoted(entry: TaskEntry, vote: VoteEntry, ballot: ConfidentBallot, tests: readonly number[]): boolean {
  const { apart } = entry.distances
  const wanted = strangersNeeded(entry.policy as ConfidencePolicy)
  return tests.some((test) => {
    const [own, right] = [vote.cells[test], ballot.cells[test]]
    const said = entry.votes.flatMap(({ class: kind, cells, trust }) => {
      const cell = cells[test]
      return kind === vote.class && cell !== undefined ? [{ cell, isVoid: trust?.void === true }] : []
    })
    const alike = said.filter(({ cell }) => own !== undefined && saysAlike(cell, own, apart))
    const unheard = alike.filter(({ isVoid }) => isVoid).length
    const against = said.filter(
      ({ cell, isVoid }) => !isVoid && right !== undefined && right !== null && agree(cell, right),
    ).length
    return unheard === 0 || against - alike.length >= wanted
  })
}

/** By how many operators those against one answer outnumber those for it. */
function leadOf(ballot: ConfidentBallot, { votes }: TaskEntry, operator: string): number {
  const own = votes.find((vote) => vote.operator === operator)
  const counted = votes.filter(({ trust, class: kind }) => trust?.void === false && kind === own?.class)
  const wrong = counted.filter((vote) => ballot.wrong.has(vote.operator)).length
  return counted.length - 2 * wrong
}
