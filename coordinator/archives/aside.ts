import { type FileHandle, open, rm } from 'node:fs/promises'
import { readFrom } from './read-from.ts'

/** Bytes and the name they give themselves. */
export interface Block {
  cid: string
  bytes: Uint8Array
}

/** Blocks put aside on disk until they are wanted, in their order. The file has no name from the beginning on, and goes with whoever has it open. */
export class Aside implements AsyncDisposable {
  readonly #file: FileHandle
  readonly #blocks: { cid: string; length: number }[] = []

  private constructor(file: FileHandle) {
    this.#file = file
  }

  /** @param path where the file is made; one that is there, of somebody who was killed before it lost its name, is used */
  static async at(path: string): Promise<Aside> {
    const file = await open(path, 'w+', 0o600)
    try {
      await rm(path)
      return new Aside(file)
    } catch (error) {
      await file.close()
      throw error
    }
  }

  /** @throws whatever the disk says */
  async put({ cid, bytes }: Block): Promise<void> {
    await this.#file.writeFile(bytes)
    this.#blocks.push({ cid, length: bytes.byteLength })
  }

  /** All that was put, from the first on. */
  async *blocks(): AsyncGenerator<Block> {
    let offset = 0
    for (const { cid, length } of this.#blocks) {
      const bytes = await readFrom(this.#file, offset, length)
      if (bytes === null) throw new Error(`what was put aside for an archive ends at byte ${offset}`)
      yield { cid, bytes }
      offset += length
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close()
  }
}
