import { balanced } from './brackets.ts'
import { tokenize } from './tokens.ts'

/**
 * Words by which text inside a function puts code, or settings of the compiler, outside of it: a test with one of these
 * could run before every other test of the program. Honest tests have none.
 */
const REACHES_OUT: ReadonlySet<string> = new Set([
  'asm',
  '__asm',
  '__asm__',
  '__attribute__',
  '__attribute',
  'gnu',
  '__gnu__',
  '_Pragma',
  '__pragma',
])

/** Line ends that the compiler takes out, and `#` in the letters of old keyboards. */
const SPLICE = /\\[ \t]*\r?\n/
const DIGRAPH = '%:'

/**
 * Whether a test may share a file with others. One that closes more brackets than it opens, leaves a comment open or
 * holds preprocessor lines would change what stands after it: it is compiled alone, where it gets what it would have had
 * in the reference, which compiles every test alone.
 */
export function sharesFile(test: string): boolean {
  if (SPLICE.test(test) || test.includes(DIGRAPH)) return false
  const { tokens, problems } = tokenize(test)
  if (tokens.some(({ kind, text }) => kind === 'identifier' && REACHES_OUT.has(text))) return false
  return problems.length === 0 && tokens.every(({ directive }) => directive < 0) && balanced(tokens)
}
