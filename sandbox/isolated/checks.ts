import { balanced } from '../source/brackets.ts'
import { type Token, tokenize } from '../source/tokens.ts'
import { changingMacros, macroLines } from './macros.ts'

export interface IsolatedTexts {
  code: string
  wrapper: string
  tests: readonly string[]
}

/** Words of the text that holds the tests, which a program must leave as they are. */
const OURS: ReadonlySet<string> = new Set(
  'namespace struct static inline const nullptr int extern __attribute__ visibility table index switch case return leave'.split(
    ' ',
  ),
)

const SPLICE = /\\[ \t]*\r?\n/g
/** How a name of ours begins, and the parts of which it could be pasted together. */
const OUR_NAME = /^__ks/
const PART_OF_OUR_NAME = /^(?:_|__|__k|_ks\w*|ks\w*|s_secret|_secret)$/
const PASTES = /##|%:%:|CONCAT/
/** Orders to the compiler by which one name becomes another one. */
const RENAMES: ReadonlySet<string> = new Set(['pop_macro', 'redefine_extname', 'include_alias'])

/**
 * Why tests that stand after this program in one file would not be the tests, or the harness not the harness; null where they are.
 * The names of the harness begin with `__ks`, and no program can say them: not written, not in pieces, not by a macro.
 */
export function findTampering({ code, wrapper, tests }: IsolatedTexts): string | null {
  const program = `${code}\n\n${wrapper}`
  for (const text of [program, ...tests]) {
    const reason = unreadable(text) ?? namesOurs(text)
    if (reason !== null) return reason
  }
  const { tokens, problems } = tokenize(program.replace(SPLICE, ''))
  if (problems.length > 0 || !balanced(tokens.filter(({ directive }) => directive < 0))) {
    return 'a program that leaves a bracket, a comment or a string open'
  }
  return changesTests(tokens, tests)
}

/** What the compiler would read otherwise than we do. */
function unreadable(text: string): string | null {
  if (text.includes('%:') || text.includes('??=')) return 'a preprocessor line in the letters of old keyboards'
  if (text.search(SPLICE) >= 0 && /R"/.test(text)) return 'continued lines beside raw strings'
  return null
}

function namesOurs(text: string): string | null {
  const { tokens } = tokenize(text.replace(SPLICE, ''))
  const words = tokens.filter(({ kind }) => kind === 'identifier').map((token) => token.text)
  const pastes = PASTES.test(text)
  const word = words.find((one) => OUR_NAME.test(one) || RENAMES.has(one) || (pastes && PART_OF_OUR_NAME.test(one)))
  return word === undefined ? null : `a name of the harness (${word})`
}

function changesTests(tokens: readonly Token[], tests: readonly string[]): string | null {
  const lines = macroLines(tokens)
  if (lines.length === 0) return null
  const ours = lines.find(({ name }) => OURS.has(name))
  if (ours !== undefined) return `a macro that changes the harness (${ours.name})`
  const changing = changingMacros(lines)
  for (const test of tests) {
    const found = tokenize(test).tokens.find(({ kind, text }) => kind === 'identifier' && changing.has(text))
    if (found !== undefined) return `a macro that changes a test (${found.text})`
  }
  return null
}
