import { closeSync, fstatSync, openSync, renameSync, writeSync } from 'node:fs'
import { open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { LOG_FILE_BYTES, MAX_LOG_LINES } from './limits.ts'

const NAME = 'node.log'

/** The log in a data folder: one JSON object a line, in two files of bounded size. What cannot be written is left out. */
export class LogFile {
  readonly #file: string
  #fd: number
  #bytes: number

  constructor(data: string) {
    this.#file = join(data, NAME)
    this.#fd = openSync(this.#file, 'a', 0o600)
    this.#bytes = fstatSync(this.#fd).size
  }

  write(line: string): void {
    try {
      if (this.#bytes > LOG_FILE_BYTES) this.#turn()
      this.#bytes += writeSync(this.#fd, line)
    } catch {
      // A full disk is told where the node looks at its disk; the log goes to standard error as well.
    }
  }

  close(): void {
    closeSync(this.#fd)
  }

  #turn(): void {
    renameSync(this.#file, `${this.#file}.1`)
    const fd = openSync(this.#file, 'a', 0o600)
    closeSync(this.#fd)
    this.#fd = fd
    this.#bytes = 0
  }
}

/** The last lines of the log of a folder, the oldest first. */
export async function lastLines(data: string, count: number): Promise<string[]> {
  const most = Math.min(count, MAX_LOG_LINES)
  const lines: string[] = []
  for (const name of [NAME, `${NAME}.1`]) {
    if (lines.length >= most) break
    const text = await readFile(join(data, name), 'utf8').catch(() => '')
    lines.unshift(...text.split('\n').filter((line) => line !== ''))
  }
  return lines.slice(-most)
}

/** Lines as they come, from now on, until the signal. */
export async function* newLines(data: string, options: { everyMs: number; signal: AbortSignal }): AsyncGenerator<string> {
  const file = join(data, NAME)
  let at: { inode: number; size: number } | null = null
  let rest = ''
  while (!options.signal.aborted) {
    const handle = await open(file, 'r').catch(() => null)
    if (handle !== null) {
      const { ino: inode, size } = await handle.stat()
      const from: number = at === null ? size : at.inode === inode ? Math.min(at.size, size) : 0
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(size - from), 0, size - from, from)
      await handle.close()
      at = { inode, size: from + bytesRead }
      const parts = (rest + buffer.subarray(0, bytesRead).toString()).split('\n')
      rest = parts.pop() ?? ''
      yield* parts
    }
    await new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer)
        options.signal.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, options.everyMs)
      options.signal.addEventListener('abort', done)
    })
  }
}
