import { readdir, readFile, writeFile } from 'node:fs/promises'
import { DECODERS, type Decoder } from './decoders.ts'
import type { DirectionName } from './directions.ts'

const FOLDER = new URL('corpus/', import.meta.url)

/** Something that was once said, or read, and did harm; it is said again in every test run. */
export interface Saved {
  /** A direction, or a decoder's id. */
  to: DirectionName | string
  why: string
  /** Of a conversation what goes onto the stream, piece by piece; of a decoder one input. Hex. */
  bytes: string[]
}

export async function readCorpus(): Promise<{ file: string; saved: Saved }[]> {
  const files = (await readdir(FOLDER)).filter((name) => name.endsWith('.json')).sort()
  return await Promise.all(
    files.map(async (file) => ({ file, saved: JSON.parse(await readFile(new URL(file, FOLDER), 'utf8')) as Saved })),
  )
}

/** Keeps what was found; resolves to the file's name, which whoever mends it changes to one that says what it is. */
export async function save(saved: Saved, name: string): Promise<string> {
  const file = `${name.replaceAll(/[^a-z0-9]+/gi, '-')}.json`
  await writeFile(new URL(file, FOLDER), `${JSON.stringify(saved, null, 2)}\n`)
  return file
}

/** The decoder of that id, or null where it is a direction. */
export function decoderOf({ to }: Saved): Decoder | null {
  return DECODERS.find(({ id }) => id === to) ?? null
}

export function bytesOf({ bytes }: Saved): Uint8Array[] {
  return bytes.map((hex) => Uint8Array.from(Buffer.from(hex, 'hex')))
}
