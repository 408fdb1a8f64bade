import { ArchiveFile } from './archive-file.ts'
import { BatchBook } from './batches.ts'
import { checkCaseFiles, checkOrigin } from './case-files.ts'
import { CaseAudit } from './cases.ts'
import { type AuditCode, AuditFailure, type AuditPlace } from './failure.ts'
import type { IncidentRecord, Manifest, OperatorRecord } from './records.ts'
import { Tally } from './tally.ts'
import { TaskTable } from './task-table.ts'
import { TaskAudit } from './tasks.ts'
import { checkOrder } from './walk.ts'
import { onItsWord } from './word.ts'

/** The steps of an audit, in order. */
export type AuditStep = 'blocks' | 'order' | 'tasks' | 'cases'

export interface AuditOptions {
  /** Peer id of the coordinator that must have signed; null: whoever has. */
  key: string | null
  /** Files its cases are said to come from: those that are here are held against it. @default none */
  cases?: readonly string[]
  /** Told how far a step is. */
  onProgress: (step: AuditStep, done: number, all: number) => void
}

/** What an audit came to. */
export interface AuditReport {
  holds: boolean
  /** The first thing that does not hold. */
  failure: { code: AuditCode; place: AuditPlace; what: string } | null
  /** Null where the audit did not come so far. */
  round: RoundHead | null
  checked: Checked
  /** What rests on the coordinator's word. Empty where something does not hold. */
  word: string[]
  /** Of the cases for which one can be stated; null where one operator runs all nodes, or none can. */
  confidence: { cases: number; lowest: number; mean: number } | null
}

interface RoundHead {
  id: string
  name: string
  coordinator: string
  /** As `--key` asked. */
  keyGiven: boolean
  state: string
  partial: boolean
  singleOperator: boolean
  rule: string
  policy: Manifest['spec']['policy']
}

/** How much was checked, also by an audit that ended early. */
export type Checked = Omit<Tally, 'operators' | 'nodes' | 'confidence' | 'judge' | 'state'> & {
  bytes: number
  blocks: number
  operators: number
  nodes: number
}

/**
 * Reads an archive and works everything out again that can be: names of blocks, signatures, ballots, comparisons, judgements.
 * It shares the decoding and the comparators with what decides in production, and nothing else. What is held in memory is
 * where the blocks are, and a bounded number of records.
 * @throws UsageError when the file cannot be read
 */
export async function audit(file: string, options: AuditOptions): Promise<AuditReport> {
  const run = new Audit(options)
  try {
    await run.check(file)
    return run.report(null)
  } catch (error) {
    if (error instanceof AuditFailure) return run.report(error)
    throw error
  }
}

class Audit {
  readonly #options: AuditOptions
  readonly #tally = new Tally()
  #size = { bytes: 0, blocks: 0 }
  #manifest: Manifest | null = null

  constructor(options: AuditOptions) {
    this.#options = options
  }

