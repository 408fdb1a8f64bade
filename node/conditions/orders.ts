import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { UsageError } from '../../protocol/index.ts'
import { replaceFile } from '../replace-file.ts'

/** What its owner has told a node to do, beside the preferences. */
export interface Orders {
  /** Until told otherwise, also over restarts. */
  paused: boolean
  /** Milliseconds of the clock; also over restarts. */
  snoozedUntil: number | null
  /** Ends when nothing runs any more. This and what follows ends with the process. */
  finishing: boolean
  /** Ends after so many more tasks. */
  tasksLeft: number | null
  /** Finishes from then on, milliseconds of the clock. */
  finishAt: number | null
}

export const NO_ORDERS: Orders = { paused: false, snoozedUntil: null, finishing: false, tasksLeft: null, finishAt: null }

const Kept = z.object({ paused: z.boolean(), snoozedUntil: z.number().nullable() })

/** The orders that outlive a process, in a file of the data folder. */
export class OrdersFile {
  readonly #file: string
  #writing: Promise<unknown> = Promise.resolve()
  constructor(file: string) {
    this.#file = file
  }

  /** None where there is no such file. @throws UsageError `file` where it is not one of ours: a pause must not be forgotten */
  async read(): Promise<Orders> {
    const text = await readFile(this.#file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null
      throw new UsageError('file', `${this.#file}: ${error.message}`)
    })
    if (text === null) return NO_ORDERS
    const kept = Kept.safeParse(jsonOf(text))
    if (!kept.success)
      throw new UsageError('file', `${this.#file}: not as this node writes it; remove it, and pause again if it was paused`)
    return { ...NO_ORDERS, ...kept.data }
  }

  /** Is on disk when it resolves. @throws UsageError `file` */
  async write({ paused, snoozedUntil }: Orders): Promise<void> {
    const text = `${JSON.stringify({ paused, snoozedUntil })}\n`
    const written = this.#writing.then(() => replaceFile(this.#file, text))
    this.#writing = written.catch(() => {})
    await written.catch((error: Error) => {
      throw new UsageError('file', `${this.#file}: cannot be written (${error.message})`)
    })
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
