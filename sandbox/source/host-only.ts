import { closingBracket } from './brackets.ts'
import { type MarkedFunction, unmarkedFunctions } from './functions.ts'
import type { Token } from './tokens.ts'

/** Of the libraries that a program finds without asking, what kernels call by mistake: no GPU has it. */
const HOST_FUNCTIONS = new Set(
  (
    'rand srand time exit abort fprintf puts putchar sprintf snprintf atoi atof calloc realloc qsort memcmp memmove ' +
    'toupper tolower isalpha isdigit isalnum isspace isupper islower strlen strcmp strncmp strcpy strncpy strcat ' +
    'swap sort stable_sort fill copy reverse accumulate to_string stoi'
  ).split(' '),
)
const HOST_OBJECTS = new Set(['cout', 'cerr', 'clog', 'cin'])
const HOST_TYPES = new Set(['string', 'vector', 'map', 'set', 'unordered_map', 'list', 'deque', 'queue', 'stack'])
const NO_EXCEPTIONS = new Set(['try', 'throw'])
const BUILTIN_TYPES = new Set(['bool', 'char', 'short', 'int', 'long', 'unsigned', 'float', 'double'])

const PLAIN_DECLARATION = /^(?:[A-Za-z_]\w*|::|\*)$/
/** A declaration with one of these is no variable, or not the host's alone. */
const NO_VARIABLE = new Set(
  '__device__ __constant__ __shared__ __managed__ extern using typedef namespace template struct class union enum return friend'.split(
    ' ',
  ),
)
const ENDS_NO_TYPE = new Set(['return', 'else', 'do', 'case', 'goto', 'sizeof'])

/** One text of the program with the functions found in it. */
export interface Part {
  tokens: readonly Token[]
  functions: readonly MarkedFunction[]
}

/**
 * Names in code for the device what only the host has. g++ compiles that and a GPU's compiler does not; only a look at the
 * tokens tells, so what is declared under the same name anywhere in the program is left alone. Null when there is nothing.
 */
export function findHostOnly(parts: readonly Part[]): string | null {
  const marked = new Set(parts.flatMap(({ functions }) => functions.map(({ name }) => name)))
  const host = new Set(parts.flatMap(({ tokens }) => unmarkedFunctions(tokens)))
  const variables = new Set(parts.flatMap(({ tokens }) => hostVariables(tokens)))
  const declared = new Set(parts.flatMap(({ tokens }) => declaredNames(tokens)))
  for (const { tokens, functions } of parts) {
    for (const { qualifiers, body, parameters } of functions) {
      if (body === null || qualifiers.has('__host__')) continue
      const own = new Set([...parameters.split(' '), ...localNames(tokens, body)])
      for (let at = body.from; at < body.to; at++) {
        const name = tokens[at]?.text ?? ''
        if (tokens[at]?.kind !== 'identifier') continue
        if (NO_EXCEPTIONS.has(name)) return `exceptions in a kernel (${name})`
        if (isRunTimeArray(tokens, at, parameters)) return `an array in a kernel whose size is an argument (${name})`
        if (marked.has(name) || declared.has(name) || isMember(tokens, at)) continue
        if (isCall(tokens, at) && (host.has(name) || HOST_FUNCTIONS.has(name)))
          return `a kernel that calls a function of the host (${name})`
        if (variables.has(name) && !own.has(name)) return `a kernel that uses a variable of the host (${name})`
        const ofLibrary = tokens[at - 1]?.text === '::' && tokens[at - 2]?.text === 'std'
        if (HOST_OBJECTS.has(name) || (ofLibrary && HOST_TYPES.has(name)))
          return `a kernel that uses what only the host has (${name})`
      }
    }
  }
  return null
}

function isMember(tokens: readonly Token[], at: number): boolean {
  const before = tokens[at - 1]?.text
  return before === '.' || before === '->' || (before === '::' && tokens[at - 2]?.text !== 'std')
}

/** `Type name(argument)` declares a variable. */
function isCall(tokens: readonly Token[], at: number): boolean {
  const before = tokens[at - 1]
  if (tokens[at + 1]?.text !== '(') return false
  return before?.kind !== 'identifier' || before.text === 'return' || before.text === 'else' || before.text === 'do'
}

/** `float row[n]` where n is an argument of the function. */
function isRunTimeArray(tokens: readonly Token[], at: number, parameters: string): boolean {
  if (tokens[at + 1]?.text !== '[' || !BUILTIN_TYPES.has(tokens[at - 1]?.text ?? '')) return false
  const size = tokens.slice(at + 2, closingBracket(tokens, at + 1))
  const names = new Set(parameters.split(' '))
  return size.length === 1 && size[0]?.kind === 'identifier' && names.has(size[0].text)
}

/** Variables outside of functions that nothing marks. A constant number is known to the device, an array is not. */
function hostVariables(tokens: readonly Token[]): string[] {
  const plain = tokens.filter(({ directive }) => directive < 0)
  const names: string[] = []
  let start = 0
  for (let at = 0; at < plain.length; at++) {
    const { text } = plain[at] as Token
    if (text === '(') at = Math.max(at, closingBracket(plain, at))
    if (text === '{') {
      const words = plain.slice(start, at).map((token) => token.text)
      if (words.includes('namespace') || plain[at - 1]?.kind === 'string') start = at + 1
      else {
        at = Math.max(at, closingBracket(plain, at))
        // A function has no semicolon after it; an initialiser and a class have.
        if (plain[at + 1]?.text !== ';') start = at + 1
      }
    }
    if (text === '}') start = at + 1
    if (text !== ';') continue
    const name = variableOf(plain.slice(start, at))
    if (name !== null) names.push(name)
    start = at + 1
  }
  return names
}

/** `type name = value`, `type name[size]`; null for all that is not as plain as that. */
function variableOf(declaration: readonly Token[]): string | null {
  const end = declaration.findIndex(({ text }) => text === '=' || text === '[' || text === '{')
  const head = end < 0 ? declaration : declaration.slice(0, end)
  const words = head.map(({ text }) => text)
  const name = head.at(-1)
  const plain =
    words.length > 1 && words.every((word) => PLAIN_DECLARATION.test(word)) && !words.some((word) => NO_VARIABLE.has(word))
  const known = words.some((word) => word === 'const' || word === 'constexpr') && declaration[end]?.text !== '['
  return plain && !known && name?.kind === 'identifier' ? name.text : null
}

/** What may be declared in a body: `int n`, `float *p`, `int i, n`. A rough look, which finds too much rather than too little. */
function localNames(tokens: readonly Token[], { from, to }: { from: number; to: number }): string[] {
  return tokens.slice(from, to).flatMap(({ text, kind }, offset) => {
    const before = tokens[from + offset - 1]
    const type = before?.kind === 'identifier' && !ENDS_NO_TYPE.has(before.text)
    const pointer = (before?.text === '*' || before?.text === '&') && BUILTIN_TYPES.has(tokens[from + offset - 2]?.text ?? '')
    return kind === 'identifier' && (type || pointer || before?.text === ',' || before?.text === '>') ? [text] : []
  })
}

/** Macros, types and local functions, as roughly. */
function declaredNames(tokens: readonly Token[]): string[] {
  const before = new Set(['define', 'struct', 'class', 'union', 'enum', 'using', 'auto', 'typename'])
  return tokens.flatMap(({ text }, at) => (before.has(tokens[at - 1]?.text ?? '') ? [text] : []))
}
