import { open } from 'node:fs/promises'

/** A linker script is a page; a library that is none begins with other bytes. */
const SCRIPT_BYTES = 4096

/** The text of a linker script, nothing of any other file; null where there is no file. */
export async function scriptText(path: string): Promise<string | null> {
  const file = await open(path).catch(() => null)
  if (file === null) return null
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(SCRIPT_BYTES), 0, SCRIPT_BYTES, 0)
    const text = buffer.toString('latin1', 0, bytesRead)
    return /^(\x7fELF|!<)/.test(text) ? '' : text
  } finally {
    await file.close()
  }
}

/** Files and names in `GROUP (...)` and `INPUT (...)` of a linker script. */
export function parseScript(text: string): string[] {
  const plain = text.replaceAll(/\/\*[\s\S]*?\*\//g, ' ')
  const groups = [...plain.matchAll(/\b(?:GROUP|INPUT)\s*\(((?:[^()]|\([^()]*\))*)\)/g)].map(([, inside = '']) => inside)
  return groups.flatMap((inside) => inside.split(/[\s(),]+/)).filter((word) => word !== '' && word !== 'AS_NEEDED')
}
