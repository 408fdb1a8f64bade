import { openingBracket } from '../../../source/brackets.ts'
import { applyEdits, type Edit } from '../../../source/edits.ts'
import { type MarkedFunction, markedFunctions } from '../../../source/functions.ts'
import { onlyHostPassTells } from '../../../source/host-pass.ts'
import { readLaunch } from '../../../source/launches.ts'
import { type Token, tokenize } from '../../../source/tokens.ts'
import type { UnitTexts } from '../unit.ts'
import { stubBody } from './stub.ts'
import { type DeviceVariable, deviceVariables, usesVariable } from './variables.ts'

/** The host's half of a program as g++ reads it, or why there is none. */
export type HostHalf =
  | { kind: 'half'; texts: UnitTexts; kernels: string[]; variables: DeviceVariable[] }
  | { kind: 'none'; reason: string }

/** A text's tokens, and what CUDA marks in it. */
interface Part {
  text: string
  tokens: Token[]
  functions: MarkedFunction[]
}

/** What makes a text impossible to rewrite; thrown inside of this file only. */
class Beyond extends Error {}

/**
 * Makes of a program what nvcc's host pass makes of it, in the words of C++: kernels launch themselves as nvcc's stubs do,
 * launches push their shape first, functions of the device's alone have no body. Nothing else of the text changes.
 */
export function hostHalf(texts: UnitTexts): HostHalf {
  if (onlyHostPassTells(texts)) return { kind: 'none', reason: "only nvcc's own host pass tells whether it compiles" }
  const all = [texts.code, texts.wrapper, ...texts.tests]
  if (all.some((text) => PASTED.test(text))) return { kind: 'none', reason: 'names made by the preprocessor' }
  const parts = all.map(readPart)
  const macros = new Set(['assert', ...parts.flatMap(({ tokens }) => macroNames(tokens))])
  try {
    const variables = parts.flatMap(({ tokens, functions }) => {
      const found = deviceVariables(tokens, functions)
      if (typeof found === 'string') throw new Beyond(found)
      return found
    })
    for (const { name } of [...variables, ...parts.flatMap(({ functions }) => functions)]) {
      if (macros.has(name)) throw new Beyond(`a macro by the name of ${name}`)
    }
    const [code = '', wrapper = '', ...tests] = parts.map((part) => rewritten(part, variables, macros))
    const kernels = parts.flatMap(({ functions }) => functions.filter(isKernel).map(({ name }) => name))
    return { kind: 'half', texts: { code, wrapper, tests }, kernels: [...new Set(kernels)], variables }
  } catch (error) {
    if (error instanceof Beyond) return { kind: 'none', reason: error.message }
    throw error
  }
}

/** Two names made one, or one that a line's end divides. */
const PASTED = /##|[\w$]\\[ \t]*\r?\n[\w$]/

function macroNames(tokens: readonly Token[]): string[] {
  return tokens.flatMap(({ text, directive }, at) => (directive >= 0 && tokens[at - 1]?.text === 'define' ? [text] : []))
}

function readPart(text: string): Part {
  const { tokens } = tokenize(text)
  return { text, tokens, functions: markedFunctions(tokens) }
}

const isKernel = ({ qualifiers }: MarkedFunction) => qualifiers.has('__global__')
const isForHost = ({ qualifiers }: MarkedFunction) => qualifiers.has('__host__')

function rewritten(part: Part, variables: readonly DeviceVariable[], macros: ReadonlySet<string>): string {
  const { text, tokens, functions } = part
  const removed = functions.filter((one) => !isForHost(one)).flatMap(({ body }) => body ?? [])
  const stays = (at: number) => !removed.some(({ from, to }) => at >= from && at <= to)
  for (const [at, token] of tokens.entries()) if (stays(at)) check(tokens, at, token, variables)
  const edited = [
    ...functions.map(({ at }) => at.start),
    ...tokens.flatMap((token, at) => (token.text === '<<<' && stays(at) ? [at] : [])),
  ]
  // What is written there would be read as text, or as more arguments than there were.
  if (edited.some((at) => inArguments(tokens, at, macros))) throw new Beyond('words of CUDA in the arguments of a macro')
  return applyEdits(text, [
    ...functions.flatMap((one) => bodyEdits(text, tokens, one)),
    ...functions.filter(isKernel).flatMap((one) => staticEdits(tokens, one)),
    ...tokens.flatMap((token, at) => (token.text === '<<<' && stays(at) ? launchEdits(text, tokens, at) : [])),
  ])
}

/** Whether a bracket that is open there follows the name of a macro. */
function inArguments(tokens: readonly Token[], from: number, macros: ReadonlySet<string>): boolean {
  for (let at = from - 1; at >= 0; at--) {
    const { text } = tokens[at] as Token
    if (text === ')' || text === ']' || text === '}') {
      at = openingBracket(tokens, at)
      if (at < 0) return false
    } else if (text === '(' && macros.has(tokens[at - 1]?.text ?? '')) return true
  }
  return false
}

