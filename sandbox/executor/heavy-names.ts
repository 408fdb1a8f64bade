import { z } from 'zod'
import type { HeavyNames } from '../source/lean.ts'
import type { Equipment } from '../toolchain/equipment.ts'
import { hashOf } from '../toolchain/folders.ts'
import { findHeavyNames, type LeanParts } from '../toolchain/nvcc/lean.ts'
import { NVCC_FLAGS } from '../toolchain/nvcc/step.ts'
import { SandboxFault } from '../types.ts'
import type { CompileCache } from './compile-cache.ts'

const Kept = z.array(z.string())

/**
 * What a program must not say to be read after few headers, found once for nvcc, compiler and headers, and kept like what is
 * compiled. Null where few headers will not do, or nvcc does not work: programs are then read after all.
 */
export async function heavyNames(
  parts: Omit<LeanParts, 'include'> & { cache: CompileCache; equipment: Equipment },
): Promise<HeavyNames | null> {
  const { cache, equipment, nvcc } = parts
  const key = hashOf('heavy names', nvcc.id, equipment.id, JSON.stringify(NVCC_FLAGS))
  const known = await cache.get(key)
  if (known !== null) return new Set(Kept.parse(JSON.parse(known.toString('utf8'))))
  const found = await findHeavyNames({ ...parts, include: equipment.include }).catch((error) => {
    if (error instanceof SandboxFault && error.code === 'toolchain') return null
    throw error
  })
  if (found !== null) await cache.put(key, Buffer.from(JSON.stringify([...found])))
  return found
}
