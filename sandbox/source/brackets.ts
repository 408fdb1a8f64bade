import type { Token } from './tokens.ts'

const CLOSING: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' }
const OPENING: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' }

/** Whether round, square and curly brackets close in order and never below the start. */
export function balanced(tokens: readonly Token[]): boolean {
  const open: string[] = []
  for (const { kind, text } of tokens) {
    if (kind !== 'punctuator') continue
    const closing = CLOSING[text]
    if (closing !== undefined) open.push(closing)
    else if (OPENING[text] !== undefined && open.pop() !== text) return false
  }
  return open.length === 0
}

/** The index of the bracket that closes the one at `from`, on the same preprocessor line; -1 where there is none. */
export function closingBracket(tokens: readonly Token[], from: number): number {
  let depth = 0
  for (let at = from; at < tokens.length; at++) {
    const token = tokens[at] as Token
    if (token.directive !== tokens[from]?.directive) continue
    if (token.kind !== 'punctuator') continue
    if (CLOSING[token.text] !== undefined) depth++
    else if (OPENING[token.text] !== undefined && --depth === 0) return at
  }
  return -1
}

/** The index of the bracket that the one at `from` closes; -1 where there is none. */
export function openingBracket(tokens: readonly Token[], from: number): number {
  let depth = 0
  for (let at = from; at >= 0; at--) {
    const token = tokens[at] as Token
    if (token.directive !== tokens[from]?.directive) continue
    if (token.kind !== 'punctuator') continue
    if (OPENING[token.text] !== undefined) depth++
    else if (CLOSING[token.text] !== undefined && --depth === 0) return at
  }
  return -1
}

/** What can stand between the angle brackets of template arguments; anything else means they were comparisons. */
const NEVER_IN_TEMPLATE_ARGUMENTS = new Set([';', '{', '}', '<<<'])

/** The index of the `<` that the `>` at `from` closes as template arguments; -1 where there is none. */
export function openingAngle(tokens: readonly Token[], from: number): number {
  let depth = 0
  for (let at = from; at >= 0; at--) {
    const { text, kind, directive } = tokens[at] as Token
    if (directive !== tokens[from]?.directive) return -1
    if (kind !== 'punctuator') continue
    if (text === '>') depth++
    else if (text === '<' && --depth === 0) return at
    else if (text === ')' || text === ']') {
      at = openingBracket(tokens, at)
      if (at < 0) return -1
    } else if (text === '(' || text === '[' || NEVER_IN_TEMPLATE_ARGUMENTS.has(text)) return -1
  }
  return -1
}

/** The index of the `>` that closes the `<` at `from` as template arguments; -1 where there is none. */
export function closingAngle(tokens: readonly Token[], from: number): number {
  let depth = 0
  for (let at = from; at < tokens.length; at++) {
    const { text, kind, directive } = tokens[at] as Token
    if (directive !== tokens[from]?.directive) return -1
    if (kind !== 'punctuator') continue
    if (text === '<') depth++
    else if (text === '>' && --depth === 0) return at
    else if (text === '(' || text === '[') {
      at = closingBracket(tokens, at)
      if (at < 0) return -1
    } else if (text === ')' || text === ']' || NEVER_IN_TEMPLATE_ARGUMENTS.has(text)) return -1
  }
  return -1
}

/** Splits tokens at commas that stand in no bracket. Angle brackets count where they close before a comma could tell. */
export function splitArguments(tokens: readonly Token[]): Token[][] {
  if (tokens.length === 0) return []
  const parts: Token[][] = [[]]
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at] as Token
    const part = parts.at(-1) as Token[]
    if (token.text === ',' && token.kind === 'punctuator') {
      parts.push([])
      continue
    }
    const end = groupEnd(tokens, at)
    part.push(...tokens.slice(at, end + 1))
    at = end
  }
  return parts
}

/** Where the group that begins at `at` ends; `at` itself when none begins there. */
function groupEnd(tokens: readonly Token[], at: number): number {
  const token = tokens[at] as Token
  if (token.kind !== 'punctuator') return at
  if (CLOSING[token.text] !== undefined) return Math.max(at, closingBracket(tokens, at))
  const template = token.text === '<' && tokens[at - 1]?.kind === 'identifier'
  return template ? Math.max(at, closingAngle(tokens, at)) : at
}
