import type { FileHandle } from 'node:fs/promises'

/** Bytes of a file, all that are asked for; null where the file ends before. */
export async function readFrom(file: FileHandle, offset: number, length: number): Promise<Uint8Array | null> {
  const bytes = new Uint8Array(length)
  for (let done = 0; done < length; ) {
    const { bytesRead } = await file.read(bytes, done, length - done, offset + done)
    if (bytesRead === 0) return null
    done += bytesRead
  }
  return bytes
}
