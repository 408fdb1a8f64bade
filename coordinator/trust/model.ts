import type { CellVote } from '../rules/ballot.ts'

/**
 * Where an operator stands: `new`, and its answers need those of others; `established`, and its answers decide for the time
 * being, until its batch is checked; `suspended`, and its answers do not count. Both others become established by admission.
 */
export type OperatorStanding = 'new' | 'established' | 'suspended'

/** What is known of an operator, worked out from the log. */
export interface OperatorEntry {
  operator: string
  standing: OperatorStanding
  /** Answers that other operators confirmed. */
  passed: number
  /** Answers that were held against those of others, and those that were found wrong. A suspension begins both anew. */
  judged: number
  strikes: number
  /** Of the answers judged, how many may be found wrong by chance alone: a decision is right with no more than theta. */
  granted: number
  /** When it was given its first work since bootstrap began; and when it answered last. */
  givenAt: number | null
  answeredAt: number | null
  /** When it was given work or answered last. */
  lastAt: number
  /** Answers confirmed since admission began, and how many of them were to tasks that somehow fail. */
  admitted: number
  admittedFailing: number
  /** Known answers it was asked for: the last `MAX_ASKED`. */
  asked: Set<string>
  /** Known answers it was asked for that are not in. */
  trials: number
  /** The answers by which it came in, or is coming in: a task's name and the verdict's. At most `MAX_SHOWN`. */
  shown: { task: string; verdict: string }[]
  /** When it was established last, or null. */
  establishedAt: number | null
  /** Failed admissions and suspensions; each doubles the rest before the next try. */
  setbacks: number
  restUntil: number
  suspensions: number
  /** Of its answers, those that were drawn to be checked and were confirmed; and its batches that stand. */
  checksPassed: number
  batchesStood: number
  /** When it was suspended last, or null. */
  suspendedAt: number | null
  /** Tasks without a final decision on which it has a vote. */
  live: Set<string>
  /** Its batches that are not yet through. */
  batches: Set<string>
  /** Rounds it voted in: the last `MAX_ROUNDS_OF_OPERATOR`. */
  rounds: Set<string>
  /** The last `MAX_NODES_OF_OPERATOR` that came to answer for it. */
  nodes: Set<string>
  /** Classes it answered in: the last `MAX_CLASSES_OF_OPERATOR`. */
  classes: Set<string>
}

/**
 * The answers of one operator in one epoch (a round, or a bounded number of tasks) that decide for the time being:
 *
 *     gathering -> checking -> stood | reopened
 *     gathering -> replicated                       too few to be worth drawing from
 */
export interface BatchEntry {
  id: string
  operator: string
  round: string
  theta: number
  f: number
  state: 'gathering' | 'checking' | 'stood' | 'reopened' | 'replicated'
  tasks: Set<string>
  /** How many it ever held: its tasks are forgotten some time after it is through. */
  answers: number
  /** When answers were drawn from it first, or null. */
  drawnAt: number | null
  /** Of these, drawn to be checked; then confirmed, or found to be of no use as a check. */
  drawn: Set<string>
  passed: Set<string>
  voided: Set<string>
}

/** What the trust rules did to an operator, for everybody to read. */
export interface Incident {
  at: number
  kind: 'suspended' | 'demoted' | 'returned'
  operator: string
  nodes: string[]
  /** `batch-check`: a drawn answer of it was wrong; `strikes`: more were than chance explains; `admission`: it showed that it can do it. */
  reason: 'batch-check' | 'strikes' | 'admission'
  /** The task and the tests (from 0) that decided it; null for `returned`. */
  task: string | null
  tests: number[]
  /** Answers of it that had decided for the time being, and are open again. */
  reopened: number
  /** Rounds that had ended and rest on answers of it, among others. */
  rounds: string[]
}

/** A disputed answer, said again under another nonce. */
export interface Repeat {
  nonce: string
  verdict: string
  givenAt: number
  deadlineAt: number
  at: number
  cells: readonly CellVote[]
}

/** What a vote was worth when its ballot ended: with the rules, all it takes to count it again. */
export interface Counted {
  /** The batch that it belonged to, or null. */
  batch: string | null
  /** Checks that its batch had passed, where it stood; null where the vote counted 1 - f. */
  checks: number | null
  /** How many of its repeats were in. */
  again: number
  excused: boolean
  /** Its batch was being checked by this very task. */
  drawn: boolean
}

