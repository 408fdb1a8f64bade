import { closingAngle, openingAngle } from '../source/brackets.ts'
import type { Token } from '../source/tokens.ts'
import { beginsValue, endsValue, perToken, replace, type Site, touchesNext } from './site.ts'

const SWAPS: Readonly<Record<string, string>> = {
  '+': '-',
  '-': '+',
  '*': '+',
  '/': '*',
  '%': '/',
  '&': '|',
  '|': '&',
  '^': '|',
}
const ASSIGNMENTS: Readonly<Record<string, string>> = {
  '+=': '-=',
  '-=': '+=',
  '*=': '+=',
  '/=': '*=',
  '++': '--',
  '--': '++',
  '|=': '&=',
  '&=': '|=',
}
const COMPARISONS: Readonly<Record<string, string>> = { '<': '<=', '<=': '<', '>': '>=', '>=': '>', '==': '!=', '!=': '==' }

/** `a + b` becomes `a - b`. */
export const arithmetic = perToken((tokens, at, text) => {
  const to = SWAPS[text]
  if (to === undefined || !endsValue(tokens[at - 1]) || !beginsValue(tokens[at + 1])) return []
  // `(float *)p` and `Row *row` are types: a pointer's star has no value behind it, or a name that is declared.
  if ((text === '*' || text === '&') && declares(tokens, at)) return []
  return replace(tokens, at, at, to)
})

/** `a += b` becomes `a -= b`. */
export const assignment = perToken((tokens, at, text) => {
  const to = ASSIGNMENTS[text]
  return to === undefined ? [] : replace(tokens, at, at, to)
})

/** `i < n` becomes `i <= n`. */
export const comparison = perToken((tokens, at) => {
  const found = comparisonAt(tokens, at)
  const to = found === null ? undefined : COMPARISONS[found.text]
  return found === null || to === undefined ? [] : replace(tokens, at, found.end, to)
})

/** `a && b` becomes `a || b`; `!a` becomes `a`. */
export const logic = perToken((tokens, at, text): Site[] => {
  if (text === '&&' && endsValue(tokens[at - 1])) return replace(tokens, at, at, '||')
  if (text === '||') return replace(tokens, at, at, '&&')
  return text === '!' && tokens[at + 1]?.text !== '=' ? replace(tokens, at, at, '') : []
})

/** The comparison whose first token is at `at`: `>` stands alone among tokens, so `>=` is two of them. */
export function comparisonAt(tokens: readonly Token[], at: number): { text: string; end: number } | null {
  const text = tokens[at]?.text ?? ''
  if (!endsValue(tokens[at - 1])) return null
  if (text === '<') return closesTemplate(tokens, at, closingAngle(tokens, at)) ? null : { text, end: at }
  if (text === '>') {
    const joined = touchesNext(tokens, at) ? tokens[at + 1]?.text : undefined
    if (joined === '=') return { text: '>=', end: at + 1 }
    if (joined === '>' || (touchesNext(tokens, at - 1) && tokens[at - 1]?.text === '>')) return null
    return closesTemplate(tokens, openingAngle(tokens, at), at) ? null : { text, end: at }
  }
  return COMPARISONS[text] === undefined ? null : { text, end: at }
}

/** Whether two angles hold what template arguments are made of. */
function closesTemplate(tokens: readonly Token[], open: number, close: number): boolean {
  if (open < 0 || close < 0) return false
  const inside = tokens.slice(open + 1, close)
  return inside.every(
    ({ kind, text }) => kind === 'identifier' || kind === 'number' || [',', '*', '::', '&', '<', '>'].includes(text),
  )
}

function declares(tokens: readonly Token[], at: number): boolean {
  const [before, next, after] = [tokens[at - 2]?.text ?? ';', tokens[at + 1], tokens[at + 2]?.text ?? '']
  if (tokens[at - 1]?.kind !== 'identifier' || next?.kind !== 'identifier') return false
  const startsSomething = [';', '{', '}', '(', ',', 'const', 'struct', 'static', '>'].includes(before)
  return (
    startsSomething && ['=', ';', ',', ')', '['].includes(after) && !['=', '+', '-', '*', '/', '[', 'return'].includes(before)
  )
}
