import type { ConfidencePolicy } from '../../protocol/index.ts'
import { checksFor } from './confident.ts'
import type { Far } from './digits.ts'
import { AuditFailure, type AuditPlace } from './failure.ts'
import type { Saying } from './majority.ts'
import type { Basis, BatchRecord, IncidentRecord, Manifest, OperatorRecord, TaskRecord, Vote } from './records.ts'
import type { Tally } from './tally.ts'

/** A vote of a task and what it said. */
export interface Spoken {
  vote: Vote
  said: readonly Saying[]
}

/** The batches of an archive: what votes say of them is held against them, and their checks against votes. */
export class BatchBook {
  readonly #all = new Map<string, BatchRecord>()
  /** By task, the batches it was drawn from, and that it confirmed them. */
  readonly #confirming = new Map<string, string[]>()
  readonly #seen = new Map<string, { checks: number; answers: number }>()
  readonly #suspended = new Set<string>()

  /** Votes of batches that are of other rounds and not in the archive. */
  elsewhere = 0

  constructor(batches: readonly BatchRecord[], operators: Iterable<OperatorRecord>, incidents: readonly IncidentRecord[]) {
    for (const batch of batches) {
      if (this.#all.has(batch.name)) throw new AuditFailure('record', {}, `batch ${batch.name} is listed twice`)
      this.#all.set(batch.name, batch)
      this.#seen.set(batch.name, { checks: 0, answers: 0 })
      for (const { task, result } of batch.drawn) {
        if (result === 'passed') this.#confirming.set(task, [...(this.#confirming.get(task) ?? []), batch.name])
      }
    }
    for (const { kind, operator } of incidents) if (kind === 'suspended') this.#suspended.add(operator)
    // The log of incidents is as long as it may be; the count of an operator's suspensions is not cut.
    for (const { name, suspensions } of operators) if (suspensions > 0) this.#suspended.add(name)
  }

  /** Whether a suspension of the operator is on record. */
  wasSuspended(operator: string): boolean {
    return this.#suspended.has(operator)
  }

  /** A vote that says it was worth more than a stranger's, since its batch stood; one of an earlier round may not be in the archive. */
  checkBasis({ operator }: Vote, { batch: name, checks }: Basis, place: AuditPlace): void {
    const batch = name === null ? undefined : this.#all.get(name)
    const seen = name === null ? undefined : this.#seen.get(name)
    if (seen !== undefined) seen.answers++
    if (checks === null) return
    if (name === null) throw new AuditFailure('batch', place, 'it counted as of a batch that stood, and is of none')
    if (batch === undefined) {
      this.elsewhere++
      return
    }
    if (batch.state !== 'stood')
      throw new AuditFailure('batch', place, `it counted as of a batch that stood; batch ${name} was ${batch.state}`)
    if (batch.operator !== operator) throw new AuditFailure('batch', place, `batch ${name} is of another operator`)
    if (batch.passed !== checks) {
      throw new AuditFailure('batch', place, `it counted with ${checks} checks; batch ${name} has passed ${batch.passed}`)
    }
  }

  /** Checks by a task's votes the batches that it is said to have confirmed: somebody else said the same as their operator. */
  checkTask({ name: task }: TaskRecord, spoken: readonly Spoken[], far: Far, place: AuditPlace): void {
    for (const name of this.#confirming.get(task) ?? []) {
      const { operator } = this.#all.get(name) as BatchRecord
      const own = spoken.find(({ vote }) => vote.operator === operator)
      const same = ({ vote, said }: Spoken) =>
        vote.operator !== operator &&
        vote.class === own?.vote.class &&
        said.every((one, test) => mayBeSame(one, own.said[test], far))
      if (own === undefined || !spoken.some(same)) {
        throw new AuditFailure(
          'batch',
          place,
          `it is said to have confirmed batch ${name}; nobody else said what its operator did`,
        )
      }
      const seen = this.#seen.get(name)
      if (seen !== undefined) seen.checks++
    }
  }

  /** At the end: every batch has the checks it is said to have. */
  close({ round, spec }: Manifest, tally: Tally): void {
    const { f, theta } = spec.policy as ConfidencePolicy
    for (const batch of this.#all.values()) {
      const { checks, answers } = this.#seen.get(batch.name) as { checks: number; answers: number }
      const listed = batch.drawn.filter(({ result }) => result === 'passed').length
      const what = (text: string) => new AuditFailure('batch', {}, `batch ${batch.name} ${text}`)
      if (checks !== listed) throw what('was drawn from tasks that are not in the archive')
      if (answers > batch.answers) throw what(`has ${batch.answers} answers, and ${answers} votes say they are of it`)
      if (batch.round !== null && batch.round !== round) throw what('is of another round')
      if (batch.passed < listed || (batch.round === round && batch.passed > listed)) {
        throw what(`is said to have passed ${batch.passed} checks; ${listed} are on record`)
      }
      if (batch.round === round && batch.state === 'stood' && batch.passed < checksFor(f, theta)) {
        throw what(`stood after ${batch.passed} checks; it takes ${checksFor(f, theta)}`)
      }
      tally.batches++
      tally.checksSeen += listed
      tally.checksElsewhere += batch.passed - listed
    }
    tally.batchesElsewhere = this.elsewhere
  }
}

/** Whether two answers may have counted as the same, by whatever else was said. */
function mayBeSame(one: Saying, other: Saying | undefined, far: Far): boolean {
  return other !== undefined && one.kind === other.kind && far(one.output, other.output) <= 2
}
