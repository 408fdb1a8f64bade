import { type FileHandle, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { KernelswarmError, makeFolder, UsageError } from '../../protocol/index.ts'
import { JournalEvent } from './events.ts'
import { sync } from './folder.ts'
import { apply } from './loop.ts'
import type { LoopState } from './rounds.ts'

/** What happens, without the time, which the journal adds. */
export type NewEvent = JournalEvent extends infer E ? (E extends JournalEvent ? Omit<E, 'at'> : never) : never

/**
 * The truth about a loop: a line an event, on disk before anything is done that rests on it. A line that was being written
 * when the machine stopped has no end and is dropped; nobody was told of it.
 */
export class Journal implements AsyncDisposable {
  readonly #handle: FileHandle
  #rounds: LoopState

  private constructor(handle: FileHandle, rounds: LoopState) {
    this.#handle = handle
    this.#rounds = rounds
  }

  /** @throws UsageError `file` when the journal cannot be read or is none */
  static async open(file: string): Promise<Journal> {
    await makeFolder(dirname(file))
    const handle = await open(file, 'a+')
    try {
      const { rounds, whole } = fold(await handle.readFile(), file)
      await handle.truncate(whole)
      await sync(dirname(file))
      return new Journal(handle, rounds)
    } catch (error) {
      await handle.close()
      throw error
    }
  }

  get rounds(): LoopState {
    return this.#rounds
  }

  async append(event: NewEvent): Promise<void> {
    const whole = JournalEvent.parse({ ...event, at: new Date().toISOString() })
    try {
      await this.#handle.appendFile(`${JSON.stringify(whole)}\n`)
      await this.#handle.sync()
    } catch (error) {
      throw new KernelswarmError('unfinished', `the loop's journal cannot be written (${(error as Error).message})`)
    }
    this.#rounds = apply(this.#rounds, whole)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle.close()
  }
}

/** What a journal says, for who only looks; no rounds where there is none. */
export async function readJournal(file: string): Promise<LoopState> {
  const handle = await open(file, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw new UsageError('file', `${file}: cannot be read (${error.message})`)
  })
  if (handle === null) return []
  await using opened = handle
  return fold(await opened.readFile(), file).rounds
}

/** @returns the rounds, and how many bytes of the file are whole lines */
function fold(bytes: Buffer, file: string): { rounds: LoopState; whole: number } {
  const whole = bytes.lastIndexOf(0x0a) + 1
  const lines = bytes.toString('utf8', 0, whole).split('\n').slice(0, -1)
  let rounds: LoopState = []
  for (const [index, line] of lines.entries()) rounds = apply(rounds, parse(line, `${file}, line ${index + 1}`))
  return { rounds, whole }
}

function parse(line: string, at: string): JournalEvent {
  try {
    return JournalEvent.parse(JSON.parse(line))
  } catch {
    throw new UsageError('file', `${at}: not an event of a loop's journal; was the file changed?`)
  }
}
