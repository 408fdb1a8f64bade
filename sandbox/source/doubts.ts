import type { MarkedFunction } from './functions.ts'
import type { Token } from './tokens.ts'

/** Words whose presence alone says that a program needs what the emulator has not. */
const NOT_EMULATED: Readonly<Record<string, string>> = {
  __managed__: 'managed variables',
  asm: 'inline assembly',
  __asm: 'inline assembly',
  __asm__: 'inline assembly',
  __grid_constant__: 'grid constants',
  __cluster_dims__: 'thread block clusters',
  __builtin_nontemporal_load: 'compiler builtins of another processor',
}

/**
 * What g++ would compile but the emulator would run differently from a GPU, found by looking at the tokens.
 * Null when there is nothing. In doubt there is.
 */
export function findDoubt(tokens: readonly Token[], functions: readonly MarkedFunction[]): string | null {
  const words = new Set(tokens.filter(({ kind }) => kind === 'identifier').map(({ text }) => text))
  const word = Object.keys(NOT_EMULATED).find((name) => words.has(name))
  if (word !== undefined) return `${NOT_EMULATED[word]} (${word})`
  if (launchesFromDevice(tokens, functions)) return 'a kernel that launches kernels'
  if (warpSynchronous(words)) return 'threads of a warp that rely on running in step (volatile shared memory without __syncwarp)'
  if (words.has('__CUDA_ARCH__') && hasHostAndDevice(functions))
    return 'code that differs between host and device (__CUDA_ARCH__)'
  return null
}

function launchesFromDevice(tokens: readonly Token[], functions: readonly MarkedFunction[]): boolean {
  const launches = tokens.flatMap(({ text, kind }, at) => (text === '<<<' && kind === 'punctuator' ? [at] : []))
  return functions.some(({ qualifiers, body }) => {
    if (body === null || qualifiers.has('__host__')) return false
    return launches.some((at) => at > body.from && at < body.to)
  })
}

/** Fibers run one after the other; hardware that runs a warp in step hides a missing synchronisation, fibers do not. */
function warpSynchronous(words: ReadonlySet<string>): boolean {
  return words.has('volatile') && words.has('__shared__') && !words.has('__syncwarp')
}

function hasHostAndDevice(functions: readonly MarkedFunction[]): boolean {
  return functions.some(({ qualifiers }) => qualifiers.has('__host__') && qualifiers.has('__device__'))
}
