import { Worker } from 'node:worker_threads'
import type { Journal } from '../operations/journal.ts'
import type { VerdictRecord } from '../state/events.ts'
import { type Question, readVerdict } from './check.ts'
import { type Answer, batchOf, type Reply, recordIn } from './check-messages.ts'

/**
 * Verdicts a second from which on a thread of its own reads them. Each takes some 0.4 ms of a processor, a quarter of all that a verdict
 * costs the coordinator; a thread takes half a second to begin and, since it has as much room for what is new as the rest, 150 MB.
 * Whoever has few nodes needs none.
 */
const THREAD_FROM_PER_SECOND = 100

/** Somebody who waits for an answer. */
interface Asked {
  question: Question
  resolve: (record: VerdictRecord | Promise<VerdictRecord>) => void
  reject: (error: unknown) => void
}

/**
 * Reads verdicts: in this thread, and in one of its own when there are many. What comes within one turn of the event loop is handed
 * over together, since waking a thread costs as much as a signature. How many wait is bounded by who asks: a session has one
 * verdict looked at at a time. A thread that ends takes no answer with it: what it had is read here.
 */
export class Checkers {
  readonly #log: Journal
  readonly #threadFrom: number
  readonly #now: () => number
  readonly #beginThread: () => Worker
  #thread: Worker | null = null
  /** Whether the thread has said that it is there. */
  #isReady = false
  /** Those of the next batch. */
  #gathered: Asked[] = []
  /** Batches that are out, the oldest first. */
  readonly #out: Asked[][] = []
  #second = 0
  #seen = 0
  #closed = false

  /**
   * @param init.threadFrom verdicts a second
   * @param init.now milliseconds, which do not go back
   * @param init.begin the thread, which says that it is there before it answers
   */
  constructor(log: Journal, { threadFrom = THREAD_FROM_PER_SECOND, now = () => performance.now(), begin = checkThread } = {}) {
    this.#log = log
    this.#beginThread = begin
    this.#threadFrom = threadFrom
    this.#now = now
  }

  /** @throws Rejected */
  async read(question: Question): Promise<VerdictRecord> {
    this.#count()
    if (!this.#isReady) return await readVerdict(question)
    return await new Promise((resolve, reject) => {
      if (this.#gathered.push({ question, resolve, reject }) === 1) setImmediate(() => this.#send())
    })
  }

  /** Ends the thread; what it had, and what is asked from now on, is read here. */
  async close(): Promise<void> {
    this.#closed = true
    const thread = this.#thread
    if (thread === null) return
    this.#readRest()
    await thread.terminate()
  }

  #count(): void {
    const second = Math.floor(this.#now() / 1000)
    if (second !== this.#second) this.#seen = 0
    this.#second = second
    this.#seen++
    // Once a second: where none can be had, the next one is not tried with each verdict.
    if (this.#seen === this.#threadFrom && this.#thread === null && !this.#closed) this.#begin()
  }

  #begin(): void {
    try {
      const thread = this.#beginThread()
      this.#thread = thread
      thread.on('message', (reply: Reply) => this.#answered(thread, reply))
      thread.on('error', (error) => this.#ended(thread, String(error)))
      thread.on('exit', (code) => this.#ended(thread, `exit ${code}`))
      thread.unref()
    } catch (error) {
      // A system that is short of threads or memory.
      this.#log.warn({ event: 'check-thread-failed', detail: String(error) })
    }
  }

  #send(): void {
    const asked = this.#gathered
    this.#gathered = []
    if (this.#thread === null) {
      readHere(asked)
      return
    }
    try {
      const batch = batchOf(asked.map(({ question }) => question))
      this.#thread.postMessage(batch, [batch.bytes])
      this.#thread.ref()
      this.#out.push(asked)
    } catch (error) {
      this.#log.warn({ event: 'check-thread-failed', detail: String(error) })
      readHere(asked)
    }
  }

  #answered(thread: Worker, { answers }: Reply): void {
    if (this.#thread !== thread) return
    if (!this.#isReady) this.#log.info({ event: 'check-thread-began' })
    this.#isReady = true
    if (answers.length === 0) return
    for (const [at, { resolve, reject }] of (this.#out.shift() ?? []).entries()) {
      try {
        resolve(recordIn(answers[at] as Answer))
      } catch (error) {
        reject(error)
      }
    }
    if (this.#out.length === 0) thread.unref()
  }

  /** By itself, which it is not to do. */
  #ended(thread: Worker, detail: string): void {
    if (this.#thread !== thread) return
    this.#log.warn({ event: 'check-thread-failed', detail })
    this.#readRest()
  }

  #readRest(): void {
    this.#thread = null
    this.#isReady = false
    readHere(this.#out.splice(0).flat())
  }
}

function checkThread(): Worker {
  const file = import.meta.url.endsWith('.ts') ? './check-thread.ts' : './check-thread.js'
  return new Worker(new URL(file, import.meta.url), { name: 'verdicts' })
}

function readHere(asked: readonly Asked[]): void {
  for (const { question, resolve } of asked) resolve(readVerdict(question))
}