  /** Steps: bytes; who signed; that every block stands where it must; every ballot; every case; the files of cases; counts. */
  async check(file: string): Promise<void> {
    const { key, onProgress } = this.#options
    await using archive = await ArchiveFile.open(file, (done, all) => onProgress('blocks', done, all))
    this.#size = archive.size
    const manifest = await archive.manifest()
    this.#manifest = manifest
    await archive.signer(manifest, key)
    onProgress('order', 0, archive.size.blocks)
    await checkOrder(archive)
    await checkOrigin(manifest)
    const table = await TaskTable.of(archive, manifest)
    const incidents = await all(archive.records('incidents', manifest))
    const operators = await all(archive.records('operators', manifest))
    const book = new BatchBook(await all(archive.records('batches', manifest)), operators, incidents)
    await this.#checkTasks(archive, { manifest, table, book })
    book.close(manifest, this.#tally)
    await this.#checkCases(archive, { manifest, table })
    const files = this.#options.cases ?? []
    if (files.length > 0)
      await checkCaseFiles(files, manifest, { records: archive.records('cases', manifest), tally: this.#tally })
    await this.#checkOperators(archive, { manifest, table }, incidents)
    this.#checkCounts(manifest, incidents.length)
  }

  async #checkTasks(archive: ArchiveFile, { manifest, table, book }: { manifest: Manifest; table: TaskTable; book: BatchBook }) {
    const tasks = new TaskAudit(archive, { manifest, book, tally: this.#tally })
    for await (const task of archive.records('tasks', manifest)) {
      await tasks.check(task, table.lineOf(task.name))
      this.#options.onProgress('tasks', this.#tally.tasks, table.size)
    }
  }

  async #checkCases(archive: ArchiveFile, { manifest, table }: { manifest: Manifest; table: TaskTable }): Promise<void> {
    const cases = new CaseAudit(archive, { manifest, table, tally: this.#tally })
    for await (const record of archive.records('cases', manifest)) {
      await cases.check(record)
      this.#options.onProgress('cases', this.#tally.cases, manifest.counts.cases)
    }
  }

  /** Who came in by answers here: these are in the archive, signed by him, and nobody found them wrong. */
  async #checkOperators(
    archive: ArchiveFile,
    { manifest, table }: { manifest: Manifest; table: TaskTable },
    incidents: readonly IncidentRecord[],
  ): Promise<void> {
    const known = new Set<string>()
    for await (const operator of archive.records('operators', manifest)) {
      known.add(operator.name)
      await this.#checkShown(operator, table)
    }
    for (const name of this.#tally.operators) {
      if (manifest.spec.policy.kind === 'majority' || known.has(name)) continue
      throw new AuditFailure('record', {}, `how operator ${name} stood is not said`)
    }
    for (const { operator } of incidents) {
      if (!known.has(operator))
        throw new AuditFailure('record', {}, `there is an incident of operator ${operator}, who is not listed`)
    }
    if (known.size !== manifest.counts.operators) throw new AuditFailure('record', {}, 'an operator is listed twice')
  }

  async #checkShown({ name, shown }: OperatorRecord, table: TaskTable): Promise<void> {
    for (const { task, verdict } of shown) {
      const vote = task === null ? undefined : (await table.get(task)).votes.find((one) => one.verdict === verdict)
      if (vote === undefined) this.#tally.shownElsewhere++
      else if (vote.operator === name) this.#tally.shownHere++
      else
        throw new AuditFailure(
          'record',
          { task: task as string },
          `operator ${name} is said to have come in by a vote of ${vote.operator}`,
        )
    }
  }

  #checkCounts({ counts, partial, state }: Manifest, incidents: number): void {
    const { cases, tasks, votes, batches, pending } = this.#tally
    const found = { cases, tasks, votes, batches, operators: counts.operators, incidents }
    for (const [what, number] of Object.entries(found)) {
      const said = counts[what as keyof typeof counts]
      if (said !== number) throw new AuditFailure('record', {}, `the manifest counts ${said} ${what}; there are ${number}`)
    }
    if (partial !== (state !== 'aggregated' || pending > 0)) {
      throw new AuditFailure('record', {}, 'whether the archive is of the whole round is not as its cases say')
    }
  }

  report(failure: AuditFailure | null): AuditReport {
    const manifest = this.#manifest
    const { operators, nodes, confidence, ...counts } = this.#tally
    const { cases, lowest, sum } = confidence
    return {
      holds: failure === null,
      failure: failure && { code: failure.code, place: failure.place, what: failure.message },
      round: manifest && headOf(manifest, this.#options.key !== null),
      checked: { ...this.#size, ...counts, operators: operators.size, nodes: nodes.size },
      word: failure !== null || manifest === null ? [] : onItsWord(manifest, this.#tally),
      confidence: failure !== null || cases === 0 ? null : { cases, lowest, mean: sum / cases },
    }
  }
}

function headOf({ round, coordinator, state, partial, singleOperator, spec }: Manifest, keyGiven: boolean): RoundHead {
  const { name, rule, policy } = spec
  return { id: round, name, coordinator, keyGiven, state, partial, singleOperator, rule, policy }
}

async function all<T>(records: AsyncIterable<T>): Promise<T[]> {
  const held: T[] = []
  for await (const record of records) held.push(record)
  return held
}
