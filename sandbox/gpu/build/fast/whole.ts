import { readElf } from './elf.ts'
import type { Image } from './image.ts'

/**
 * Why a shared object is not the whole of a program, or null: every kernel of the machine code must have its stub on the host,
 * and every instance of a template of a kernel there its machine code.
 */
export function whyNotWhole(unit: Uint8Array, image: Image, kernels: readonly string[]): string | null {
  const elf = readElf(Buffer.from(unit))
  if (elf === null) return 'a shared object of another kind'
  const functions = elf.symbols.filter(({ kind, defined }) => kind === 'function' && defined).map(({ name }) => name)
  const there = new Set(functions)
  if (image.kernels.some((name) => !there.has(name))) return 'a kernel that the host knows by another name'
  const known = new Set(image.kernels)
  const instances = kernels.map((name) => `${name.length}${name}I`)
  const more = functions.some((name) => !known.has(name) && name.startsWith('_Z') && instances.some((one) => name.includes(one)))
  return more ? 'an instance of a kernel that the device has not' : null
}
