import { closingBracket } from './brackets.ts'
import type { MarkedFunction } from './functions.ts'
import type { Token } from './tokens.ts'

/** Words whose presence alone says that a program needs what the emulator has not. */
const NOT_EMULATED: Readonly<Record<string, string>> = {
  asm: 'inline assembly',
  __asm: 'inline assembly',
  __asm__: 'inline assembly',
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
  if (stepsInARow(tokens, functions))
    return 'threads of a warp that rely on running in step (sums of neighbours with no barrier between)'
  if (words.has('volatile') && spins(tokens, functions))
    return 'threads that spin on memory which others are to change (volatile)'
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

/** `s[t] += s[t + 2]; s[t] += s[t + 1];`, where what other threads have added is taken for granted. */
function stepsInARow(tokens: readonly Token[], functions: readonly MarkedFunction[]): boolean {
  const shared = new Set(tokens.flatMap((_, at) => (tokens[at]?.text === '__shared__' ? [sharedName(tokens, at)] : [])))
  return functions.some(({ body, qualifiers, parameters }) => {
    const handedOn = qualifiers.has('__global__') ? [] : parameters.split(' ')
    for (let at = body?.from ?? 0; at < (body?.to ?? 0); at++) {
      const step = stepAt(tokens, at)
      if (step === null || !(shared.has(step.array) || handedOn.includes(step.array))) continue
      const next = tokens[step.end]?.text === 'if' ? closingBracket(tokens, step.end + 1) + 1 : step.end
      if (stepAt(tokens, next)?.head === step.head) return true
    }
    return false
  })
}

/** The first name before a size, in a declaration that begins there. */
function sharedName(tokens: readonly Token[], at: number): string {
  const bracket = tokens.findIndex(({ text }, index) => index > at && (text === '[' || text === ';'))
  return tokens[bracket - 1]?.text ?? ''
}

/** `name[index] += name[...` and where the statement ends. */
function stepAt(tokens: readonly Token[], at: number): { head: string; array: string; end: number } | null {
  const words = tokens.slice(at, at + 7).map(({ text }) => text)
  const [array = '', open, index, close, operator, again, reopen] = words
  if (open !== '[' || close !== ']' || reopen !== '[' || operator !== '+=' || again !== array) return null
  const indexed = tokens[at + 2]?.kind === 'identifier'
  const end = closingBracket(tokens, at + 6) + 1
  return indexed && tokens[end]?.text === ';' ? { head: `${array}[${index}]`, array, end: end + 1 } : null
}

/** `while (condition);` in device code. A fiber never leaves it, and would look like a kernel without end; atomics let others run. */
function spins(tokens: readonly Token[], functions: readonly MarkedFunction[]): boolean {
  return functions.some(({ body }) => {
    for (let at = body?.from ?? 0; at < (body?.to ?? 0); at++) {
      if (tokens[at]?.text !== 'while' || tokens[at - 1]?.text === '}') continue
      const close = closingBracket(tokens, at + 1)
      const names = tokens.slice(at + 2, close).filter(({ kind, text }) => kind === 'identifier' && text !== 'true')
      if (names.length === 0 || names.some(({ text }) => text.startsWith('atomic'))) continue
      const [next, after] = [tokens[close + 1]?.text, tokens[close + 2]?.text]
      if (close > 0 && (next === ';' || (next === '{' && after === '}'))) return true
    }
    return false
  })
}

function hasHostAndDevice(functions: readonly MarkedFunction[]): boolean {
  return functions.some(({ qualifiers }) => qualifiers.has('__host__') && qualifiers.has('__device__'))
}
