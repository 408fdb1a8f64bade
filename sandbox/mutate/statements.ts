import { balanced, closingBracket } from '../source/brackets.ts'
import type { Token } from '../source/tokens.ts'
import { type FindSites, insertAfter, perToken, replace, type Site, textOf } from './site.ts'

/** Words with which no statement begins that can be left out without another meaning of its neighbours. */
const NO_PLAIN_STATEMENT = new Set(
  'if else for while do switch case default return struct class union enum template using typedef namespace extern __global__ __device__ __host__ __constant__ static const'.split(
    ' ',
  ),
)

/** A statement that ends in a semicolon: indices of its first token and of the semicolon. */
export interface Statement {
  from: number
  to: number
}

/** The statements in braces that are expressions or calls, declarations left out. */
export function plainStatements(tokens: readonly Token[]): Statement[] {
  const found: Statement[] = []
  let from = 0
  for (const [at, { text, directive }] of tokens.entries()) {
    if (directive >= 0 || text === '{' || text === '}') from = at + 1
    if (text !== ';' || directive >= 0) continue
    if (isPlain(tokens, from, at)) found.push({ from, to: at })
    from = at + 1
  }
  return found
}

function isPlain(tokens: readonly Token[], from: number, to: number): boolean {
  const words = tokens.slice(from, to)
  const [first, second] = words
  if (first === undefined || second === undefined || NO_PLAIN_STATEMENT.has(first.text) || !balanced(words)) return false
  // Two words in a row begin a declaration; `a * b` may be one.
  const declares = first.kind === 'identifier' && (second.kind === 'identifier' || second.text === '::' || second.text === '<')
  return !declares && !(second.text === '*' && words[2]?.kind === 'identifier')
}

/** A statement is left out; its semicolon stays. */
export const statement: FindSites = (tokens) => plainStatements(tokens).flatMap(({ from, to }) => replace(tokens, from, to, ';'))

/** A semicolon is left out. Those of `for (;;)` too. */
export const semicolon = perToken((tokens, at, text): Site[] => (text === ';' ? replace(tokens, at, at, '') : []))

/** `if (c)` becomes `if (!(c))`. */
export const condition = perToken((tokens, at, text): Site[] => {
  const close = conditionEnd(tokens, at, text)
  return close < 0 ? [] : replace(tokens, at + 1, close, `(!${textOf(tokens.slice(at + 1, close + 1))})`)
})

/** `if (i < n)` becomes `if (true)`. */
export const guard = perToken((tokens, at, text): Site[] => {
  const close = conditionEnd(tokens, at, text)
  return close < 0 ? [] : replace(tokens, at + 1, close, '(true)')
})

function conditionEnd(tokens: readonly Token[], at: number, text: string): number {
  if (text !== 'if' || tokens[at + 1]?.text !== '(') return -1
  return closingBracket(tokens, at + 1)
}

/** A call of what only the host has, first thing in a kernel. */
export const hostCall = perToken((tokens, at, text): Site[] => {
  const open =
    text === '__global__' ? tokens.findIndex((token, index) => index > at && (token.text === '{' || token.text === ';')) : -1
  return tokens[open]?.text === '{' ? insertAfter(tokens, open, ' std::cout << threadIdx.x; ') : []
})
