import type { Decider } from './decider.ts'
import { findDoubt } from './doubts.ts'
import { applyEdits, type Edit } from './edits.ts'
import { type KernelShape, kernelShapes, markedFunctions } from './functions.ts'
import { unmarkHostDevice } from './host-device.ts'
import { findHostOnly } from './host-only.ts'
import { checkLaunchBounds } from './launch-bounds.ts'
import { rewriteLaunches } from './launches.ts'
import { rewriteSharedMemory } from './shared-memory.ts'
import { type Token, tokenize } from './tokens.ts'

/** The CUDA side of a program as text that a C++ compiler reads, or why there is none. */
export type Translated =
  | { kind: 'texts'; code: string; wrapper: string; tests: string[] }
  | { kind: 'unsupported'; reason: string }

export interface CudaTexts {
  code: string
  wrapper: string
  tests: readonly string[]
}

/** Code, wrapper and tests are one text to the reference, so what one declares is known in the others. */
export function translateCuda({ code, wrapper, tests }: CudaTexts, decider: Decider = 'g++'): Translated {
  const tokenized = [code, wrapper].map((text) => tokenize(text).tokens)
  const perPart = tokenized.map(markedFunctions)
  const kernels = kernelShapes(perPart.flat())
  for (const [index, tokens] of tokenized.entries()) {
    const reason = findDoubt(tokens, perPart[index] ?? [])
    if (reason !== null) return { kind: 'unsupported', reason }
  }
  const parts = tokenized.map((tokens, index) => ({ tokens, functions: perPart[index] ?? [] }))
  const hostOnly = decider === 'nvcc' ? null : findHostOnly(parts)
  if (hostOnly !== null) return { kind: 'unsupported', reason: hostOnly }
  const texts: string[] = []
  for (const [index, text] of [code, wrapper, ...tests].entries()) {
    const rewritten = rewrite(text, tokenized[index] ?? tokenize(text).tokens, kernels, decider)
    if (rewritten.kind === 'unsupported') return rewritten
    texts.push(rewritten.text)
  }
  const [newCode = '', newWrapper = '', ...newTests] = texts
  return { kind: 'texts', code: newCode, wrapper: newWrapper, tests: newTests }
}

/** Names of the kernels that are one function outside of any namespace. */
export function plainKernels(texts: readonly string[]): string[] {
  const shapes = kernelShapes(texts.flatMap((text) => markedFunctions(tokenize(text).tokens)))
  return [...shapes].flatMap(([name, shape]) => (shape === 'global-function' ? [name] : []))
}

function rewrite(
  text: string,
  tokens: readonly Token[],
  kernels: ReadonlyMap<string, KernelShape>,
  decider: Decider,
): { kind: 'text'; text: string } | { kind: 'unsupported'; reason: string } {
  const launches = rewriteLaunches(tokens, kernels)
  if (launches.kind === 'unsupported') return launches
  const shared = rewriteSharedMemory(tokens, decider)
  if (shared.kind === 'unsupported') return shared
  return {
    kind: 'text',
    text: applyEdits(text, [
      ...launches.edits,
      ...shared.edits,
      ...checkLaunchBounds(tokens),
      ...unmarkHostDevice(tokens),
      ...plainWords(tokens),
    ]),
  }
}

/** A macro named __noinline__ would break the standard library's own attributes, so the word itself is replaced. */
function plainWords(tokens: readonly Token[]): Edit[] {
  return tokens.flatMap(({ text, kind, start, end }, at) => {
    const attribute = text === '__noinline__' && kind === 'identifier' && tokens[at - 1]?.text !== '('
    return attribute ? [{ start, end, text: '__attribute__((noinline))' }] : []
  })
}
