import { decodeCanonical, holds, Program, ProtocolError } from '../protocol/index.ts'

/** Bytes of programs kept in memory: the originals of some hundred cases, which come again with every sample. */
const KEPT_BYTES = 32 * 1024 * 1024
/** However small they are: as objects they take several times their bytes. */
export const KEPT_PROGRAMS = 1_000

/**
 * Programs by name, least recently used dropped first. Nothing a coordinator sends is believed: the name must be the
 * bytes' hash, the form canonical, the schema right.
 */
export class Programs {
  readonly #kept = new Map<string, { program: Program; size: number }>()
  #size = 0

  get(cid: string): Program | undefined {
    const found = this.#kept.get(cid)
    if (found === undefined) return undefined
    this.#kept.delete(cid)
    this.#kept.set(cid, found)
    return found.program
  }

  /** Checks and keeps a program. @throws ProtocolError when the bytes are not what the name says, or no program */
  async add(cid: string, bytes: Uint8Array): Promise<Program> {
    if (!(await holds(cid, bytes))) throw new ProtocolError('schema', `program ${cid}: the bytes have another hash`)
    const parsed = Program.safeParse(decodeCanonical(bytes))
    if (!parsed.success)
      throw new ProtocolError('schema', `program ${cid}: ${parsed.error.issues[0]?.message ?? 'not a program'}`)
    // Two coordinators, or two connections to one, may send the same.
    if (this.get(cid) !== undefined) return parsed.data
    this.#kept.set(cid, { program: parsed.data, size: bytes.byteLength })
    this.#size += bytes.byteLength
    for (const [oldest, { size }] of this.#kept) {
      if ((this.#size <= KEPT_BYTES && this.#kept.size <= KEPT_PROGRAMS) || oldest === cid) break
      this.#kept.delete(oldest)
      this.#size -= size
    }
    return parsed.data
  }
}
