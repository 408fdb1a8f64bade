import { cidOf, decodeCanonical, KernelswarmError, Program } from '../../protocol/index.ts'
import { Breath } from '../breath.ts'
import { Shelf } from '../shelf.ts'
import type { Store } from '../store/store.ts'

/** Bytes held of what was read last: both sides of a case mostly print the same, and many translations have one original. */
const HELD_BYTES = 8 * 1024 * 1024
/** Contents that are read at once. */
const READ_AT_ONCE = 32

/** What the log names and the store or its archives keep. */
export class Content {
  readonly #shelf: Shelf

  constructor(store: Pick<Store, 'contents'>) {
    this.#shelf = new Shelf((cids) => store.contents(cids), { most: HELD_BYTES })
  }

  /**
   * Gives out entries one after the other, and has read what they name by then, some at a time: to ask the disk takes much longer than
   * it takes to answer.
   */
  async *readFor<T>(entries: Iterable<T>, namesOf: (entry: T) => Iterable<string>): AsyncGenerator<T> {
    let waiting: T[] = []
    let names = new Set<string>()
    // Nothing may have to be read for a long time.
    const breath = new Breath()
    for (const entry of entries) {
      await breath.take()
      waiting.push(entry)
      for (const name of namesOf(entry)) if (names.size < READ_AT_ONCE) names.add(name)
      if (names.size < READ_AT_ONCE && waiting.length < READ_AT_ONCE) continue
      await this.#read(names)
      yield* waiting
      waiting = []
      names = new Set()
    }
    await this.#read(names)
    yield* waiting
  }

  /** What cannot be read is said to whoever asks for it. */
  async #read(names: Iterable<string>): Promise<void> {
    await Promise.allSettled([...names].map((name) => this.#shelf.get(name)))
  }

  /** @throws KernelswarmError `store` when it is not there, ArchiveError when the archive that has it cannot be read */
  async bytes(cid: string): Promise<Uint8Array> {
    const bytes = await this.#shelf.get(cid)
    if (bytes === undefined) throw new KernelswarmError('store', `${cid} is named in the event log and missing in the store`)
    return bytes
  }

  async program(cid: string): Promise<Program> {
    return Program.parse(decodeCanonical(await this.bytes(cid)))
  }

  /** A signed verdict, which the store keeps under its payload's name; and the name of the envelope's own bytes. */
  async envelope(payload: string): Promise<{ cid: string; bytes: Uint8Array }> {
    const bytes = await this.bytes(payload)
    return { cid: await cidOf(bytes, 'raw'), bytes }
  }
}
