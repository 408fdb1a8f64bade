import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { replaceFile } from '../../replace-file.ts'
import { type Facts, known } from '../facts.ts'
import type { Source } from './source.ts'

const EVERY_MS = 10_000
const Kept = z.object({ day: z.number(), bytes: z.number().nonnegative() })

/** Counts what the node sends and receives, by the day of this machine's clock, over restarts. */
export class NetworkSource implements Source {
  readonly name = 'the count of bytes'
  readonly tells = ['networkToday'] as const
  readonly #file: string
  /** When the day began that is counted. */
  #day = 0
  #bytes = 0
  #written = 0
  #read = false
  constructor(file: string) {
    this.#file = file
  }

  /** So many bytes went over the wire. */
  count(bytes: number): void {
    this.#bytes += bytes
  }

  everyMs(): number {
    return EVERY_MS
  }

  async look(_: unknown, now: number): Promise<Partial<Facts>> {
    const day = startOfDay(now, 0)
    if (!this.#read) await this.#restore(day)
    if (this.#day !== day) {
      this.#bytes = this.#day === 0 ? this.#bytes : 0
      this.#day = day
    }
    if (this.#bytes !== this.#written) await this.#keep()
    return { networkToday: known({ bytes: this.#bytes, until: startOfDay(now, 1) }) }
  }

  /** A file that cannot be read, or is of another day, counts nothing. */
  async #restore(day: number): Promise<void> {
    const text = await readFile(this.#file, 'utf8').catch(() => '')
    this.#read = true
    const kept = Kept.safeParse(jsonOf(text))
    if (kept.success && kept.data.day === day) this.#bytes += kept.data.bytes
  }

  async #keep(): Promise<void> {
    const bytes = this.#bytes
    await replaceFile(this.#file, `${JSON.stringify({ day: this.#day, bytes })}\n`, { flush: false })
    this.#written = bytes
  }
}

function startOfDay(at: number, days: number): number {
  const date = new Date(at)
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() + days).getTime()
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
