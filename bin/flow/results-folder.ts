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

/**
 * Result files on their way into a folder. They get their names when all are complete, so that what stands there is never half of
 * a round. Where the line is cut, another fetch goes on: files that are whole by then and say the same whenever they are
 * made are not asked for again.
 */
export class ResultsFolder implements AsyncDisposable {
  readonly #out: string
  readonly #options: SaveOptions
  /** Those that are whole, under another name for now. */
  readonly #whole: string[] = []

  constructor(out: string, options: SaveOptions) {
    this.#out = out
    this.#options = options
  }

  /**
   * Fetches what is missing. Returns the names of all.
   * @param heard called whenever something came
   */
  async fetch(client: ResearcherClient, round: string, heard: () => void = () => {}): Promise<string[]> {
    const { partial } = this.#options
    const begun: string[] = []
    const begin = (name: string) => {
      begun.push(name)
      return this.#part(name)
    }
    const files = this.#whole.length === 0 ? {} : { files: RESULT_FILES.filter((name) => !this.#whole.includes(name)) }
    try {
      await fetchInto(client.fetch(round, { ...this.#options, ...files }), begin, heard)
    } catch (error) {
      // The last one is not whole; one of a round that goes on says something else by then.
      const steady = begun.slice(0, -1).filter((name) => !partial && STEADY_FILES.some((one) => one === name))
      this.#whole.push(...steady)
      for (const name of begun) if (!steady.includes(name)) await rm(this.#part(name), { force: true })
      const { syscall, message } = error as NodeJS.ErrnoException
      throw syscall === undefined
        ? error
        : new KernelswarmError('unfinished', `${this.#out}: results cannot be written (${message})`)
    }
    const all = [...this.#whole.splice(0), ...begun]
    for (const name of all) await rename(this.#part(name), join(this.#out, name))
    return all
  }

  /** What is not complete by then leaves nothing behind. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const name of this.#whole) await rm(this.#part(name), { force: true })
  }

  #part(name: string): string {
    return join(this.#out, `${name}.part`)
  }
}

/** Fetches all result files into a folder, over a line that is not made again. */
export async function saveResults(client: ResearcherClient, round: string, out: string, options: SaveOptions): Promise<string[]> {
  await using folder = new ResultsFolder(out, options)
  return await folder.fetch(client, round)
}

/** Written at most before it is waited until it is on disk: at the end of a large file that may take longer than the sender waits for us. */
const SYNC_BYTES = 64 * 1024 ** 2

/** Writes each file to where it is told; one is on disk before the next begins. */
async function fetchInto(
  files: AsyncIterable<{ name: string; bytes: Uint8Array }>,
  begin: (name: string) => string,
  heard: () => void,
): Promise<void> {
  let current = ''
  let handle: FileHandle | null = null
  let unsynced = 0
  try {
    for await (const { name, bytes } of files) {
      heard()
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
