import { z } from 'zod'
import { CarError, CarFile, DOMAINS, decodeCanonical, holds, open, ProtocolError } from '../../protocol/index.ts'
import { AuditFailure, type AuditPlace } from './failure.ts'
import {
  BatchRecord,
  CaseRecord,
  IncidentRecord,
  type ListName,
  Manifest,
  OperatorRecord,
  Root,
  Statement,
  TaskRecord,
} from './records.ts'
import { mentions } from './walk.ts'

const RECORDS = {
  cases: CaseRecord,
  tasks: TaskRecord,
  batches: BatchRecord,
  operators: OperatorRecord,
  incidents: IncidentRecord,
} as const
export type RecordOf<N extends ListName> = z.infer<(typeof RECORDS)[N]>

const List = z.strictObject({ v: z.literal(2), from: z.int().nonnegative(), records: z.array(z.unknown()) })

/** An archive whose blocks are all what their names say, each once, and nothing beside them. */
export class ArchiveFile implements AsyncDisposable {
  readonly #car: CarFile

  private constructor(car: CarFile) {
    this.#car = car
  }

  /**
   * Reads the whole file once: its form, and every block against its name.
   * @param onBytes told how far it is
   * @throws UsageError when the file cannot be read, AuditFailure at the first thing that does not hold
   */
  static async open(file: string, onBytes: (done: number, all: number) => void): Promise<ArchiveFile> {
    const car = await CarFile.begin(file).catch(asFailure)
    const archive = new ArchiveFile(car)
    try {
      await archive.#readAll(onBytes)
      return archive
    } catch (error) {
      await car.close()
      throw error
    }
  }

  get root(): string {
    return this.#car.root
  }

  get size(): { bytes: number; blocks: number } {
    return { bytes: this.#car.bytes, blocks: this.#car.blocks }
  }

  /** Place of a block in the file, from 0; undefined where there is none. */
  numberOf(cid: string): number | undefined {
    return this.#car.find(cid)?.number
  }

  lengthOf(cid: string): number | undefined {
    return this.#car.find(cid)?.length
  }

  /** @param place what it is, for saying so where it is missing */
  async bytes(cid: string, place: AuditPlace, what: string): Promise<Uint8Array> {
    const bytes = await this.#car.get(cid).catch(asFailure)
    if (bytes === undefined) throw new AuditFailure('form', place, `${what}, ${cid}, is not in the archive`)
    return bytes
  }

  /** A block of canonical dag-cbor, read as what it has to be. */
  async read<T>(cid: string, schema: z.ZodType<T>, place: AuditPlace, what: string): Promise<T> {
    return parse(schema, decoded(await this.bytes(cid, place, what), place, what), place, what)
  }

  async rootBlock(): Promise<z.infer<typeof Root>> {
    return await this.read(this.root, Root, {}, 'the root')
  }

  async manifest(): Promise<Manifest> {
    return await this.read((await this.rootBlock()).manifest, Manifest, {}, 'the manifest')
  }

  /** The records of a list, in order. */
  async *records<N extends ListName>(name: N, { [name]: links }: Pick<Manifest, N>): AsyncGenerator<RecordOf<N>> {
    let from = 0
    for (const [at, link] of (links as string[]).entries()) {
      const list = await this.list(name, link, at)
      if (list.from !== from)
        throw new AuditFailure('record', {}, `list ${at + 1} of ${name} begins with record ${list.from}, not ${from}`)
      yield* list.records
      from += list.records.length
    }
  }

  async list<N extends ListName>(name: N, link: string, at: number): Promise<{ from: number; records: RecordOf<N>[] }> {
    const { from, records } = await this.read(link, List, {}, `list ${at + 1} of ${name}`)
    const schema = RECORDS[name] as unknown as z.ZodType<RecordOf<N>>
    return { from, records: records.map((record, index) => parse(schema, record, {}, `record ${from + index + 1} of ${name}`)) }
  }

  /** Checks who signed. @returns the coordinator's peer id */
  async signer(manifest: Manifest, key: string | null): Promise<string> {
    const { manifest: named, signature } = await this.rootBlock()
    const { signer, value } = await open(signature, DOMAINS.archive, Statement).catch((error: Error) => {
      if (!(error instanceof ProtocolError)) throw error
      throw new AuditFailure('signature', {}, `the signature over the archive does not hold (${error.message})`)
    })
    if (value.manifest !== named || value.round !== manifest.round) {
      throw new AuditFailure('signature', {}, 'the signature is over another round, or over another manifest')
    }
    if (signer !== manifest.coordinator) {
      throw new AuditFailure('signature', {}, `signed by ${signer}, while the coordinator is said to be ${manifest.coordinator}`)
    }
    if (key !== null && signer !== key) throw new AuditFailure('signature', {}, `signed by ${signer}, not by ${key}`)
    return signer
  }

  async close(): Promise<void> {
    await this.#car.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #readAll(onBytes: (done: number, all: number) => void): Promise<void> {
    const car = this.#car
    try {
      for await (const block of car.scan()) {
        if (block.number === 0 && block.cid !== car.root) {
          throw new AuditFailure('form', { byte: 0 }, 'the header names another root than the first block')
        }
        if (!(await holds(block.cid, await car.read(block)))) {
          const what = await this.#whatIs(block.number)
          throw new AuditFailure('block', { block: block.number, byte: block.start }, `${what} is not what its name says`)
        }
        onBytes(block.offset + block.length, car.bytes)
      }
    } catch (error) {
      if (!(error instanceof CarError)) throw error
      const what = await this.#whatIs(car.blocks)
      throw new AuditFailure('form', { block: car.blocks, byte: error.at }, `${error.message}, where there should be ${what}`)
    }
    if (car.blocks === 0) throw new AuditFailure('form', {}, 'there is no block in it')
  }

  /** What the block of this number has to be, as far as those before it tell. */
  async #whatIs(number: number): Promise<string> {
    let next = 0
    try {
      for await (const { cid, what } of mentions(this)) {
        const found = this.numberOf(cid)
        if (next === number && (found === undefined || found === number)) return what
        if (found === next) next++
      }
      return next === number ? 'nothing more' : 'what nothing names'
    } catch {
      return 'a block'
    }
  }
}

function decoded(bytes: Uint8Array, place: AuditPlace, what: string): unknown {
  try {
    return decodeCanonical(bytes)
  } catch (error) {
    throw new AuditFailure('record', place, `${what} cannot be read (${(error as Error).message})`)
  }
}

function parse<T>(schema: z.ZodType<T>, value: unknown, place: AuditPlace, what: string): T {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const [issue] = result.error.issues
  throw new AuditFailure(
    'record',
    place,
    `${what} is not as the format says: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`,
  )
}

function asFailure(error: Error): never {
  if (error instanceof CarError) throw new AuditFailure('form', { byte: error.at }, error.message)
  throw error
}