/** Lines for the compiler that mean nothing to the host, or are the same to both. */
const PRAGMAS: ReadonlySet<string> = new Set(['unroll', 'once', 'omp', 'nv_diag_suppress', 'nv_diag_default'])

/** Words that mean something else to nvcc, or that only nvcc has, each with why. */
const BEYOND: ReadonlyMap<string, string> = new Map([
  ['__managed__', 'a managed variable'],
  ['__CUDACC__', 'text that depends on who reads it'],
  ['__NVCC__', 'text that depends on who reads it'],
  ['__CUDA_ARCH__', 'text that depends on who reads it'],
  ['texture', 'a texture'],
  ['surface', 'a surface'],
])

/**
 * Functions that CUDA's headers define for the host too, beside the library's of the same name: which one a call means differs.
 * Those that they merely declare again (sqrt, ceil, memcpy) are the library's to both, and what only they have g++ refuses.
 */
const ANOTHER_MEANING: ReadonlySet<string> = new Set(
  (
    'min max abs labs llabs fabs pow exp10 exp10f pow10 isnan isinf isfinite signbit clock norm sincos sincosf lgamma lgammaf tgamma ' +
    'tgammaf hypot rhypot nextafter remquo modf frexp'
  ).split(' '),
)

/** The same, but that their names are those of many a variable. */
const BESSEL = /^[jy][01n]$/

/** Whether a call of this name on the host means another function to nvcc than to g++. */
export function meansAnother(name: string): boolean {
  return ANOTHER_MEANING.has(name) || BESSEL.test(name)
}

/** Those that change nothing that a program does. */
const ATTRIBUTES: ReadonlySet<string> = new Set(['maybe_unused', 'nodiscard', 'fallthrough'])

const OF_CUDA: ReadonlySet<string> = new Set(['__global__', '__device__', '__host__', '__constant__', '__shared__', '<<<'])

function check(tokens: readonly Token[], at: number, token: Token, variables: readonly DeviceVariable[]): void {
  if (token.directive >= 0 && OF_CUDA.has(token.text)) throw new Beyond('words of CUDA in a macro')
  if (token.text === 'pragma' && token.directive >= 0 && !PRAGMAS.has(tokens[at + 1]?.text ?? ''))
    throw new Beyond('an order to the compiler')
  if (token.text === '[' && tokens[at + 1]?.text === '[' && !ATTRIBUTES.has(tokens[at + 2]?.text ?? ''))
    throw new Beyond('an attribute')
  if (token.kind !== 'identifier') return
  const why = BEYOND.get(token.text)
  if (why !== undefined) throw new Beyond(why)
  const called = tokens[at + 1]?.text === '('
  if (ANOTHER_MEANING.has(token.text) || (called && BESSEL.test(token.text)))
    throw new Beyond(`${token.text} on the host, which CUDA's headers define too`)
  const variable = variables.find(({ name }) => name === token.text)
  if (variable !== undefined && !usesVariable(tokens, at))
    throw new Beyond(`the host names ${token.text}, a variable of the device`)
}

/** In place of a piece of text, with as many lines: a program may ask for the number of a line. */
function instead(whole: string, start: number, end: number, text: string): Edit {
  return { start, end, text: text + '\n'.repeat(whole.slice(start, end).split('\n').length - 1) }
}

function bodyEdits(whole: string, tokens: readonly Token[], one: MarkedFunction): Edit[] {
  const { body } = one
  const [from, to] = [tokens[body?.from ?? -1], tokens[body?.to ?? -1]]
  if (isForHost(one) || from === undefined || to === undefined) return []
  if (!isKernel(one)) return [instead(whole, from.start, to.end, '{ __builtin_trap(); }')]
  const stub = stubBody(tokens, one)
  if (stub.kind === 'none') throw new Beyond(stub.reason)
  return [instead(whole, from.start, to.end, stub.text)]
}

/** nvcc gives kernels of one file names that say nothing of `static`. */
function staticEdits(tokens: readonly Token[], { at }: MarkedFunction): Edit[] {
  return tokens.slice(at.start, at.name).flatMap(({ text, start, end }) => (text === 'static' ? [{ start, end, text: '' }] : []))
}

/** `k<<<shape>>>(a)` -> `(push(shape) ? (void)0 : k(a))`. */
function launchEdits(whole: string, tokens: readonly Token[], at: number): Edit[] {
  const launch = readLaunch(tokens, at)
  if (typeof launch === 'string') throw new Beyond(launch)
  const { callee, open, close, end, configuration } = launch
  const shape = configuration.map(({ text }) => text).join(' ')
  return [
    { start: callee.start, end: callee.start, text: `(::__cudaPushCallConfiguration(${shape}) ? (void)0 : ` },
    instead(whole, open.start, close.start + 3, ''),
    { start: end.end, end: end.end, text: ')' },
  ]
}
