import { z } from 'zod'
import { ExecutorName } from './task.ts'

/** A class as text, as `classOf` writes it: who has it votes with all others who have. */
export const ClassText = z
  .string()
  .max(400)
  .refine((text) => executorIn(text) !== null, 'expected a class: an executor, and after " / " what it runs with')

/** The executor of a class, or null where the text is none. */
export function executorIn(text: string): ExecutorName | null {
  const [first, ...rest] = text.split(' / ')
  const parsed = ExecutorName.safeParse(first)
  return parsed.success && rest.length >= 3 ? parsed.data : null
}

/** What of two classes of one executor is not the same: null where one of them has none. */
export interface ToolchainDifference {
  what: 'sandbox' | 'compiler' | 'nvcc' | 'processor' | 'GPU architecture'
  own: string | null
  preferred: string | null
}

/** In what two classes of one executor differ. */
export function toolchainDifferences(own: string, preferred: string): ToolchainDifference[] {
  const [one, other] = [partsOf(own), partsOf(preferred)]
  const names = ['sandbox', 'compiler', 'nvcc', 'processor', 'GPU architecture'] as const
  return names.flatMap((what) => (one[what] === other[what] ? [] : [{ what, own: one[what], preferred: other[what] }]))
}

/** Reads what `classOf` wrote: nvcc and the architecture stand there only where there are any. */
function partsOf(text: string): Record<ToolchainDifference['what'], string | null> {
  const [, sandbox = null, compiler = null, ...rest] = text.split(' / ')
  const nvcc = rest.find((part) => part.startsWith('nvcc ')) ?? null
  const [processor = null, arch = null] = rest.filter((part) => part !== nvcc)
  return { sandbox, compiler, nvcc, processor, 'GPU architecture': arch }
}
