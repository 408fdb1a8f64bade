import { closingBracket } from '../source/brackets.ts'
import type { Token } from '../source/tokens.ts'
import { comparisonAt } from './operators.ts'
import { beginsValue, type FindSites, insertAfter, perToken, replace, type Site } from './site.ts'

const WHOLE = /^(?:0|[1-9]\d{0,8})([uUlL]*)$/

/** Numbers: a whole one by one more or less, another doubled; those of `#define` lines too. */
export const constant: FindSites = (tokens) =>
  tokens.flatMap(({ kind, text }, at) => {
    if (kind !== 'number') return []
    const suffix = WHOLE.exec(text)?.[1]
    if (suffix === undefined) return /^[\d.]+f?$/.test(text) ? replace(tokens, at, at, `(2 * ${text})`) : []
    const value = Number.parseInt(text, 10)
    const others = value === 0 ? [1] : value === 1 ? [0, 2] : [value - 1, value + 1]
    return others.flatMap((other) => replace(tokens, at, at, `${other}${suffix}`))
  })

/** `a[i]` becomes `a[i + 1]` or `a[i - 1]`; declarations of arrays are left alone. */
export const index = perToken((tokens, at, text) => {
  const close = text === '[' && isElement(tokens, at) ? closingBracket(tokens, at) : -1
  if (close <= at + 1) return []
  return [' + 1', ' - 1'].flatMap((by) => insertAfter(tokens, close - 1, by))
})

/** `i < n` becomes `i < n - 1` or `i < n + 1`. */
export const bound = perToken((tokens, at) => {
  const found = comparisonAt(tokens, at)
  const right = tokens[(found?.end ?? at) + 1]
  const after = tokens[(found?.end ?? at) + 2]?.text ?? ''
  const alone = [')', ';', '&&', '||', '?'].includes(after) && (right?.kind === 'identifier' || right?.kind === 'number')
  return found !== null && alone ? [' - 1', ' + 1'].flatMap((by) => insertAfter(tokens, found.end + 1, by)) : []
})

const TYPES: Readonly<Record<string, string>> = { double: 'float', float: 'int', int: 'char', unsigned: 'signed', long: 'short' }

/** `float` becomes `int`, `double` becomes `float`, `int` becomes `char`. */
export const type = perToken((tokens, at, text): Site[] => {
  const to = TYPES[text]
  const part = [tokens[at - 1]?.text, tokens[at + 1]?.text].some(
    (near) => near === 'long' || near === 'unsigned' || near === 'short',
  )
  return to === undefined || part || tokens[at - 1]?.text === '::' ? [] : replace(tokens, at, at, to)
})

/** `int sum = 0;` becomes `int sum;`. */
export const initialisation = perToken((tokens, at, text): Site[] => {
  const declared = tokens[at - 1]?.kind === 'identifier' && tokens[at - 2]?.kind === 'identifier'
  const plain = tokens[at + 1]?.kind === 'number' && tokens[at + 2]?.text === ';'
  return text === '=' && declared && plain ? replace(tokens, at, at + 1, '') : []
})

const FUNCTIONS: Readonly<Record<string, string>> = {
  min: 'max',
  max: 'min',
  fminf: 'fmaxf',
  fmaxf: 'fminf',
  fmin: 'fmax',
  fmax: 'fmin',
  sin: 'cos',
  cos: 'sin',
  sinf: 'cosf',
  cosf: 'sinf',
  sqrt: 'fabs',
  sqrtf: 'fabsf',
  exp: 'log',
  log: 'exp',
  expf: 'logf',
  logf: 'expf',
  floor: 'ceil',
  ceil: 'floor',
  floorf: 'ceilf',
  ceilf: 'floorf',
  atomicAdd: 'atomicExch',
  atomicMin: 'atomicMax',
  atomicMax: 'atomicMin',
}

/** `min(a, b)` becomes `max(a, b)`, and so for other pairs of functions. */
export const calledFunction = perToken((tokens, at, text): Site[] => {
  const to = tokens[at + 1]?.text === '(' ? FUNCTIONS[text] : undefined
  return to === undefined ? [] : replace(tokens, at, at, to)
})

/** A value's name misspelt, so that nobody has declared it. */
export const name = perToken((tokens, at, text): Site[] => {
  const [before, token, after] = [tokens[at - 1]?.text ?? '', tokens[at], tokens[at + 1]?.text ?? '']
  const used =
    ['[', '(', '+', '-', '*', '/', '<', '=', ','].includes(before) && [']', ')', '+', '-', '*', '/', ';', ','].includes(after)
  const plain = token?.kind === 'identifier' && beginsValue(token)
  return plain && used && before !== '*' ? replace(tokens, at, at, `${text}_`) : []
})

/** Whether `[` follows a value that is used, not a name that is declared. */
function isElement(tokens: readonly Token[], at: number): boolean {
  const [owner, before] = [tokens[at - 1], tokens[at - 2]]
  if (owner?.text === ']' || owner?.text === ')') return true
  if (owner?.kind !== 'identifier') return false
  const declared = before?.kind === 'identifier' && !['return', 'else', 'case'].includes(before.text)
  return !declared && before?.text !== '>'
}
