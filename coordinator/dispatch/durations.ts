import { abilityFor, type Task } from '../../protocol/index.ts'
import type { Expected } from '../rules/dispatch.ts'
import { gotten } from './crowd.ts'

/** Operators whose word is needed before something is believed: of three the middle one is not any one's to choose. */
const LEAST_OPERATORS = 3
/** Last durations kept of one operator, per executor and pass. */
const KEPT_PER_OPERATOR = 32
/** Operators remembered per executor and pass, those heard of last. */
const OPERATORS_REMEMBERED = 256
/** Programs of which it is remembered what they took, those heard of last; and tasks of which it is known what was learned. */
const PROGRAMS_REMEMBERED = 16_384
/** Operators of one program. */
const OPERATORS_OF_PROGRAM = 64
/** What an executor takes is worked out anew after so many new durations. */
const REFRESHED_AFTER = 32

/** What durations are learned from. */
export interface Timed {
  key: string
  task: Pick<Task, 'program' | 'executor' | 'pass'>
  votes: readonly { operator: string; resources: { compileMs: number; runMs: number } }[]
}

/** What all programs took that one executor ran in one pass. */
class Kind {
  /** By operator, what its last ones took. */
  readonly #took = new Map<string, number[]>()
  #unseen = REFRESHED_AFTER
  #known: Expected | null = null

  learn(operator: string, ms: number): void {
    const took = this.#took.get(operator) ?? []
    took.push(ms)
    if (took.length > KEPT_PER_OPERATOR) took.shift()
    this.#took.delete(operator)
    this.#took.set(operator, took)
    const [oldest = ''] = this.#took.keys()
    if (this.#took.size > OPERATORS_REMEMBERED) this.#took.delete(oldest)
    this.#unseen++
  }

  /** Medians over operators: of what is usual with each, and of how far its longest is from that, since programs differ. */
  expected(): Expected | null {
    if (this.#took.size < LEAST_OPERATORS) return null
    if (this.#known === null || this.#unseen >= REFRESHED_AFTER) {
      const all = [...this.#took.values()]
      const usual = median(all.map(median))
      const longest = median(all.map((took) => Math.max(...took)))
      this.#known = { ms: usual, spreadMs: longest - usual }
      this.#unseen = 0
    }
    return this.#known
  }
}

/**
 * How long programs take, from what nodes said of their runs. One operator's word never counts for more than one in a
 * median of at least three.
 */
export class Durations {
  readonly #kinds = new Map<string, Kind>()
  /** By program, executor and pass: by operator, what its last run took, under whatever limits and policy. */
  readonly #programs = new Map<string, Map<string, number>>()
  /** How many votes of each task were learned from. One that was forgotten is learned from again: its operators count once. */
  readonly #learned = new Map<string, number>()

  /** Learns from the votes that a task has got since the last time. */
  learn(entry: Timed): void {
    const { key, task, votes } = entry
    const known = this.#learned.get(key) ?? 0
    if (votes.length <= known) return
    remember(this.#learned, key, votes.length)
    const name = `${abilityFor(task)} ${task.program}`
    const took = this.#programs.get(name) ?? new Map<string, number>()
    remember(this.#programs, name, took)
    const kind = gotten(this.#kinds, abilityFor(task), () => new Kind())
    for (const { operator, resources } of votes.slice(known)) {
      const ms = resources.compileMs + resources.runMs
      kind.learn(operator, ms)
      if (took.has(operator) || took.size < OPERATORS_OF_PROGRAM) took.set(operator, ms)
    }
  }

  /** A task is over for good: what its program and its kind take is still known. */
  forget(key: string): void {
    this.#learned.delete(key)
  }

  /** What a task is expected to take: what its program took, else what its executor takes in this pass; null: not known. */
  expected(task: Timed['task']): Expected | null {
    const took = this.#programs.get(`${abilityFor(task)} ${task.program}`) ?? new Map<string, number>()
    if (took.size < LEAST_OPERATORS) return this.#kinds.get(abilityFor(task))?.expected() ?? null
    const all = [...took.values()]
    const ms = median(all)
    return { ms, spreadMs: median(all.map((one) => Math.abs(one - ms))) }
  }
}

/** What was remembered longest ago is forgotten. */
function remember<T>(kept: Map<string, T>, key: string, value: T): void {
  kept.delete(key)
  kept.set(key, value)
  const [oldest = ''] = kept.keys()
  if (kept.size > PROGRAMS_REMEMBERED) kept.delete(oldest)
}

/** The lower middle one; 0 of nothing. */
function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[(sorted.length - 1) >> 1] ?? 0
}
