import { Level } from 'level'
import type { Logger } from 'pino'
import { type Outcome, Program, type RejectCode, UsageError } from '../../protocol/index.ts'
import type { Execution } from '../../sandbox/index.ts'
import type { Job, Receipt, RunEnd, RunListener } from '../runs.ts'
import { HISTORY_BYTES, HISTORY_MS, OPEN_VERDICTS, PRUNED_AT_ONCE, RECEIPT_BYTES, WAITING_CHANGES } from './limits.ts'
import { NO_TALLY, RunRecord, Tally } from './record.ts'
import { keptTests } from './tests.ts'

export interface HistoryInit {
  log: Logger
  /** @default HISTORY_MS */
  keepMs?: number
  /** @default HISTORY_BYTES */
  keepBytes?: number
  /** Milliseconds since 1970. @default Date.now */
  now?: () => number
}

/** Sizes, as they are kept beside the records. */
interface Sizes {
  runs: number
  receipts: number
}

type Batch = { type: 'put'; key: string; value: string } | { type: 'del'; key: string }

/**
 * What ran on this machine: programs with their sources, limits, results and times, and receipts; in a database of its own.
 *
 *     run/<started>-<nonce>   a RunRecord          nonce/<nonce>   its key
 *     program/<cid>           a program's text     use/<cid>       the key of the last run of it
 *     receipt/<at>-<nonce>    a signed receipt, base64
 *     meta/tally, meta/sizes
 *
 * It is no part of the work: where it cannot be written the node goes on, and says so. Writes keep their order and are not synced:
 * what a power cut takes is some seconds of it. A run that was under way when the node was ended is found `lost` at the next start.
 */
export class History implements RunListener {
  readonly #db: Level<string, string>
  readonly #log: Logger
  readonly #keepMs: number
  readonly #keepBytes: number
  readonly #now: () => number
  #tally: Tally
  #sizes: Sizes
  /** By coordinator and nonce, verdicts of which it is still to be learned what became of them: the task's name, oldest first. */
  readonly #open = new Map<string, { coordinator: string; task: string }>()
  #last: Promise<void> = Promise.resolve()
  #waiting = 0
  #dropped = 0

  private constructor(db: Level<string, string>, init: HistoryInit, tally: Tally, sizes: Sizes) {
    this.#db = db
    this.#log = init.log
    this.#keepMs = init.keepMs ?? HISTORY_MS
    this.#keepBytes = init.keepBytes ?? HISTORY_BYTES
    this.#now = init.now ?? Date.now
    this.#tally = tally
    this.#sizes = sizes
  }

  /** @throws UsageError `file` when the folder cannot be used */
  static async open(folder: string, init: HistoryInit): Promise<History> {
    const db = new Level<string, string>(folder)
    try {
      await db.open()
    } catch (error) {
      const cause = (error as Error).cause as Error | undefined
      throw new UsageError('file', `${folder}: ${cause?.message ?? (error as Error).message}`)
    }
    const tally = Tally.safeParse(parsed(await db.get('meta/tally')))
    const sizes = parsed(await db.get('meta/sizes')) as Sizes | undefined
    const history = new History(db, init, tally.data ?? { ...NO_TALLY }, sizes ?? { runs: 0, receipts: 0 })
    await history.#recall()
    return history
  }

  get tally(): Readonly<Tally> {
    return this.#tally
  }

  /** Changes that could not be kept since the start. */
  get dropped(): number {
    return this.#dropped
  }

  /** Verdicts of a coordinator to ask about, in turns. */
  toAskAbout(coordinator: string, limit: number): { nonce: string; task: string }[] {
    const found: { nonce: string; task: string }[] = []
    for (const [nonce, one] of this.#open) {
      if (found.length === limit) break
      if (one.coordinator === coordinator) found.push({ nonce, task: one.task })
    }
    return found
  }

