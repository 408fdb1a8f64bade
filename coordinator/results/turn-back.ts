/**
 * Tests call `wrapper(function, arguments...)`, which the harness supplies; a Tester writes plain calls. This turns one
 * into the other, in one pass over the text. What is read of C++ is as little as that needs:
 *
 *     test      = { token }
 *     token     = comment | string | raw string | character | number | word | any other character
 *     call      = "wrapper" blank* "(" blank* callee blank* ( "," | ")" )
 *     callee    = tokens in balanced brackets up to there, none of them "wrapper"
 *     blank     = white space | comment
 *
 * In strings and comments nothing is looked for. What does not fit is left as it is.
 */
export function turnBack(test: string): string {
  const parts: string[] = []
  for (let at = 0; at < test.length; ) {
    const end = tokenEnd(test, at)
    const token = test.slice(at, end)
    const call = token === WRAPPER ? readCall(test, end) : null
    parts.push(call === null ? token : `${call.callee}(`)
    at = call?.args ?? end
  }
  return parts.join('')
}

const WRAPPER = 'wrapper'

/** Reads what follows the word `wrapper` up to the first argument of the function; null when it is no call with a callee. */
function readCall(text: string, from: number): { callee: string; args: number } | null {
  const open = skipBlanks(text, from)
  if (text[open] !== '(') return null
  const start = skipBlanks(text, open + 1)
  const end = calleeEnd(text, start)
  if (end === null) return null
  const callee = plainCallee(withoutTrailingBlanks(text.slice(start, end)))
  if (callee === '') return null
  return { callee, args: text[end] === ')' ? end : skipSpace(text, end + 1) }
}

/**
 * Where the comma or bracket after the callee is; null when there is none before the text or the next `wrapper` (which
 * also keeps the whole linear). A callee may be `f<int, 4>`: outside of other brackets, angles are brackets in it.
 */
function calleeEnd(text: string, from: number): number | null {
  let depth = 0
  let angles = 0
  for (let at = from, end = from; at < text.length; at = end) {
    end = tokenEnd(text, at)
    const token = text.slice(at, end)
    if (token === WRAPPER) return null
    if (depth === 0 && (token === ')' || (token === ',' && angles === 0))) return at
    if ('([{'.includes(token)) depth++
    else if (')]}'.includes(token)) depth--
    else if (depth === 0 && token === '<') angles++
    else if (depth === 0 && token === '>' && text[at - 1] !== '-') angles--
  }
  return null
}

/** A callee as it stands before a call's bracket: no address-of, and in brackets unless it is a name or a lambda. */
function plainCallee(expression: string): string {
  const named = expression.replace(/^&\s*(?=[\w:])/, '')
  return named === '' || /^[\w:[]/.test(named) ? named : `(${named})`
}

function withoutTrailingBlanks(text: string): string {
  let end = 0
  for (let at = skipBlanks(text, 0); at < text.length; at = skipBlanks(text, end)) end = tokenEnd(text, at)
  return text.slice(0, end)
}

function skipSpace(text: string, from: number): number {
  let at = from
  while (/\s/.test(text[at] ?? '')) at++
  return at
}

function skipBlanks(text: string, from: number): number {
  let at = from
  while (/\s/.test(text[at] ?? '') || isComment(text, at)) at = tokenEnd(text, at)
  return at
}

function isComment(text: string, at: number): boolean {
  return text.startsWith('//', at) || text.startsWith('/*', at)
}

/** End of the token that begins at `at`; a token that is never closed ends with the text. */
function tokenEnd(text: string, at: number): number {
  if (text.startsWith('//', at)) return lineEnd(text, at)
  if (text.startsWith('/*', at)) return after(text, '*/', at + 2)
  const char = text[at] as string
  if (char === '"' || char === "'") return quoteEnd(text, at)
  if (isDigit(char) || (char === '.' && isDigit(text[at + 1]))) return numberEnd(text, at)
  return isWordChar(char) ? prefixedEnd(text, at, wordEnd(text, at)) : at + 1
}

/** A word may be the prefix of a string: `u8"..."`, `L'x'`, `R"tag(...)tag"`. */
function prefixedEnd(text: string, at: number, end: number): number {
  const word = text.slice(at, end)
  if (/^(u8|[uUL])$/.test(word) && (text[end] === '"' || text[end] === "'")) return quoteEnd(text, end)
  if (!/^(u8|[uUL])?R$/.test(word) || text[end] !== '"') return end
  const bracket = text.indexOf('(', end)
  return bracket < 0 ? text.length : after(text, `)${text.slice(end + 1, bracket)}"`, bracket)
}

/** A line comment goes on after a line that ends in a backslash. */
function lineEnd(text: string, at: number): number {
  let end = text.indexOf('\n', at)
  while (end >= 0 && text[end - 1] === '\\') end = text.indexOf('\n', end + 1)
  return end < 0 ? text.length : end
}

function quoteEnd(text: string, at: number): number {
  const quote = text[at]
  for (let end = at + 1; end < text.length; end++) {
    if (text[end] === '\\') end++
    else if (text[end] === quote) return end + 1
  }
  return text.length
}

function after(text: string, closing: string, from: number): number {
  const found = text.indexOf(closing, from)
  return found < 0 ? text.length : found + closing.length
}

function wordEnd(text: string, at: number): number {
  let end = at
  while (isWordChar(text[end])) end++
  return end
}

/** A number may hold `'` between digits and a sign after its exponent's letter. */
function numberEnd(text: string, at: number): number {
  let end = at + 1
  for (;;) {
    const char = text[end] ?? ''
    const sign = (char === '+' || char === '-') && /[eEpP]/.test(text[end - 1] ?? '')
    const separator = char === "'" && isWordChar(text[end + 1])
    if (!isWordChar(char) && char !== '.' && !sign && !separator) return end
    end++
  }
}

function isDigit(char: string | undefined): boolean {
  return char !== undefined && /\d/.test(char)
}

function isWordChar(char: string | undefined): boolean {
  return char !== undefined && /[\w$]/.test(char)
}
