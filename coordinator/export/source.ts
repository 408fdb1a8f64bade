import { setTimeout as sleep } from 'node:timers/promises'
import type { z } from 'zod'
import { UsageError } from '../../protocol/index.ts'
import { fileOf } from '../explorer/paths.js'
import { Refusal } from '../http/schemas.ts'

/** One answer takes no longer. */
const ANSWER_MS = 60_000
/** No answer is longer: a case with the largest program, both outputs and the ballots. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024
/** How often an answer is asked for that cannot be given just now, and the longest wait before the next time. */
const TRIES = 60
const LONGEST_WAIT_S = 30

/** An answer, or a refusal that a page has to show; as bytes, and as what it says. */
export interface Answer<T> {
  bytes: Uint8Array
  /** Null where it was refused. */
  value: T | null
}

/** Reads what a coordinator's explorer is made from, as any visitor may; waits where that is asked for. */
export class Source {
  readonly #url: string
  readonly #signal: AbortSignal

  /** @param url of the explorer */
  constructor(url: string, signal: AbortSignal) {
    this.#url = url.replace(/\/+$/, '')
    this.#signal = signal
  }

  /**
   * The answer to a path of `explorer/paths.js`.
   * @throws UsageError `refused` when there is none, or it is not what this version knows
   */
  async read<T>(path: string, schema: z.ZodType<T>): Promise<Answer<T>> {
    const { response, bytes } = await this.#whole(fileOf(path))
    const parsed = parse(bytes)
    if (response.ok) {
      const known = schema.safeParse(parsed)
      if (known.success) return { bytes, value: known.data }
      throw new UsageError('refused', `${this.#url}: what it says of ${path} is not known here; is it of another version?`)
    }
    // What is not shown, and why: a page says so in the same words.
    if ((response.status === 403 || response.status === 404) && Refusal.safeParse(parsed).success) return { bytes, value: null }
    throw new UsageError('refused', `${this.#url}: it answered ${response.status} to ${path}`)
  }

  /** The bytes of a result file, as they come; null where it is not given out. */
  async file(path: string): Promise<AsyncIterable<Uint8Array> | null> {
    const response = await this.#answered(path)
    if (response.ok && response.body !== null) return response.body
    await response.body?.cancel()
    return null
  }

  async #whole(path: string): Promise<{ response: Response; bytes: Uint8Array }> {
    const response = await this.#answered(path, ANSWER_MS)
    const pieces: Uint8Array[] = []
    let length = 0
    for await (const piece of response.body ?? []) {
      length += piece.byteLength
      if (length > MAX_ANSWER_BYTES) throw new UsageError('refused', `${this.#url}: its answer to ${path} has no end`)
      pieces.push(piece)
    }
    return { response, bytes: Buffer.concat(pieces) }
  }

  async #answered(path: string, withinMs?: number): Promise<Response> {
    for (let left = TRIES; ; left--) {
      const late = withinMs === undefined ? [] : [AbortSignal.timeout(withinMs)]
      const response = await this.#asked(path, AbortSignal.any([this.#signal, ...late]))
      if ((response.status !== 429 && response.status !== 503) || left === 1) return response
      await response.body?.cancel()
      const seconds = Math.min(Number(response.headers.get('retry-after')) || 1, LONGEST_WAIT_S)
      await sleep(seconds * 1000, undefined, { signal: this.#signal })
    }
  }

  async #asked(path: string, signal: AbortSignal): Promise<Response> {
    try {
      return await fetch(`${this.#url}/api/v1/${path}`, { signal, redirect: 'error' })
    } catch (error) {
      this.#signal.throwIfAborted()
      throw new UsageError('refused', `${this.#url}: no answer (${error instanceof Error ? error.message : String(error)})`)
    }
  }
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString())
  } catch {
    return null
  }
}
