import { readFile, rename, stat, writeFile } from 'node:fs/promises'
import { z } from 'zod'
import { LONGEST_BAN_MS, MAX_REMEMBERED_PEERS } from '../../protocol/index.ts'
import type { Journal } from '../operations/journal.ts'
import type { Door } from './door.ts'

/** How often it is seen whether there is something new to keep: what a crash loses at most. */
const KEEP_MS = 60_000
/** Longest file that is read: as many keys as are remembered, with their places, and bans. */
const MAX_FILE_BYTES = 8 * 1024 * 1024

const Ban = z.strictObject({
  who: z.string().max(200),
  code: z.string().max(40),
  until: z.number().nonnegative(),
  lastedMs: z.number().min(0).max(LONGEST_BAN_MS),
})
const bans = z.array(Ban).max(MAX_REMEMBERED_PEERS)
const Memory = z.strictObject({
  v: z.literal(1),
  known: z.array(z.tuple([z.string().max(200), z.string().max(200).nullable()])).max(MAX_REMEMBERED_PEERS),
  bans: z.strictObject({ peers: bans, places: bans }),
})

/**
 * Keeps what a door knows in a file, so that a restart in the middle of a flood neither lets the banned in nor takes those who work for
 * strangers. It is no part of the log: nothing is decided by it, and a coordinator that has lost it learns it anew.
 */
export class DoorFile {
  readonly #door: Door
  readonly #log: Journal
  readonly #file: string
  #written = ''
  #timer: NodeJS.Timeout | null = null
  #keeping: Promise<void> = Promise.resolve()

  constructor(components: { door: Door; log: Journal }, { file }: { file: string }) {
    this.#door = components.door
    this.#log = components.log
    this.#file = file
  }

  /** Puts in what was kept last, and keeps from now on. */
  async start(): Promise<void> {
    const memory = await this.#read()
    if (memory !== null) this.#door.remember(memory)
    this.#timer = setInterval(() => {
      this.#keeping = this.#keep()
    }, KEEP_MS)
  }

  /** Keeps once more. */
  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer)
    await this.#keeping
    await this.#keep()
  }

  async #read(): Promise<z.infer<typeof Memory> | null> {
    try {
      if ((await stat(this.#file)).size > MAX_FILE_BYTES) throw new Error('too large')
      return Memory.parse(JSON.parse(await readFile(this.#file, 'utf8')))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') this.#trouble(error as Error)
      return null
    }
  }

  /** A disk that cannot be written costs what would have been remembered, and nothing else. */
  async #keep(): Promise<void> {
    const text = `${JSON.stringify({ v: 1, ...this.#door.memory() } satisfies z.input<typeof Memory>)}\n`
    if (text === this.#written) return
    try {
      await writeFile(`${this.#file}.part`, text, { mode: 0o600 })
      await rename(`${this.#file}.part`, this.#file)
      this.#written = text
    } catch (error) {
      this.#trouble(error as Error)
    }
  }

  #trouble(error: Error): void {
    this.#log.warn({ event: 'door-memory' })
    // What a file has that is none may be in its words.
    this.#log.debug({ event: 'door-memory', detail: error.message })
  }
}
