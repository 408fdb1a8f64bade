import { closingAngle, closingBracket, openingAngle, splitArguments } from './brackets.ts'
import type { Token } from './tokens.ts'

/** A function that CUDA marks: one declaration or definition of it. */
export interface MarkedFunction {
  name: string
  qualifiers: ReadonlySet<string>
  template: boolean
  /** Text of the parameter list, blanks normalised: tells overloads apart. */
  parameters: string
  hasDefaults: boolean
  /** Whether it stands in no namespace, class or function. */
  global: boolean
  /** Tokens of the body, the braces included; null for a mere declaration. */
  body: { from: number; to: number } | null
  /** Where its tokens stand: first of the declaration, the name, the brackets of its parameters. */
  at: { start: number; name: number; open: number; close: number }
}

const MARKS = new Set(['__global__', '__device__', '__host__'])
/** Names that a parenthesis may follow without being the function's name. */
const ATTRIBUTES = new Set([
  '__launch_bounds__',
  '__attribute__',
  '__align__',
  'alignas',
  '__declspec',
  'decltype',
  '__maxnreg__',
])

/** Words before a name which say that it is no function of the host's alone. */
const NO_HOST_FUNCTION = new Set([...MARKS, 'constexpr', 'operator'])

/** Finds the functions marked `__global__`, `__device__` or `__host__`; variables marked so are left out. */
export function markedFunctions(tokens: readonly Token[]): MarkedFunction[] {
  const found: MarkedFunction[] = []
  for (let at = 0; at < tokens.length; at++) {
    if (!MARKS.has(tokens[at]?.text ?? '')) continue
    const one = functionAt(tokens, at)
    if (one === null) continue
    found.push(one.function)
    at = one.end
  }
  return found
}

function functionAt(tokens: readonly Token[], mark: number): { function: MarkedFunction; end: number } | null {
  const open = parameterList(tokens, mark)
  if (open < 0) return null
  const close = closingBracket(tokens, open)
  if (close < 0) return null
  const nameAt = tokens[open - 1]?.text === '>' ? openingAngle(tokens, open - 1) - 1 : open - 1
  const name = tokens[nameAt]
  if (name?.kind !== 'identifier') return null
  const start = declarationStart(tokens, mark)
  const before = tokens.slice(start, nameAt).map(({ text }) => text)
  const parameters = tokens.slice(open + 1, close)
  const body = bodyAfter(tokens, close)
  const found: MarkedFunction = {
    name: name.text,
    qualifiers: new Set(before.filter((text) => MARKS.has(text))),
    template: before.includes('template'),
    parameters: parameters.map(({ text }) => text).join(' '),
    hasDefaults: splitArguments(parameters).some((one) => one.some(({ text }) => text === '=')),
    global: inNoScope(tokens, start),
    body,
    at: { start, name: nameAt, open, close },
  }
  return { function: found, end: body === null ? close : body.from }
}

/** The `(` of the parameter list: the first after the mark that belongs to no attribute. -1 when it is a variable. */
function parameterList(tokens: readonly Token[], mark: number): number {
  for (let at = mark; at < tokens.length; at++) {
    const { text, directive } = tokens[at] as Token
    if (directive !== tokens[mark]?.directive) return -1
    if (text === '<') at = Math.max(at, closingAngle(tokens, at))
    else if (text === '[' && tokens[at + 1]?.text === '[') at = closingBracket(tokens, at)
    else if (text === '(' && ATTRIBUTES.has(tokens[at - 1]?.text ?? '')) at = closingBracket(tokens, at)
    else if (text === '(') return at
    else if (text === ';' || text === '=' || text === '{' || text === '}' || text === '[') return -1
    if (at < 0) return -1
  }
  return -1
}

/** After the last `;`, brace or preprocessor line before the mark; a template's parameter list is part of the declaration. */
function declarationStart(tokens: readonly Token[], mark: number): number {
  for (let at = mark - 1; at >= 0; at--) {
    const { text, kind, directive } = tokens[at] as Token
    if (directive !== tokens[mark]?.directive) return at + 1
    if (kind === 'punctuator' && (text === ';' || text === '{' || text === '}')) return at + 1
  }
  return 0
}

