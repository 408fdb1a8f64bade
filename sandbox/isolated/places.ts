import type { Finding, Program } from '../../protocol/index.ts'
import { tokenize } from '../source/tokens.ts'
import { lineOf } from './unit.ts'

export type Place = Pick<Finding, 'file' | 'line'>

/** Where the program launches its first kernel, or else where the function begins that the test calls. */
export function launchPlace(program: Program, testIndex: number): Place {
  return placeOf(program, ({ text }) => text === '<<<') ?? functionPlace(program, testIndex) ?? { file: 'wrapper', line: 0 }
}

function functionPlace(program: Program, testIndex: number): Place | null {
  const { tokens } = tokenize(program.tests[testIndex] ?? '')
  const name = tokens[tokens.findIndex(({ text }) => text === 'wrapper') + 2]
  return name?.kind === 'identifier' ? placeOf(program, ({ text }) => text === name.text) : null
}

function placeOf({ wrapper, code }: Program, wanted: (token: { text: string }) => boolean): Place | null {
  for (const [file, text] of [['wrapper', wrapper] as const, ['code', code] as const]) {
    const found = tokenize(text).tokens.find(wanted)
    if (found !== undefined) return { file, line: lineOf(text, found.start) }
  }
  return null
}

/** The name of an argument as the test writes it where that is a name, for people. */
export function argumentName(test: string, line: number, argument: number): string {
  const { tokens } = tokenize(test)
  const at = tokens.findIndex(({ text, start }) => text === 'wrapper' && lineOf(test, start) === line)
  const parts = at < 0 ? [] : callArguments(tokens.slice(at + 2))
  const written = parts[argument]
  return written === undefined || written.length > 40 ? `argument ${argument}` : `argument ${argument} (${written})`
}

/** The arguments of a call, its function first; brackets are kept together. */
function callArguments(tokens: readonly { text: string }[]): string[] {
  const parts = ['']
  let depth = 0
  for (const { text } of tokens) {
    if ('([{'.includes(text)) depth++
    if (')]}'.includes(text) && depth-- === 0) break
    if (text === ',' && depth === 0) parts.push('')
    else parts[parts.length - 1] += text
  }
  return parts
}
