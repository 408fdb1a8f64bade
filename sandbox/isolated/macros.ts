import type { Token } from '../source/tokens.ts'

/** A name that a text defines or undefines for the preprocessor. */
export interface MacroLine {
  name: string
  /** What it stands for; null where it takes arguments, or is undefined. */
  body: readonly Token[] | null
}

/**
 * The names by which a text could change what is written after it: all that it defines or undefines, but those that stand for a
 * number only, or for other such names with operators between.
 */
export function changingMacros(lines: readonly MacroLine[]): Set<string> {
  const changing = new Set(lines.flatMap(({ name, body }) => (body === null ? [name] : [])))
  const bodies = lines.flatMap(({ name, body }) => (body === null ? [] : [{ name, body }]))
  const known = new Set(bodies.map(({ name }) => name))
  // Until nothing changes: a name that stands for one of these is one of these.
  for (let before = -1; before < changing.size; ) {
    before = changing.size
    for (const { name, body } of bodies) {
      if (body.length === 0 || !body.every((token) => constant(token, known, changing))) changing.add(name)
    }
  }
  return changing
}

const OPERATORS = new Set(['(', ')', '+', '-', '*', '/', '%', '<<', '>', '<', '&', '|', '^', '~', '.'])

function constant({ kind, text }: Token, known: ReadonlySet<string>, changing: ReadonlySet<string>): boolean {
  if (kind === 'number' || kind === 'character') return true
  return kind === 'identifier' ? known.has(text) && !changing.has(text) : OPERATORS.has(text)
}

/** The lines of a text that define or undefine, whatever condition they stand under. */
export function macroLines(tokens: readonly Token[]): MacroLine[] {
  return tokens.flatMap((token, at): MacroLine[] => {
    const begins = token.directive >= 0 && tokens[at - 1]?.directive !== token.directive
    const [word, name, next] = [tokens[at + 1], tokens[at + 2], tokens[at + 3]]
    if (!begins || name === undefined || (word?.text !== 'define' && word?.text !== 'undef')) return []
    const takesArguments = next?.text === '(' && next.start === name.end && next.directive === token.directive
    if (word.text === 'undef' || takesArguments) return [{ name: name.text, body: null }]
    const rest = tokens.slice(at + 3)
    const end = rest.findIndex(({ directive }) => directive !== token.directive)
    return [{ name: name.text, body: end < 0 ? rest : rest.slice(0, end) }]
  })
}
