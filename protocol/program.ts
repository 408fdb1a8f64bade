import { z } from 'zod'
import { encodeCanonical } from './canonical.ts'
import type { Case, Side } from './case.ts'
import { cidOf } from './content.ts'
import { MAX_TESTS_PER_CASE } from './limits.ts'

/**
 * The unit of work: one side of a case with all its tests. Compiled once, run once a test.
 * It knows nothing of the other side, so a node that runs it cannot claim "equal" without running.
 */
export const Program = z.strictObject({
  v: z.literal(1),
  side: z.enum(['cpp', 'cuda']),
  /** The function, or the kernel(s). */
  code: z.string().min(1),
  /** The host function that launches the kernels; empty on the C++ side. */
  wrapper: z.string(),
  /** Statements that end in `wrapper(function, args...);` each a test. */
  tests: z.array(z.string().min(1)).max(MAX_TESTS_PER_CASE),
})
export type Program = z.infer<typeof Program>

/** A program's canonical bytes and the name they give it. */
export interface NamedProgram {
  cid: string
  bytes: Uint8Array
  program: Program
}

/** The program of one side of a case. */
export function programOf(item: Case, side: Side): Program {
  return side === 'cpp'
    ? { v: 1, side, code: item.cpp, wrapper: '', tests: item.cppTests }
    : { v: 1, side, code: item.cuda, wrapper: item.wrapper, tests: item.cudaTests }
}

/** Names a program by the SHA-256 of its canonical bytes (a dag-cbor CID). Equal programs have equal names everywhere. */
export async function nameProgram(program: Program): Promise<NamedProgram> {
  const bytes = encodeCanonical(program)
  return { cid: await cidOf(bytes, 'dag-cbor'), bytes, program }
}
