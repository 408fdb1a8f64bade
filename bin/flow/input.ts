import { randomUUID } from 'node:crypto'
import { type FileHandle, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import {
  type Case,
  type CaseFileSummary,
  type CaseSource,
  checkCaseFile,
  fileSource,
  makeFolder,
  READ_BYTES,
  UsageError,
} from '../../protocol/index.ts'

/** What stands for standard input where a file of cases is asked for. */
const STDIN = '-'

/** Cases that were read through once, and can be read again until this is disposed of. */
export interface CheckedCases extends AsyncDisposable {
  source: CaseSource
  summary: CaseFileSummary
}

export interface OpenCasesInit {
  /** Folder where standard input is kept meanwhile. */
  spool: string
  signal: AbortSignal
  /** Hears every case while they are checked. */
  onCase?: (item: Case) => void | Promise<void>
}

/**
 * Checks a file of cases, or standard input (`-`), which is kept on disk meanwhile, since it is read twice.
 * @throws UsageError as `checkCaseFile`
 */
export async function openCases(file: string, { spool, signal, onCase }: OpenCasesInit): Promise<CheckedCases> {
  const options = { signal, ...(onCase === undefined ? {} : { onCase }) }
  if (file !== STDIN) {
    const source = fileSource(file)
    return { source, summary: await checkCaseFile(source, options), [Symbol.asyncDispose]: async () => {} }
  }
  if (process.stdin.isTTY) throw new UsageError('file', 'standard input is a terminal; pipe the cases in, or name a file')
  const source = await Spool.open(process.stdin, { folder: spool, name: 'standard input', signal })
  try {
    const summary = await checkCaseFile(source, options)
    return { source, summary, [Symbol.asyncDispose]: async () => await source[Symbol.asyncDispose]() }
  } catch (error) {
    await source[Symbol.asyncDispose]()
    throw signal.aborted ? signal.reason : error
  }
}

export interface SpoolInit {
  folder: string
  name: string
  signal: AbortSignal
}

/**
 * A stream that is read once, as it comes, and again from a file that has no name any more: when the process ends, however it
 * does, the file is gone.
 */
export class Spool implements CaseSource, AsyncDisposable {
  readonly name: string
  readonly #stream: Readable
  readonly #handle: FileHandle
  readonly #folder: string
  #whole = false

  private constructor(stream: Readable, handle: FileHandle, { name, folder }: SpoolInit) {
    this.#stream = stream
    this.#handle = handle
    this.name = name
    this.#folder = folder
  }

  /** @throws UsageError `file` where nothing can be kept in the folder */
  static async open(stream: Readable, init: SpoolInit): Promise<Spool> {
    const { folder, signal } = init
    const file = join(folder, `${randomUUID()}.spool`)
    await makeFolder(folder, { secret: true })
    const handle = await open(file, 'wx+', 0o600).catch((error: Error) => {
      throw cannotKeep(init, error)
    })
    await rm(file)
    const stop = () => stream.destroy(signal.reason as Error)
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop, { once: true })
    return new Spool(stream, handle, init)
  }

  async *chunks(): AsyncGenerator<Uint8Array> {
    if (!this.#whole) {
      for await (const chunk of this.#stream as AsyncIterable<Buffer>) {
        await this.#handle.appendFile(chunk).catch((error: Error) => {
          throw cannotKeep({ name: this.name, folder: this.#folder }, error)
        })
        yield chunk
      }
      this.#whole = true
      return
    }
    for (let at = 0; ; ) {
      const { bytesRead, buffer } = await this.#handle.read(Buffer.alloc(READ_BYTES), 0, READ_BYTES, at)
      if (bytesRead === 0) return
      at += bytesRead
      yield buffer.subarray(0, bytesRead)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stream.destroy()
    await this.#handle.close()
  }
}

function cannotKeep({ name, folder }: Pick<SpoolInit, 'name' | 'folder'>, error: Error): UsageError {
  return new UsageError('file', `${name}: cannot be kept in ${folder} until it is sent (${error.message})`)
}
