import { abilityFor, type ExecutorName, type Pass, type Policy } from '../../protocol/index.ts'
import type { OperatorStanding } from '../trust/model.ts'

/** What choosing needs to know of a task. */
export interface Candidate {
  task: { executor: ExecutorName; pass: Pass }
  votes: readonly { node: string; operator: string }[]
  open: ReadonlyMap<string, { node: string; operator: string }>
  policy?: Pick<Policy, 'kind'>
  ballot?: { class?: string | null }
}

/** Who asks for work. */
export interface Applicant {
  node: string
  operator: string
  /** As `abilityFor` names them: what it can run, in which passes. */
  abilities: ReadonlySet<string>
  /** By ability, the class its verdicts are of. */
  classes: ReadonlyMap<string, string>
  /** How its operator stands at the moment. */
  voice?: Voice | undefined
}

/** How an operator stands, and whether so few others do that newcomers are heard, too. */
export interface Voice {
  readonly standing: OperatorStanding
  readonly bootstrap: boolean
}

/** Whether a node may be given a task: it can run it, and its operator has no vote on it yet. */
export function mayTake(candidate: Candidate, applicant: Applicant): boolean {
  const { node, operator, abilities } = applicant
  if (!abilities.has(abilityFor(candidate.task)) || !isHeard(candidate, applicant)) return false
  const same = (other: { node: string; operator: string }) => other.node === node || other.operator === operator
  return !candidate.votes.some(same) && ![...candidate.open.values()].some(same)
}

/**
 * Whether an operator's word is of use: one that is suspended has none; under a confidence policy newcomers are tried by
 * what is known, and a ballot that has begun goes on in its class.
 */
export function isHeard({ task, policy, ballot }: Candidate, { classes, voice }: Pick<Applicant, 'classes' | 'voice'>): boolean {
  if (voice?.standing === 'suspended') return false
  if (policy?.kind !== 'confidence') return true
  const own = ballot?.class ?? null
  if (own !== null && classes.get(abilityFor(task)) !== own) return false
  return voice === undefined || voice.bootstrap || voice.standing === 'established'
}

/** A strict pass runs a test up to three times, or in a program that takes several times as long. */
const STRICT_RUNS = 3

/** How long a node may take: every test to its limit, the compile to its, and some grace. */
export function deadlineMs(
  { tests, task }: { tests: number; task: { pass: Pass; limits: { wallMs: number } } },
  compileMs: number,
  graceMs: number,
): number {
  const runs = task.pass === 'plain' ? 1 : STRICT_RUNS
  return tests * runs * task.limits.wallMs + compileMs + graceMs
}
