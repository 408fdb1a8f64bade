import type { Level } from 'level'
import { DOMAINS, encodeCanonical, open, UnsignedVerdict } from '../../protocol/index.ts'
import { notAnEvent } from '../state/event-schema.ts'
import type { CaseRecord, Event, VerdictRecord } from '../state/events.ts'
import { State } from '../state/state.ts'
import { eventFrom } from '../store/event-text.ts'
import { checkVerdict } from '../work/check.ts'
import type { Contents } from './contents.ts'
import { type Finding, RESTORE } from './finding.ts'
import { Fold } from './fold.ts'

/** Goes through the log in order, with all that was known at each event. */
export class Reading {
  verdicts = 0
  readonly #contents: Contents
  readonly #find: (finding: Finding) => void
  readonly #named = new Names()
  readonly #programs = new Names()
  readonly #fold: Fold
  /** Null once an event does not hold: what follows is not worked out, every line would say the same. */
  #state: State | null = new State()
  #next = 1

  constructor(db: Level<string, Uint8Array>, contents: Contents, find: (finding: Finding) => void) {
    this.#contents = contents
    this.#find = find
    this.#fold = new Fold(db)
  }

  /** Records of the state that are not what the log gives; none are named where the log itself does not hold. */
  async *recordsThatDiffer(): AsyncGenerator<[key: string, what: string]> {
    if (this.#state !== null) yield* this.#fold.differences()
  }

  names(cid: string): boolean {
    return this.#named.has(cid)
  }

  isProgram(cid: string): boolean {
    return this.#programs.has(cid)
  }

  /** The next record of the log. */
  async event(key: string, value: Uint8Array): Promise<void> {
    const expected = `event/${String(this.#next).padStart(16, '0')}`
    if (key !== expected) {
      const what = `${expected} was expected: the log has a gap, or a record by a wrong number`
      this.#find({ where: key, what, remedy: RESTORE })
      this.#state = null
    }
    this.#next = (Number(key.slice('event/'.length)) || this.#next) + 1
    const event = this.#decode(key, value)
    if (event === null) {
      this.#state = null
      return
    }
    await this.#checkContent(key, event)
    await this.#apply(key, event)
  }

  #decode(key: string, value: Uint8Array): Event | null {
    const wrong = (what: string) => {
      this.#find({ where: key, what, remedy: RESTORE })
      return null
    }
    try {
      const event = eventFrom(value)
      const why = notAnEvent(event)
      return why === null ? (event as Event) : wrong(`not an event (${why})`)
    } catch (error) {
      return wrong(`not an event (${(error as Error).message})`)
    }
  }

  async #checkContent(key: string, event: Event): Promise<void> {
    if (event.t === 'cases-added') for (const item of event.cases) await this.#checkCase(key, item)
    if (event.t === 'verdict') await this.#checkVerdict(key, event)
  }

  async #checkCase(key: string, { programs, reference }: CaseRecord): Promise<void> {
    for (const cid of Object.values(programs)) {
      this.#programs.add(cid)
      await this.#checkThere(key, cid, 'a program')
    }
    if (reference !== undefined) await this.#checkThere(key, reference, 'a reference translation')
  }

  async #checkThere(key: string, cid: string, what: string): Promise<void> {
    if (!this.#named.add(cid)) return
    if (!(await this.#contents.has(cid))) this.#missing(key, cid, what)
  }

  /** The signed statement is opened, and read as it was when it came: it must say again what the log keeps of it. */
  async #checkVerdict(key: string, { t: _, at: __, ...record }: Extract<Event, { t: 'verdict' }>): Promise<void> {
    this.verdicts++
    this.#named.add(record.verdict)
    const envelope = await this.#contents.get(record.verdict)
    if (envelope === undefined) this.#missing(key, record.verdict, 'the signed verdict')
    const outputs = new Map<number, Uint8Array>()
    for (const [test, { output }] of record.cells.entries()) {
      this.#named.add(output)
      const bytes = await this.#contents.get(output)
      if (bytes === undefined) this.#missing(key, output, `the output of test ${test + 1}`)
      else if (bytes !== null) outputs.set(test, bytes)
    }
    if (envelope === undefined || envelope === null || outputs.size < record.cells.length) return
    const why = await this.#whyNot(record, envelope, outputs)
    if (why !== null) this.#find({ where: key, what: `its signed verdict does not say that (${why})`, remedy: RESTORE })
  }

  /** Why a verdict's record does not follow from what its node signed, or null. */
  async #whyNot(record: VerdictRecord, envelope: Uint8Array, outputs: ReadonlyMap<number, Uint8Array>): Promise<string | null> {
    try {
      const assignment = this.#state?.assignments.get(record.nonce)
      const entry = assignment === undefined ? undefined : this.#state?.tasks.get(assignment.task)
      if (assignment === undefined || entry === undefined) {
        const { payloadCid } = await open(envelope, DOMAINS.verdict, UnsignedVerdict)
        return payloadCid === record.verdict ? null : 'another statement'
      }
      const read = await checkVerdict({ envelope, outputs, assignment, entry, announced: [record.environment] })
      const same = Buffer.compare(encodeCanonical(read.record), encodeCanonical(record)) === 0
      return same ? null : 'another content'
    } catch (error) {
      return (error as Error).message
    }
  }

  async #apply(key: string, event: Event): Promise<void> {
    if (this.#state === null) return
    try {
      await this.#fold.apply(this.#state, event)
    } catch (error) {
      const what = `it does not follow from what is before it (${(error as Error).message})`
      this.#find({ where: key, what, remedy: `${RESTORE}. What comes after is not held against it` })
      this.#state = null
    }
  }

  #missing(key: string, cid: string, what: string): void {
    this.#find({ where: `blob/${cid}`, what: `missing: ${what}, named by ${key}`, remedy: RESTORE })
  }
}

/** A set of names of content that takes little memory: 50 bits of each, which are the bits of a hash. */
class Names {
  readonly #known = new Set<number>()

  /** Whether it was not there before. */
  add(cid: string): boolean {
    const before = this.#known.size
    return this.#known.add(bitsOf(cid)).size > before
  }

  has(cid: string): boolean {
    return this.#known.has(bitsOf(cid))
  }
}

/** Base32 has five bits a letter; the last ten letters are of the hash. */
function bitsOf(cid: string): number {
  let bits = 0
  for (const letter of cid.slice(-10)) bits = bits * 32 + 'abcdefghijklmnopqrstuvwxyz234567'.indexOf(letter)
  return bits
}
