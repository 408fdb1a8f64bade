/** What is asked of an object file of 64 bits: its sections' names and its symbols. */

export interface ElfSymbol {
  name: string
  kind: 'function' | 'object' | 'other'
  /** The byte that CUDA marks entries in. */
  other: number
  defined: boolean
  bytes: number
}

export interface ElfSection {
  name: string
  /** Where its bytes stand in the file. */
  offset: number
  bytes: number
  /** Whether they stand there at all: of memory that is empty at first only the size is told. */
  held: boolean
}

export interface Elf {
  sections: ElfSection[]
  symbols: ElfSymbol[]
}

const MAGIC = Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1])
const SYMBOL_TABLE = 2
const NOT_HELD = 8
const SYMBOL_BYTES = 24
const KINDS: Readonly<Record<number, ElfSymbol['kind']>> = { 1: 'object', 2: 'function' }

/** Where one begins in bytes that hold it whole; -1 where none does. */
export function findElf(bytes: Buffer): number {
  return bytes.indexOf(MAGIC)
}

interface Section {
  name: number
  type: number
  offset: number
  bytes: number
  link: number
}

/** Null where the bytes are none, or not whole. */
export function readElf(bytes: Buffer): Elf | null {
  try {
    return bytes.subarray(0, MAGIC.length).equals(MAGIC) ? parse(bytes) : null
  } catch (error) {
    // A number that leads out of the bytes.
    if (error instanceof RangeError) return null
    throw error
  }
}

function parse(bytes: Buffer): Elf {
  const table = Number(bytes.readBigUInt64LE(0x28))
  const entry = bytes.readUInt16LE(0x3a)
  const count = bytes.readUInt16LE(0x3c)
  const sections = Array.from({ length: count }, (_, index) => sectionAt(bytes, table + index * entry))
  const names = sections[bytes.readUInt16LE(0x3e)]
  return {
    sections:
      names === undefined
        ? []
        : sections.map(({ name, offset, bytes: size, type }) => {
            return { name: textAt(bytes, names.offset + name), offset, bytes: size, held: type !== NOT_HELD }
          }),
    symbols: sections.filter(({ type }) => type === SYMBOL_TABLE).flatMap((one) => symbolsOf(bytes, one, sections)),
  }
}

function sectionAt(bytes: Buffer, at: number): Section {
  return {
    name: bytes.readUInt32LE(at),
    type: bytes.readUInt32LE(at + 4),
    offset: Number(bytes.readBigUInt64LE(at + 0x18)),
    bytes: Number(bytes.readBigUInt64LE(at + 0x20)),
    link: bytes.readUInt32LE(at + 0x28),
  }
}

function symbolsOf(bytes: Buffer, table: Section, sections: readonly Section[]): ElfSymbol[] {
  const names = sections[table.link]?.offset ?? 0
  const count = Math.floor(Math.min(table.bytes, bytes.length) / SYMBOL_BYTES)
  return Array.from({ length: count }, (_, index) => {
    const at = table.offset + index * SYMBOL_BYTES
    return {
      name: textAt(bytes, names + bytes.readUInt32LE(at)),
      kind: KINDS[bytes.readUInt8(at + 4) & 15] ?? 'other',
      other: bytes.readUInt8(at + 5),
      defined: bytes.readUInt16LE(at + 6) !== 0,
      bytes: Number(bytes.readBigUInt64LE(at + 16)),
    }
  })
}

function textAt(bytes: Buffer, at: number): string {
  const end = bytes.indexOf(0, at)
  return bytes.subarray(at, end < 0 ? at : end).toString('latin1')
}