  began(job: Job): void {
    const record = recordOf(job, this.#now())
    this.#tally.started++
    this.#change(async () => [...(await this.#put(record)), ...(await this.#keepProgram(job, keyOf(record)))])
  }

  finished(nonce: string, execution: Execution): void {
    const endedAt = this.#now()
    this.#tally.finished++
    this.#update(nonce, (record) => {
      Object.assign(record, { end: 'finished', endedAt, compileMs: execution.compileMs, tests: keptTests(execution) })
    })
  }

  ended(job: Job, end: RunEnd): void {
    const endedAt = this.#now()
    const how = end.how === 'declined' ? 'declined' : end.overdue ? 'overdue' : 'withdrawn'
    this.#tally[how]++
    const reason = end.how === 'declined' ? end.reason : null
    this.#change(async () => {
      const record = (await this.find(job.assign.nonce)) ?? recordOf(job, endedAt)
      return await this.#put({ ...record, end: how, endedAt, reason, detail: end.detail.slice(0, 500) })
    })
  }

  accepted(nonce: string): void {
    this.#update(nonce, (record) => {
      if (record.answer === 'accepted') return
      record.answer = 'accepted'
      this.#tally.accepted++
      this.#await(record)
    })
  }

  rejected(nonce: string, code: RejectCode): void {
    this.#update(nonce, (record) => {
      if (record.answer !== null) return
      record.answer = code
      this.#tally.rejected++
    })
  }

  told(coordinator: string, outcomes: readonly Outcome[], receipt: Receipt | null): void {
    const fresh = new Set(receipt?.nonces.filter((nonce) => this.#open.get(nonce)?.coordinator === coordinator))
    for (const { nonce, outcome, tests } of outcomes) {
      const waited = this.#open.get(nonce)
      // Only what was asked about counts, and of that only what this coordinator gave.
      if (waited?.coordinator !== coordinator) continue
      this.#open.delete(nonce)
      // Others have their turn before it is asked about again.
      if (outcome === 'open') this.#open.set(nonce, waited)
      this.#update(nonce, (record) => {
        if (outcome !== record.outcome && outcome === 'agreed') this.#tally.agreed++
        if (outcome !== record.outcome && outcome === 'disagreed') this.#tally.disagreed++
        Object.assign(record, { outcome, disagreed: tests })
      })
    }
    if (receipt !== null && fresh.size > 0) this.#change(() => this.#keepReceipt(receipt, [...fresh]))
  }

  /** What ran last, the newest first. */
  async *runs(): AsyncGenerator<RunRecord> {
    await this.settled()
    for await (const text of this.#db.values({ gt: 'run/', lt: 'run0', reverse: true })) yield RunRecord.parse(JSON.parse(text))
  }

  /** A run by its nonce, or by the beginning of it where no other begins so. */
  async find(start: string): Promise<RunRecord | null> {
    if (!/^[0-9a-f]{1,32}$/.test(start)) return null
    const [key, another] = await this.#db.values({ gte: `nonce/${start}`, lt: `nonce/${start}g`, limit: 2 }).all()
    if (key === undefined || another !== undefined) return null
    const text = await this.#db.get(key)
    return text === undefined ? null : RunRecord.parse(JSON.parse(text))
  }

  /** The source of a program that ran here, as long as a run of it is kept. */
  async program(cid: string): Promise<Program | null> {
    const text = await this.#db.get(`program/${cid}`)
    return text === undefined ? null : Program.parse(JSON.parse(text))
  }

  /** The receipts that are kept, the newest first. */
  async *receipts(): AsyncGenerator<{ coordinator: string; bytes: Uint8Array }> {
    await this.settled()
    for await (const text of this.#db.values({ gt: 'receipt/', lt: 'receipt0', reverse: true })) {
      const { coordinator, envelope } = JSON.parse(text) as { coordinator: string; envelope: string }
      yield { coordinator, bytes: Buffer.from(envelope, 'base64') }
    }
  }

  /** Resolves when all that was told so far is written, or was dropped. */
  async settled(): Promise<void> {
    await this.#last
  }

  /** Takes out what is too old, and what is too much, the oldest first. */
  async prune(): Promise<void> {
    const before = `run/${stamp(this.#now() - this.#keepMs)}`
    this.#change(() => this.#pruned('run/', before, () => this.#sizes.runs > this.#keepBytes))
    this.#change(() => this.#pruned('receipt/', 'receipt/', () => this.#sizes.receipts > RECEIPT_BYTES))
    await this.settled()
  }

  async close(): Promise<void> {
    await this.settled()
    await this.#db.close()
  }

  /** What was under way when the node was ended came to nothing; of what was accepted it is asked what became of it. */
  async #recall(): Promise<void> {
    const found: RunRecord[] = []
    for await (const record of this.runs()) {
      if (record.end === null) {
        this.#tally.lost++
        this.#change(() => this.#put({ ...record, end: 'lost', endedAt: this.#now() }))
      }
      if (record.answer === 'accepted' && (record.outcome === null || record.outcome === 'open')) found.push(record)
      if (found.length === OPEN_VERDICTS) break
    }
    for (const record of found.reverse()) this.#await(record)
    await this.settled()
  }

  #await({ nonce, coordinator, taskId }: RunRecord): void {
    this.#open.set(nonce, { coordinator, task: taskId })
    const [oldest = ''] = this.#open.keys()
    if (this.#open.size > OPEN_VERDICTS) this.#open.delete(oldest)
  }

  #update(nonce: string, change: (record: RunRecord) => void): void {
    this.#change(async () => {
      const record = await this.find(nonce)
      if (record === null) return []
      change(record)
      return await this.#put(record)
    })
  }

  async #put(record: RunRecord): Promise<Batch[]> {
    const key = keyOf(record)
    const value = JSON.stringify(record)
    const before = await this.#db.get(key)
    this.#sizes.runs += sizeOf(key, value) - (before === undefined ? 0 : sizeOf(key, before))
    return [
      { type: 'put', key, value },
      { type: 'put', key: `nonce/${record.nonce}`, value: key },
    ]
  }

  async #keepProgram({ assign, program }: Job, run: string): Promise<Batch[]> {
    const { program: cid } = assign.task
    const last: Batch = { type: 'put', key: `use/${cid}`, value: run }
    if ((await this.#db.get(`use/${cid}`)) !== undefined) return [last]
    const value = JSON.stringify(program)
    this.#sizes.runs += sizeOf(`program/${cid}`, value)
    return [last, { type: 'put', key: `program/${cid}`, value }]
  }

  async #keepReceipt({ bytes, at, nonces }: Receipt, fresh: readonly string[]): Promise<Batch[]> {
    const records = await Promise.all(fresh.map((nonce) => this.find(nonce)))
    const without = records.filter((record) => record !== null && !record.receipted) as RunRecord[]
    if (without.length === 0) return []
    const [{ coordinator }] = without as [RunRecord]
    const key = `receipt/${stamp(at)}-${nonces[0]}`
    const value = JSON.stringify({ coordinator, envelope: Buffer.from(bytes).toString('base64') })
    this.#sizes.receipts += sizeOf(key, value)
    this.#tally.receipts += without.length
    const marked = await Promise.all(without.map((record) => this.#put({ ...record, receipted: true })))
    return [{ type: 'put', key, value }, ...marked.flat()]
  }

  async #pruned(kind: 'run/' | 'receipt/', before: string, isTooMuch: () => boolean): Promise<Batch[]> {
    const gone: Batch[] = []
    for await (const [key, value] of this.#db.iterator({ gt: kind, lt: `${kind.slice(0, -1)}0`, limit: PRUNED_AT_ONCE })) {
      if (key >= before && !isTooMuch()) return gone
      gone.push({ type: 'del', key })
      if (kind === 'receipt/') this.#sizes.receipts -= sizeOf(key, value)
      else gone.push(...(await this.#prunedRun(key, value)))
    }
    if (gone.length > 0) this.#change(() => this.#pruned(kind, before, isTooMuch))
    return gone
  }

  /** A run leaves, and the source of its program with the last run of it. */
  async #prunedRun(key: string, value: string): Promise<Batch[]> {
    const { nonce, task } = RunRecord.parse(JSON.parse(value))
    this.#sizes.runs -= sizeOf(key, value)
    this.#open.delete(nonce)
    const gone: Batch[] = [{ type: 'del', key: `nonce/${nonce}` }]
    if ((await this.#db.get(`use/${task.program}`)) !== key) return gone
    const source = await this.#db.get(`program/${task.program}`)
    if (source !== undefined) this.#sizes.runs -= sizeOf(`program/${task.program}`, source)
    return [...gone, { type: 'del', key: `use/${task.program}` }, { type: 'del', key: `program/${task.program}` }]
  }

  /** One change after the other, each with the counts beside it in one batch. */
  #change(make: () => Promise<Batch[]>): void {
    if (this.#waiting >= WAITING_CHANGES) {
      this.#dropped++
      return
    }
    this.#waiting++
    this.#last = this.#last
      .then(async () => {
        const batch = await make()
        if (batch.length === 0) return
        const counts: Batch[] = [
          { type: 'put', key: 'meta/tally', value: JSON.stringify(this.#tally) },
          { type: 'put', key: 'meta/sizes', value: JSON.stringify(this.#sizes) },
        ]
        await this.#db.batch([...batch, ...counts])
      })
      .catch((error: Error) => {
        if (this.#dropped++ === 0) this.#log.warn({ event: 'history-not-written', detail: error.message })
      })
      .finally(() => {
        this.#waiting--
      })
  }
}

function recordOf({ assign, coordinator }: Job, at: number): RunRecord {
  const { nonce, taskId, task, origins = [] } = assign
  return {
    ...{ v: 1, nonce, coordinator, taskId, task, origins, startedAt: at, endedAt: null, end: null, reason: null, detail: '' },
    ...{ compileMs: null, tests: [], answer: null, outcome: null, disagreed: [], receipted: false },
  }
}

function keyOf({ startedAt, nonce }: Pick<RunRecord, 'startedAt' | 'nonce'>): string {
  return `run/${stamp(startedAt)}-${nonce}`
}

/** Of a fixed length, so that keys are in the order of time. */
function stamp(at: number): string {
  return String(Math.max(0, Math.round(at))).padStart(15, '0')
}

function sizeOf(key: string, value: string): number {
  return key.length + value.length
}

function parsed(text: string | undefined): unknown {
  return text === undefined ? undefined : JSON.parse(text)
}
