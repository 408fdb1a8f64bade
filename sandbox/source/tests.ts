import { balanced } from './brackets.ts'
import { tokenize } from './tokens.ts'

/**
 * Whether a test may share a file with others. One that closes more brackets than it opens, leaves a comment open or
 * holds preprocessor lines would change what stands after it: it is compiled alone, where it gets what it would have had
 * in the reference, which compiles every test alone.
 */
export function sharesFile(test: string): boolean {
  const { tokens, problems } = tokenize(test)
  return problems.length === 0 && tokens.every(({ directive }) => directive < 0) && balanced(tokens)
}
