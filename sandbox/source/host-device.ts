import type { Edit } from './edits.ts'
import type { Token } from './tokens.ts'

/** What no declaration's words reach over. */
const BOUNDARY = new Set([';', '{', '}', '(', ')'])

/**
 * Takes the mark of the device from what has the host's as well, in declarations and in macros that stand for both:
 *
 *     __host__ __device__ float f(float x);    becomes    __host__  float f(float x);
 *
 * Marked functions are compiled with fused multiply-add, which the host's must not be. A kernel that calls such a function
 * takes it in, and it is fused there.
 */
export function unmarkHostDevice(tokens: readonly Token[]): Edit[] {
  return tokens.flatMap(({ text, start, end }, at) => {
    const both = text === '__device__' && (meets(tokens, at, -1) || meets(tokens, at, 1))
    return both ? [{ start, end, text: '' }] : []
  })
}

/** Whether `__host__` comes before anything that ends a declaration's head, on the same preprocessor line. */
function meets(tokens: readonly Token[], from: number, step: 1 | -1): boolean {
  for (let at = from + step; ; at += step) {
    const token = tokens[at]
    if (token === undefined || token.directive !== tokens[from]?.directive || BOUNDARY.has(token.text)) return false
    if (token.text === '__host__') return true
  }
}
