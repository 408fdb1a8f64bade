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
  const parts = [texts.code, texts.wrapper, ...texts.tests].map(readPart)
  try {
    const variables = parts.flatMap(({ tokens, functions }) => {
      const found = deviceVariables(tokens, functions)
      if (typeof found === 'string') throw new Beyond(found)
      return found
    })
    const [code = '', wrapper = '', ...tests] = parts.map((part) => rewritten(part, variables))
    const kernels = parts.flatMap(({ functions }) => functions.filter(isKernel).map(({ name }) => name))
    return { kind: 'half', texts: { code, wrapper, tests }, kernels: [...new Set(kernels)], variables }
  } catch (error) {
    if (error instanceof Beyond) return { kind: 'none', reason: error.message }
    throw error
  }
}

function readPart(text: string): Part {
  const { tokens } = tokenize(text)
  return { text, tokens, functions: markedFunctions(tokens) }
}

const isKernel = ({ qualifiers }: MarkedFunction) => qualifiers.has('__global__')
const isForHost = ({ qualifiers }: MarkedFunction) => qualifiers.has('__host__')

function rewritten(part: Part, variables: readonly DeviceVariable[]): string {
  const { text, tokens, functions } = part
  const removed = functions.filter((one) => !isForHost(one)).flatMap(({ body }) => body ?? [])
  const stays = (at: number) => !removed.some(({ from, to }) => at >= from && at <= to)
  for (const [at, token] of tokens.entries()) if (stays(at)) check(tokens, at, token, variables)
  return applyEdits(text, [
    ...functions.flatMap((one) => bodyEdits(tokens, one)),
    ...functions.filter(isKernel).flatMap((one) => staticEdits(tokens, one)),
    ...tokens.flatMap((token, at) => (token.text === '<<<' && stays(at) ? launchEdits(tokens, at) : [])),
  ])
}

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

const OF_CUDA: ReadonlySet<string> = new Set(['__global__', '__device__', '__host__', '__constant__', '__shared__', '<<<'])

function check(tokens: readonly Token[], at: number, token: Token, variables: readonly DeviceVariable[]): void {
  if (token.directive >= 0 && OF_CUDA.has(token.text)) throw new Beyond('words of CUDA in a macro')
  if (token.kind !== 'identifier') return
  const why = BEYOND.get(token.text)
  if (why !== undefined) throw new Beyond(why)
  if (ANOTHER_MEANING.has(token.text)) throw new Beyond(`${token.text} on the host, which CUDA's headers define too`)
  const variable = variables.find(({ name }) => name === token.text)
  if (variable !== undefined && !usesVariable(tokens, at))
    throw new Beyond(`the host names ${token.text}, a variable of the device`)
}

function bodyEdits(tokens: readonly Token[], one: MarkedFunction): Edit[] {
  const { body } = one
  const [from, to] = [tokens[body?.from ?? -1], tokens[body?.to ?? -1]]
  if (isForHost(one) || from === undefined || to === undefined) return []
  if (!isKernel(one)) return [{ start: from.start, end: to.end, text: '{ __builtin_trap(); }' }]
  const stub = stubBody(tokens, one)
  if (stub.kind === 'none') throw new Beyond(stub.reason)
  return [{ start: from.start, end: to.end, text: stub.text }]
}

/** nvcc gives kernels of one file names that say nothing of `static`. */
function staticEdits(tokens: readonly Token[], { at }: MarkedFunction): Edit[] {
  return tokens.slice(at.start, at.name).flatMap(({ text, start, end }) => (text === 'static' ? [{ start, end, text: '' }] : []))
}

/** `k<<<shape>>>(a)` -> `(push(shape) ? (void)0 : k(a))`. */
function launchEdits(tokens: readonly Token[], at: number): Edit[] {
  const launch = readLaunch(tokens, at)
  if (typeof launch === 'string') throw new Beyond(launch)
  const { callee, open, close, end, configuration } = launch
  const shape = configuration.map(({ text }) => text).join(' ')
  return [
    { start: callee.start, end: callee.start, text: `(::__cudaPushCallConfiguration(${shape}) ? (void)0 : ` },
    { start: open.start, end: close.start + 3, text: '' },
    { start: end.end, end: end.end, text: ')' },
  ]
}
