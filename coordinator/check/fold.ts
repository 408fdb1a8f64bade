import type { Level } from 'level'
import { isDue, namesFor, pastOf, readTasks } from '../ledger.ts'
import type { Event } from '../state/events.ts'
import type { State } from '../state/state.ts'
import { encode, tasksFrom } from '../views/records.ts'
import { eventsIn, type Records, takeChanges, type ViewChange } from '../views/views.ts'

/** Where the records stand, and where those that are made anew are put, in the folder that is only for reading. */
const KEPT = 'view/'
export const ANEW = 'anew/'

/**
 * Makes the records of the state anew from the log, as a coordinator does, beside those that are there. Records are the
 * state after some event: up to there it goes, but for what is kept with each event.
 */
export class Fold {
  readonly #db: Level<string, Uint8Array>
  readonly #anew: Records
  /** Events that the records hold; null where there are none, or of another version: a coordinator makes those anew. */
  #kept: number | null | undefined

  constructor(db: Level<string, Uint8Array>) {
    this.#db = db
    this.#anew = recordsIn(db, ANEW)
  }

  async apply(state: State, event: Event): Promise<void> {
    this.#kept ??= await eventsIn(recordsIn(this.#db, KEPT))
    const names = await namesFor(state, event)
    const recalled = await readTasks(state, this.#anew, names)
    const changes = pastOf(state, event)
    state.apply(event, names, recalled)
    const isAt = state.events === this.#kept
    if (isAt || (isDue(state, event) && state.events < (this.#kept ?? 0))) changes.push(...takeChanges(state))
    if (changes.length > 0) await this.#put(changes)
  }

  async #put(changes: readonly ViewChange[]): Promise<void> {
    await this.#db.batch(
      changes.map(([name, text]) => {
        const key = ANEW + name
        return text === null ? { type: 'del', key } : { type: 'put', key, value: Buffer.from(text) }
      }),
    )
  }

  async *differences(): AsyncGenerator<[key: string, what: string]> {
    if (typeof this.#kept !== 'number' || this.#kept === 0) return
    const kept = rowsOf(this.#db, KEPT)
    const anew = rowsOf(this.#db, ANEW)
    let [one, other] = [await kept.next(), await anew.next()]
    while (!one.done || !other.done) {
      const [a, b] = [one.done ? null : one.value, other.done ? null : other.value]
      if (b === null || (a !== null && a[0] < b[0])) {
        yield [KEPT + a?.[0], 'a record of the state that does not follow from the log']
        one = await kept.next()
      } else if (a === null || b[0] < a[0]) {
        yield [KEPT + b[0], 'missing: a record of the state that follows from the log']
        other = await anew.next()
      } else {
        if (!isAlike(readable(a), readable(b))) yield [KEPT + a[0], 'a record of the state that says something else than the log']
        ;[one, other] = [await kept.next(), await anew.next()]
      }
    }
  }
}

/** A record of tasks says environments and cells once, which depends on the order of their fields: here each has its own. */
function readable([name, text]: [name: string, text: string]): string {
  try {
    return name.startsWith('task/') ? encode(tasksFrom(text, (environment) => environment)) : text
  } catch {
    return text
  }
}

async function* rowsOf(db: Level<string, Uint8Array>, prefix: string): AsyncGenerator<[name: string, text: string]> {
  const range = { gte: prefix, lt: `${prefix.slice(0, -1)}0` }
  for await (const [key, value] of db.iterator(range)) yield [key.slice(prefix.length), textOf(value)]
}

/** The records under a prefix. */
function recordsIn(db: Level<string, Uint8Array>, prefix: string): Records {
  const read = async (key: string) => {
    const value = await db.get(prefix + key)
    return value === undefined ? undefined : textOf(value)
  }
  return {
    get: read,
    getMany: async (keys) => await Promise.all(keys.map(read)),
    async *range(from, to, options = {}) {
      for await (const [key, value] of db.iterator({ gte: prefix + from, lt: prefix + to, ...options })) {
        yield [key.slice(prefix.length), textOf(value)]
      }
    },
  }
}

/** The same, in whatever order fields, maps and sets were filled: a start fills them in that of the log or the records. */
function isAlike(a: string, b: string): boolean {
  return a === b || ordered(a) === ordered(b)
}

function ordered(text: string): string {
  try {
    return JSON.stringify(inOrder(JSON.parse(text)))
  } catch {
    return text
  }
}

function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([name, one]): [string, unknown] => {
    const isUnordered = (name === '$map' || name === '$set') && Array.isArray(one)
    return [name, isUnordered ? one.map((item) => JSON.stringify(inOrder(item))).sort() : inOrder(one)]
  })
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)))
}

function textOf(value: Uint8Array): string {
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString()
}
