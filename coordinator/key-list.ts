import { open, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { peerIdFromString } from '@libp2p/peer-id'
import { makeFolder, UsageError } from '../protocol/index.ts'

/** Largest list that is read: some ten thousand keys. */
const MAX_LIST_BYTES = 1024 * 1024

/** What may stand behind a key, as `name=value`. */
export interface Setting<T> {
  name: string
  /** What a key says that stands alone. */
  alone: (key: string) => T
  /** What a value says, or null where it is none. */
  read: (value: string) => T | null
  /** What a line may be, for whoever wrote another one. */
  expected: string
  /** Which command prints such a key. */
  printedBy: string
}

/**
 * A file of keys that a person edits too: a peer id a line, with a setting behind it where it has one; `#` begins a comment, and of two
 * lines with one key the later counts. Read anew each time, so that an edit counts at once.
 */
export class KeyList<T> {
  readonly #file: string
  readonly #setting: Setting<T>

  constructor(file: string, setting: Setting<T>) {
    this.#file = file
    this.#setting = setting
  }

  /** Keys and what is said of them; none where there is no file. @throws UsageError `file` */
  async read(): Promise<Map<string, T>> {
    const text = await readFile(this.#file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return ''
      throw new UsageError('file', `${this.#file}: cannot be read (${error.message})`)
    })
    if (Buffer.byteLength(text) > MAX_LIST_BYTES) {
      throw new UsageError('file', `${this.#file}: more than ${MAX_LIST_BYTES} bytes`)
    }
    const lines = text.split('\n').map((line) => line.replace(/#.*/, '').trim())
    return new Map(lines.filter(Boolean).map((line) => this.#readLine(line)))
  }

  /**
   * Adds a line for a key, unless what it would say is said already.
   * @param value of the setting; null: the key alone
   * @throws UsageError when the key is no peer id, or the file cannot be written
   */
  async add(key: string, value: string | null): Promise<'added' | 'known'> {
    try {
      peerIdFromString(key)
    } catch {
      const { printedBy } = this.#setting
      throw new UsageError('option', `${key}: not a peer id; expected something like 12D3KooW... (\`${printedBy}\` prints it)`)
    }
    const line = value === null ? key : `${key} ${this.#setting.name}=${value}`
    const [, says] = this.#readLine(line)
    if ((await this.read()).get(key) === says) return 'known'
    await makeFolder(dirname(this.#file), { secret: true })
    try {
      await using handle = await open(this.#file, 'a', 0o600)
      await handle.writeFile(`${line}\n`)
      await handle.sync()
    } catch (error) {
      throw new UsageError('file', `${this.#file}: cannot be written (${(error as Error).message})`)
    }
    return 'added'
  }

  #readLine(line: string): [string, T] {
    const { name, alone, read, expected } = this.#setting
    const [key = '', setting, ...more] = line.split(/\s+/)
    if (setting === undefined) return [key, alone(key)]
    const says = setting.startsWith(`${name}=`) ? read(setting.slice(name.length + 1)) : null
    if (says === null || more.length > 0) throw new UsageError('file', `${this.#file}: ${line}: expected ${expected}`)
    return [key, says]
  }
}