/** What the trust rules keep of a vote. */
export interface VoteTrust {
  newcomer: boolean
  /** The batch in which it decides for the time being, or that has stood. */
  batch: string | null
  /** Its place in that batch. */
  place: number | null
  /** Checks that its batch had passed when it stood; null where it has not. */
  stood: number | null
  /** Its batch is through and it did not stand: from then on it needs those of others. */
  spent: boolean
  /** Its operator was suspended before the ballot ended. */
  void: boolean
  again: Repeat[]
  excused: boolean
  /** It was cast in another ballot on the same task, under another policy. */
  borrowed: boolean
  /** Null while the ballot has not ended, and where it ended without this vote. */
  counted: Counted | null
}

/** What the trust rules keep of a task under a confidence policy. */
export interface TaskTrust {
  /** Nobody's answer decides alone. */
  replicate: boolean
  /** Decided before enough operators were established. */
  bootstrap: boolean
  /** Nonces that are out beside the ballot's own: to be said again, or known already. */
  asked: Map<string, { node: string; as: Purpose }>
  /** Answers that came beside votes. */
  answers: number
  /** So many operators could not run it that nobody is asked any more. */
  abandoned: boolean
}

/** What an assignment is for where it is not for a vote: a disputed answer said again, or one that is known, for admission. */
export type Purpose = 'repeat' | 'admission'

/**
 * Decided tasks of one class and kind that newcomers are tried by. A newcomer needs ten; the more there are, the less likely
 * two who know each other get the same ones, and each stays in memory as long as it is one of them.
 */
export const KNOWN_KEPT = 256
/** Of one operator: as many as there are in two classes of both kinds, so that it is asked none twice. */
export const MAX_ASKED = 1_024
/** Of one operator, as they are named where it turns out that it cannot be believed; who rests on older ones has used them long since. */
export const MAX_ROUNDS_OF_OPERATOR = 100
/** Of one operator: as many are named, and told, when it is suspended. */
export const MAX_NODES_OF_OPERATOR = 1_000
/** Classes in which an operator that comes in has to show that it tells what fails. */
export const MAX_CLASSES_OF_OPERATOR = 20
/** Incidents kept at hand; the log has all. */
export const MAX_INCIDENTS = 1_000
/** A batch is drawn from when it holds so many tasks, if its round has not come to that before. */
export const EPOCH_TASKS = 1_000
/** Fewest established operators with which answers may decide alone: a disagreement takes four against one to settle. */
export const BOOTSTRAP_OPERATORS = 5
/**
 * How long bootstrap waits for an operator to be established, from the first work it is given; and for how long newcomers
 * are waited for at all. Who runs nothing, or copies, answers first: were those who are established before the others
 * believed alone, and to check each other, then f of all operators would be f N/E of them. So bootstrap lasts until
 * everybody is established who came in the first hour, answers, and is not suspended; at most two hours, whoever brings
 * however many keys, once there are enough. Later arrivals do not begin it anew.
 */
export const BOOTSTRAP_WAIT_MS = 60 * 60_000
/** Confirmed answers that establish an operator; half of them to tasks that somehow fail, as far as any such are known. */
export const ADMISSION_ANSWERS = 10
export const ADMISSION_FAILING = ADMISSION_ANSWERS / 2
/** Answers that are remembered as those by which an operator came in: more than the rule asks for, where failing ones are rare. */
export const MAX_SHOWN = 4 * ADMISSION_ANSWERS
/** Rest after the first setback; each further one doubles it, up to a day. */
export const SETBACK_REST_MS = 60_000
export const LONGEST_SETBACK_REST_MS = 24 * 60 * 60_000
/** How long a disputed answer waits for being said again by a node that is not there. */
export const REPEAT_WAIT_MS = 15 * 60_000
/**
 * Rate of strikes that is granted to everybody, at least: hardware and programs are not perfect. Where theta promises less
 * than that, it is 1 - theta: so often is a decision itself wrong.
 */
export const GRANTED_STRIKE_RATE = 1e-3
