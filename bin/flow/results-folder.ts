import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import {
  KernelswarmError,
  makeFolder,
  RESULT_FILES,
  type ResearcherClient,
  STEADY_FILES,
  UsageError,
} from '../../protocol/index.ts'

/** A folder results can be written to. @throws UsageError `file` before anything long is begun */
export async function prepareOut(out: string): Promise<void> {
  const probe = join(out, '.kernelswarm-probe')
  await makeFolder(out)
  try {
    await (await open(probe, 'w')).close()
    await rm(probe)
  } catch (error) {
    throw new UsageError('file', `${out}: cannot be written (${(error as Error).message}); choose another --out folder`)
  }
}

export interface SaveOptions {
  partial: boolean
  merged?: boolean
}

/** Tries in a row that break no later than those before them: what is in the way then stays in the way. */
const MAX_STUCK = 8

/**
 * Result files on their way into a folder. They get their names when all are complete, so that what stands there is never half of
 * a round. Where the line is cut, another fetch goes on: files that are whole by then and say the same whenever they are
 * made are not asked for again.
 */
export class ResultsFolder implements AsyncDisposable {
  readonly #out: string
  readonly #options: SaveOptions
  /** Those that are whole, under another name for now. */
  #whole: string[] = []
  /** By file, the most bytes that came in one try. */
  readonly #reached = new Map<string, number>()
  #stuck = 0

  constructor(out: string, options: SaveOptions) {
    this.#out = out
    this.#options = options
  }

  /**
   * Fetches what is missing. Returns the names of all.
   * @param heard called whenever something came
   * @throws what breaks the line; KernelswarmError `unfinished` when nothing can be written, or it broke at the same place many times
   */
  async fetch(client: ResearcherClient, round: string, heard: () => void = () => {}): Promise<string[]> {
    const begun: string[] = []
    const begin = (name: string) => {
      begun.push(name)
      return this.#part(name)
    }
    const arriving = new Arriving(
      client.fetch(round, { ...this.#options, except: this.#whole }),
      this.#whole,
      this.#reached,
      heard,
    )
    try {
      await fetchInto(arriving.pieces(), begin)
    } catch (error) {
      // The last one is not whole; one of a round that goes on says something else by then.
      const steady = begun.slice(0, -1).filter((name) => !this.#options.partial && STEADY_FILES.some((one) => one === name))
      await this.#remove(begun.filter((name) => !steady.includes(name)))
      this.#whole = [...this.#whole, ...steady]
      throw this.#told(error as Error, arriving)
    }
    this.#whole = inOrder([...this.#whole, ...begun])
    const all = this.#whole
    try {
      for (const name of all) await rename(this.#part(name), join(this.#out, name))
    } catch (error) {
      throw this.#told(error as Error, arriving)
    }
    this.#whole = []
    return all
  }

  /** What is not complete by then leaves nothing behind. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#remove(this.#whole)
  }

  #told(error: Error, { came, further }: Arriving): Error {
    const { syscall, message } = error as NodeJS.ErrnoException
    if (syscall !== undefined) return new KernelswarmError('unfinished', `${this.#out}: results cannot be written (${message})`)
    this.#stuck = came && !further ? this.#stuck + 1 : 0
    if (this.#stuck < MAX_STUCK) return error
    return new KernelswarmError('unfinished', `the results broke off at the same place ${MAX_STUCK + 1} times (${message})`)
  }

  async #remove(names: readonly string[]): Promise<void> {
    for (const name of names) await rm(this.#part(name), { force: true })
  }

  #part(name: string): string {
    return join(this.#out, `${name}.part`)
  }
}

interface Piece {
  name: string
  bytes: Uint8Array
}

/** What comes in one try, and whether it got further than those before. */
class Arriving {
  came = false
  further = false
  readonly #source: AsyncIterable<Piece>
  readonly #whole: readonly string[]
  readonly #reached: Map<string, number>
  readonly #heard: () => void

  constructor(source: AsyncIterable<Piece>, whole: readonly string[], reached: Map<string, number>, heard: () => void) {
    this.#source = source
    this.#whole = whole
    this.#reached = reached
    this.#heard = heard
  }

  async *pieces(): AsyncGenerator<Piece> {
    let [current, bytes] = ['', 0]
    for await (const piece of this.#source) {
      this.#heard()
      this.came = true
      // It was said that it is here.
      if (this.#whole.includes(piece.name)) continue
      if (piece.name !== current) [current, bytes] = [piece.name, 0]
      bytes += piece.bytes.byteLength
      if (bytes > (this.#reached.get(current) ?? -1)) {
        this.#reached.set(current, bytes)
        this.further = true
      }
      yield piece
    }
  }
}

/** Those that are known in the order in which they are given out, others after them. */
function inOrder(names: readonly string[]): string[] {
  const known: string[] = RESULT_FILES.filter((name) => names.includes(name))
  return [...known, ...names.filter((name) => !known.includes(name))]
}

/** Fetches all result files into a folder, over a line that is not made again. */
export async function saveResults(client: ResearcherClient, round: string, out: string, options: SaveOptions): Promise<string[]> {
  await using folder = new ResultsFolder(out, options)
  return await folder.fetch(client, round)
}

/** Written at most before it is waited until it is on disk: at the end of a large file that may take longer than the sender waits for us. */
const SYNC_BYTES = 64 * 1024 ** 2

/** Writes each file to where it is told; one is on disk before the next begins. */
async function fetchInto(files: AsyncIterable<Piece>, begin: (name: string) => string): Promise<void> {
  let current = ''
  let handle: FileHandle | null = null
  let unsynced = 0
  try {
    for await (const { name, bytes } of files) {
      if (name !== current) {
        await handle?.sync()
        await handle?.close()
        handle = null
        handle = await open(begin(name), 'w')
        current = name
        unsynced = 0
      }
      await handle?.writeFile(bytes)
      unsynced += bytes.byteLength
      if (unsynced < SYNC_BYTES) continue
      await handle?.sync()
      unsynced = 0
    }
    await handle?.sync()
  } finally {
    await handle?.close()
  }
}
