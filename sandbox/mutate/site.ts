import type { Token } from '../source/tokens.ts'

/** A place of a text that a mutation could change, and into what. The span is whole tokens. */
export interface Site {
  start: number
  end: number
  text: string
}

/** Finds every site of one kind in the tokens of a text, in their order. Total: a text that is no program has fewer sites. */
export type FindSites = (tokens: readonly Token[]) => Site[]

/** Replaces the tokens from `from` to `to`, both included. */
export function replace(tokens: readonly Token[], from: number, to: number, text: string): Site[] {
  const [first, last] = [tokens[from], tokens[to]]
  return first === undefined || last === undefined ? [] : [{ start: first.start, end: last.end, text }]
}

/** Puts text behind a token. */
export function insertAfter(tokens: readonly Token[], at: number, text: string): Site[] {
  const token = tokens[at]
  return token === undefined ? [] : [{ start: token.end, end: token.end, text }]
}

/** The sites of a finder that looks at one token at a time. */
export function perToken(find: (tokens: readonly Token[], at: number, text: string) => Site[]): FindSites {
  return (tokens) => tokens.flatMap(({ text, directive }, at) => (directive < 0 ? find(tokens, at, text) : []))
}

/** Whether the token at `at` stands directly before the next one. */
export function touchesNext(tokens: readonly Token[], at: number): boolean {
  return tokens[at]?.end === tokens[at + 1]?.start
}

const TYPE_WORDS = new Set(
  'void bool char short int long unsigned signed float double auto const volatile size_t half dim3 __restrict__'.split(' '),
)
const NOT_VALUES = new Set(
  'return case else do goto throw new delete sizeof typename struct class enum union operator'.split(' '),
)

/** Whether a value ends at that token, so that a binary operator can follow. */
export function endsValue(token: Token | undefined): boolean {
  if (token === undefined) return false
  if (token.kind === 'identifier') return !TYPE_WORDS.has(token.text) && !NOT_VALUES.has(token.text)
  return token.kind === 'number' || token.text === ')' || token.text === ']'
}

/** Whether a value begins at that token. */
export function beginsValue(token: Token | undefined): boolean {
  return token !== undefined && (token.kind === 'number' || token.text === '(' || endsValue(token))
}

/** The text of tokens as it stands, blanks made one. */
export function textOf(tokens: readonly Token[]): string {
  return tokens.map(({ text }, at) => (at > 0 && tokens[at - 1]?.end !== tokens[at]?.start ? ` ${text}` : text)).join('')
}
