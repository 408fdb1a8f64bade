import { type FSWatcher, watch } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Logger } from 'pino'
import { isNode, parseDocument } from 'yaml'
import { parseYaml, readYamlText, UsageError } from '../../protocol/index.ts'
import { replaceFile } from '../replace-file.ts'
import { defaultFileText } from './default-file.ts'
import { PreferencesFile, type PreferenceValues } from './schema.ts'

export const PREFERENCES_FILE = 'preferences.yaml'
/** An editor writes in several steps: they are one save. */
const SETTLE_MS = 100

/**
 * The volunteer's preferences: a file that a person edits and commands change. What is read always holds; a file that is
 * not right is told, in `problem` and the log, and what held before goes on.
 */
export class Preferences implements Disposable {
  readonly file: string
  readonly #log: Logger
  readonly #listeners = new Set<() => void>()
  #value: PreferenceValues
  #problem: string | null = null
  /** Of the file that was read last. */
  #stamp: string
  #watcher: FSWatcher | null = null
  #settling: NodeJS.Timeout | undefined
  /** Reads and changes, one after the other. */
  #turn: Promise<unknown> = Promise.resolve()

  private constructor(file: string, log: Logger, value: PreferenceValues, stamp: string) {
    this.file = file
    this.#log = log
    this.#value = value
    this.#stamp = stamp
  }

  /**
   * Reads the file of a data folder; where there is none one with all defaults is written.
   * @throws UsageError naming file, line, field and what was expected
   */
  static async open(folder: string, { log }: { log: Logger }): Promise<Preferences> {
    const file = join(folder, PREFERENCES_FILE)
    if ((await stampOf(file)) === null) await writeDefaultFile(file)
    const stamp = await stampOf(file)
    const value = await read(file)
    const preferences = new Preferences(file, log, value, stamp ?? '')
    preferences.#watch()
    return preferences
  }

  get value(): PreferenceValues {
    return this.#value
  }

  /** What is wrong with the file as it stands; null where it holds. */
  get problem(): string | null {
    return this.#problem
  }

  /** Calls when another value holds, or the problem is another. @returns what ends that */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Reads the file again if it was saved since. Never throws: what is wrong is told. */
  async refresh(): Promise<void> {
    await this.#inTurn(async () => {
      const stamp = await stampOf(this.file)
      if (stamp === this.#stamp) return
      this.#stamp = stamp ?? ''
      await this.#readAgain()
    })
  }

  /**
   * Changes one preference in the file; comments and the order of lines stay.
   * @param path for example `['gpu', 'off']`
   * @throws UsageError when there is no such preference, it cannot have that value, or the file as it stands is not right
   */
  async set(path: readonly string[], value: unknown): Promise<void> {
    await this.#inTurn(async () => {
      await read(this.file)
      const document = parseDocument(await readYamlText(this.file))
      for (let depth = 1; depth < path.length; depth++) {
        const group = path.slice(0, depth)
        if (!document.hasIn(group) || document.getIn(group) === null) document.setIn(group, document.createNode({}))
      }
      const [before, node] = [document.getIn(path, true), document.createNode(value, { flow: true })]
      if (isNode(before) && before.comment) node.comment = before.comment
      document.setIn(path, node)
      const text = document.toString({ lineWidth: 0 })
      parseYaml(this.file, text, PreferencesFile)
      await replace(this.file, text)
      this.#stamp = (await stampOf(this.file)) ?? ''
      await this.#readAgain()
    })
  }

  [Symbol.dispose](): void {
    this.#watcher?.close()
    clearTimeout(this.#settling)
    this.#listeners.clear()
  }

  async #readAgain(): Promise<void> {
    const problem = await read(this.file).then(
      (value) => {
        this.#value = value
        return null
      },
      (error: Error) => error.message,
    )
    if (problem === null) this.#log.info({ event: 'preferences-read', file: this.file })
    else this.#log.error({ event: 'preferences-not-read', detail: `${problem}; what held before goes on` })
    this.#problem = problem
    for (const listener of this.#listeners) listener()
  }

  async #inTurn(act: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(act)
    this.#turn = done.catch(() => {})
    await done
  }

  /** The folder, because editors put a new file in the place of the old. Where it cannot be watched, `refresh` does it alone. */
  #watch(): void {
    try {
      this.#watcher = watch(dirname(this.file), { persistent: false }, (_, name) => {
        if (name !== basename(this.file)) return
        clearTimeout(this.#settling)
        this.#settling = setTimeout(() => void this.refresh().catch(() => {}), SETTLE_MS)
        this.#settling.unref()
      })
      this.#watcher.on('error', () => this.#watcher?.close())
    } catch {
      this.#watcher = null
    }
  }
}

/**
 * Whether there is a file in a data folder that holds; false where there is none yet.
 * @throws UsageError naming file, line, field and what was expected
 */
export async function checkPreferences(folder: string): Promise<boolean> {
  const file = join(folder, PREFERENCES_FILE)
  if ((await stampOf(file)) === null) return false
  await read(file)
  return true
}

/** Writes every preference with its default and what it means. @throws UsageError `file` */
export async function writeDefaultFile(file: string): Promise<void> {
  await replace(file, defaultFileText())
}

async function read(file: string): Promise<PreferenceValues> {
  return parseYaml(file, await readYamlText(file), PreferencesFile).value
}

async function replace(file: string, text: string): Promise<void> {
  await replaceFile(file, text).catch((error: Error) => {
    throw new UsageError('file', `${file}: cannot be written (${error.message})`)
  })
}

async function stampOf(file: string): Promise<string | null> {
  const found = await stat(file, { bigint: true }).catch(() => null)
  return found === null ? null : `${found.ino} ${found.size} ${found.mtimeNs}`
}
