import { type FileHandle, open } from 'node:fs/promises'
import { decodeCanonical } from '../canonical.ts'
import { CID_BYTES, holds } from '../content.ts'
import { UsageError } from '../errors.ts'
import { BlockIndex, type Place } from './block-index.ts'
import { CarError, headerFor, MAX_BLOCK_BYTES, MAX_VARINT_BYTES, readCid, readVarint } from './form.ts'

/** What is read of a file at once while it is gone through. */
const WINDOW_BYTES = 1024 * 1024
/** Longest header that is read: one root has 59. */
const MAX_HEADER_BYTES = 256

/** A block on the way through a file. */
export interface CarBlock extends Place {
  cid: string
  /** Of its section's length. */
  start: number
}

/**
 * An archive on disk. What is held in memory is where its blocks are (`BlockIndex`) and a window of the file; a block is
 * read when it is asked for, and checked against its name.
 */
export class CarFile implements AsyncDisposable {
  /** Name of the first block. */
  readonly root: string
  readonly bytes: number
  readonly #handle: FileHandle
  readonly #index: BlockIndex
  readonly #window: Window
  readonly #from: number
  #complete = false

  private constructor(handle: FileHandle, window: Window, header: { root: string; end: number }) {
    this.#handle = handle
    this.#window = window
    this.#index = new BlockIndex()
    this.root = header.root
    this.#from = header.end
    this.bytes = window.size
  }

  /**
   * Opens an archive and reads its header; `scan` reads the rest.
   * @throws UsageError `file` when it cannot be read, CarError when it does not begin as an archive does
   */
  static async begin(file: string): Promise<CarFile> {
    const handle = await open(file, 'r').catch((error: NodeJS.ErrnoException) => {
      throw new UsageError('file', `${file}: ${error.code === 'ENOENT' ? 'no such file' : error.message}`)
    })
    try {
      const info = await handle.stat()
      if (!info.isFile()) throw new UsageError('file', `${file}: not a file; expected an archive such as round.car`)
      const window = new Window(handle, info.size)
      return new CarFile(handle, window, await readHeader(window))
    } catch (error) {
      await handle.close()
      throw error
    }
  }

  /**
   * Opens an archive for reading blocks by name. Its sections are gone through once, from length to length; blocks are checked
   * when they are read.
   * @throws as `begin` and `scan`
   */
  static async open(file: string): Promise<CarFile> {
    const car = await CarFile.begin(file)
    try {
      for await (const _ of car.scan());
      return car
    } catch (error) {
      await car.close()
      throw error
    }
  }

  get blocks(): number {
    return this.#index.size
  }

  /**
   * Goes through the sections in order, once; from then on blocks are found by name.
   * @throws CarError at the first byte that is not in the form of an archive, or where a name comes twice
   */
  async *scan(): AsyncGenerator<CarBlock> {
    if (this.#complete || this.#index.size > 0) throw new Error('an archive is gone through once')
    for (let start = this.#from; start < this.bytes; ) {
      const found = await readSection(this.#window, start)
      if (!this.#index.add(found.cid, found)) throw new CarError(start, `block ${found.cid} is there twice`)
      yield { number: this.#index.size - 1, start, ...found }
      start = found.offset + found.length
    }
    this.#complete = true
  }

  /** Where a block is, if it is there and the scan has come to it. */
  find(cid: string): Place | undefined {
    return this.#index.find(cid)
  }

  /** @param number less than `blocks` */
  place(number: number): Place {
    return this.#index.place(number)
  }

  /** The bytes of a place, whatever they are. */
  async read({ offset, length }: Omit<Place, 'number'>): Promise<Uint8Array> {
    return await this.#window.copy(offset, length)
  }

  /** A block by its name, or undefined where there is none. @throws CarError when its bytes are not what the name says */
  async get(cid: string): Promise<Uint8Array | undefined> {
    const place = this.find(cid)
    if (place === undefined) return undefined
    const bytes = await this.read(place)
    if (!(await holds(cid, bytes))) throw new CarError(place.offset, `block ${cid} is not what its name says`)
    return bytes
  }

  async close(): Promise<void> {
    await this.#handle.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}

async function readHeader(window: Window): Promise<{ root: string; end: number }> {
  const length = readVarint(await window.at(0, MAX_VARINT_BYTES), 0)
  if (length === null || length.value === 0 || length.value > MAX_HEADER_BYTES)
    throw new CarError(0, 'it does not begin as a CAR does')
  const end = length.width + length.value
  const bytes = new Uint8Array(await window.at(length.width, length.value))
  if (bytes.length < length.value) throw new CarError(window.size, 'it ends within its header')
  const root = rootIn(bytes)
  if (root === null || Buffer.compare(headerFor(root), bytes) !== 0) {
    throw new CarError(length.width, 'its header is not that of a CAR of version 1 with one root')
  }
  return { root, end }
}

function rootIn(header: Uint8Array): string | null {
  try {
    const { roots } = decodeCanonical(header) as { roots: unknown[] }
    return readCid((roots[0] as { bytes: Uint8Array }).bytes, 0)
  } catch {
    return null
  }
}

async function readSection(window: Window, start: number): Promise<{ cid: string; offset: number; length: number }> {
  const head = await window.at(start, MAX_VARINT_BYTES + CID_BYTES)
  const size = readVarint(head, start)
  if (size === null) throw new CarError(start, 'it ends within the length of a block')
  const length = size.value - CID_BYTES
  if (length < 0) throw new CarError(start, 'a block is shorter than its name')
  if (length > MAX_BLOCK_BYTES) throw new CarError(start, 'a length is larger than any block')
  const offset = start + size.width + CID_BYTES
  if (offset + length > window.size) throw new CarError(start, 'the last block is cut off')
  return { cid: readCid(head.subarray(size.width), start + size.width), offset, length }
}

/** A piece of a file in memory, which goes along with what is read. */
class Window {
  readonly size: number
  readonly #handle: FileHandle
  #from = 0
  #bytes: Uint8Array = new Uint8Array()

  constructor(handle: FileHandle, size: number) {
    this.#handle = handle
    this.size = size
  }

  /** Up to `length` bytes at `offset`, fewer where the file ends; good until the next call. */
  async at(offset: number, length: number): Promise<Uint8Array> {
    const wanted = Math.min(length, this.size - offset)
    if (offset < this.#from || offset + wanted > this.#from + this.#bytes.length) {
      this.#bytes = await this.#load(offset, Math.min(Math.max(wanted, WINDOW_BYTES), this.size - offset))
      this.#from = offset
    }
    return this.#bytes.subarray(offset - this.#from, offset - this.#from + wanted)
  }

  /** The same bytes for keeping. What is not in the window is read for itself, so that a look elsewhere does not move it. */
  async copy(offset: number, length: number): Promise<Uint8Array> {
    const inside = offset >= this.#from && offset + length <= this.#from + this.#bytes.length
    return inside ? new Uint8Array(await this.at(offset, length)) : await this.#load(offset, length)
  }

  async #load(offset: number, length: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(length)
    for (let done = 0; done < length; ) {
      const { bytesRead } = await this.#handle.read(bytes, done, length - done, offset + done)
      if (bytesRead === 0) throw new CarError(offset + done, 'it ends while it is read')
      done += bytesRead
    }
    return bytes
  }
}
