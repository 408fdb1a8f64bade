import { type Token, tokenize } from './tokens.ts'

/** What a program's texts must not say for it to be read after few headers in place of all; see toolchain/nvcc/lean.ts. */
export type HeavyNames = ReadonlySet<string>

const SPLICE = /\\[ \t]*\r?\n/g
/** How names could be made that stand nowhere: pasted, or in the letters of old keyboards. */
const MADE = /##|%:|\?\?=/
/** Headers that few headers have read already, so that reading one again is nothing. */
const READ_ALREADY =
  /^<?(?:c(?:assert|ctype|float|limits|math|stdint|stdio|stdlib|time)|type_traits|utility|(?:assert|ctype|errno|float|limits|math|stdint|stdio|stdlib|string|time|cuda_runtime|device_launch_parameters)\.h)>?$/

/**
 * Why a program must be read after all headers, or null where few are the same to it.
 *
 * A name that a program does not say is not looked up for it; what is looked up without being said is this:
 * - operators, of which the other headers have many, all for types of theirs. Only a type of the program's that turns into any
 *   other could choose one: a program that defines operators, but for the call, is read after all.
 * - the suffixes of strings ("..."s);
 * - names made by the preprocessor.
 * `swap` is said by the larger headers too, but only for types of theirs, by templates that match no others.
 */
export function whyAllHeaders(texts: readonly string[], names: HeavyNames): string | null {
  for (const text of texts) {
    if (MADE.test(text)) return 'names made by the preprocessor'
    const { tokens, problems } = tokenize(text.replace(SPLICE, ''))
    if (problems.length > 0) return 'a comment, a string or a character left open'
    const reason = reasonIn(tokens, names)
    if (reason !== null) return reason
  }
  return null
}

function reasonIn(tokens: readonly Token[], names: HeavyNames): string | null {
  for (const [at, token] of tokens.entries()) {
    const [before, next] = [tokens[at - 1], tokens[at + 1]]
    if (token.directive >= 0 && before?.text === '#' && token.text.startsWith('include')) {
      if (!readAlready(tokens, at)) return 'a header that few headers have not read'
    }
    if (token.kind !== 'identifier' || isHeaderName(tokens, at)) continue
    if (names.has(token.text) || token.text.startsWith('__ks')) return token.text
    if (token.text === 'operator' && next?.text !== '(') return 'operators of its own'
    if (token.text === 'std' && before?.text === 'namespace' && next?.text !== ';') return 'additions to std'
    if ((before?.kind === 'string' || before?.kind === 'character') && before.end === token.start) return 'a suffix of its own'
  }
  return null
}

function headerOf(tokens: readonly Token[], at: number): Token[] {
  const line = tokens[at]?.directive
  const rest = tokens.slice(at + 1)
  const end = rest.findIndex(({ directive }) => directive !== line)
  return end < 0 ? rest : rest.slice(0, end)
}

function readAlready(tokens: readonly Token[], at: number): boolean {
  const name = headerOf(tokens, at)
    .map(({ text }) => text)
    .join('')
  return READ_ALREADY.test(name.replaceAll('"', ''))
}

/** Words of a line that includes are looked at as a whole. */
function isHeaderName(tokens: readonly Token[], at: number): boolean {
  const { directive } = tokens[at] as Token
  if (directive < 0) return false
  for (let i = at - 1; i >= 0 && tokens[i]?.directive === directive; i--) {
    if (tokens[i]?.text.startsWith('include') && tokens[i - 1]?.text === '#') return true
  }
  return false
}