/** Whether no brace is open before the token, but that of `extern "C" {`. */
function inNoScope(tokens: readonly Token[], from: number): boolean {
  for (let at = 0; at < from; at++) {
    if (tokens[at]?.text !== '{' || tokens[at - 1]?.kind === 'string') continue
    const end = closingBracket(tokens, at)
    if (end < 0 || end >= from) return false
    at = end
  }
  return true
}

function bodyAfter(tokens: readonly Token[], close: number): MarkedFunction['body'] {
  for (let at = close + 1; at < tokens.length; at++) {
    const { text } = tokens[at] as Token
    if (text === '{') {
      const to = closingBracket(tokens, at)
      return to < 0 ? null : { from: at, to }
    }
    if (text === '(') at = closingBracket(tokens, at)
    else if (text === ';' || text === '=' || text === '}' || text === ',' || text === ')') return null
    if (at < 0) return null
  }
  return null
}

/** A macro from who knows where may mark a function, and by custom it has capitals. */
const CAPITALS = /^[A-Z_][A-Z0-9_]+$/

/** The functions defined outside of classes that nothing marks, so that they are the host's. */
export function unmarkedFunctions(tokens: readonly Token[]): string[] {
  const plain = tokens.filter(({ directive }) => directive < 0)
  const macros = markingMacros(tokens)
  const names: string[] = []
  let start = 0
  for (let at = 0; at < plain.length; at++) {
    const { text } = plain[at] as Token
    if (text === ';' || text === '}') start = at + 1
    if (text === '{') {
      const before = plain.slice(start, at).map((token) => token.text)
      // What stands in a namespace is looked at as if it stood outside.
      if (!before.includes('namespace') && plain[at - 1]?.kind !== 'string') at = Math.max(at, closingBracket(plain, at))
      start = at + 1
    }
    if (text !== '(') continue
    const name = plain[at - 1]
    const before = plain.slice(start, at).map((token) => token.text)
    at = Math.max(at, closingBracket(plain, at))
    const mayBeMarked = before.some((word) => NO_HOST_FUNCTION.has(word) || macros.has(word) || CAPITALS.test(word))
    const defined = name?.kind === 'identifier' && plain[at + 1]?.text === '{' && before.length > 1
    if (defined && !mayBeMarked) names.push(name.text)
  }
  return names
}

/** Names of macros that stand for a mark, or hold one. */
function markingMacros(tokens: readonly Token[]): Set<string> {
  const marking = new Set(
    tokens.filter(({ text, directive }) => directive >= 0 && MARKS.has(text)).map(({ directive }) => directive),
  )
  return new Set(
    tokens.flatMap(({ text, directive }, at) => (marking.has(directive) && tokens[at - 1]?.text === 'define' ? [text] : [])),
  )
}

/** How a kernel's name can be used. */
export type KernelShape =
  /** One function: its address names it, and arguments convert as in any call. */
  | 'function'
  /** The same in the global namespace, where `::` tells it from a function of the standard library (copy, fill, empty). */
  | 'global-function'
  /** A template, overloaded, or with default arguments: only a call can choose. */
  | 'call'

/** The kernels of a program by name. */
export function kernelShapes(functions: readonly MarkedFunction[]): Map<string, KernelShape> {
  const shapes = new Map<string, KernelShape>()
  const seen = new Map<string, string>()
  for (const one of functions) {
    if (!one.qualifiers.has('__global__')) continue
    const overloaded = seen.has(one.name) && seen.get(one.name) !== one.parameters
    const call = one.template || one.hasDefaults || overloaded || shapes.get(one.name) === 'call'
    shapes.set(one.name, call ? 'call' : one.global ? 'global-function' : 'function')
    seen.set(one.name, one.parameters)
  }
  return shapes
}
