import { cidOf, decodeCanonical, KernelswarmError, Program } from '../../protocol/index.ts'
import type { Store } from '../store/store.ts'

/** What the log names and the store or its archives keep, read one piece at a time. */
export class Content {
  readonly #store: Pick<Store, 'content'>

  constructor(store: Pick<Store, 'content'>) {
    this.#store = store
  }

  /** @throws KernelswarmError `store` when it is not there, ArchiveError when the archive that has it cannot be read */
  async bytes(cid: string): Promise<Uint8Array> {
    const bytes = await this.#store.content(cid)
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
