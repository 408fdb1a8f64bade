import { closingBracket, openingBracket } from '../../../source/brackets.ts'
import type { MarkedFunction } from '../../../source/functions.ts'
import type { Token } from '../../../source/tokens.ts'

/** A variable of the device's that the host registers. */
export interface DeviceVariable {
  name: string
  constant: boolean
}

const MARKS: ReadonlySet<string> = new Set(['__device__', '__constant__'])
/** What a declaration may hold before the name; anything with brackets is beyond this. */
const ENDS: ReadonlySet<string> = new Set(['=', '[', ';'])

/** The variables that a text marks, outside of any braces; or why they cannot be followed. */
export function deviceVariables(tokens: readonly Token[], functions: readonly MarkedFunction[]): DeviceVariable[] | string {
  const found: DeviceVariable[] = []
  const inBody = (at: number) => functions.some(({ body }) => body !== null && at >= body.from && at <= body.to)
  const inHead = (at: number) => functions.some((one) => at >= one.at.start && at <= one.at.close)
  let until = -1
  for (const [at, token] of tokens.entries()) {
    if (at <= until || !MARKS.has(token.text) || inBody(at) || inHead(at)) continue
    if (!outside(tokens, at)) return 'a variable of the device in a namespace or a class'
    const read = variableAt(tokens, at)
    if (read === null) return 'a variable of the device that is declared in another way than TYPE NAME'
    found.push(read.variable)
    until = read.end
  }
  return found
}

function outside(tokens: readonly Token[], from: number): boolean {
  let depth = 0
  for (let at = 0; at < from; at++) {
    if (tokens[at]?.text === '{') depth++
    else if (tokens[at]?.text === '}') depth--
  }
  return depth === 0
}

function variableAt(tokens: readonly Token[], mark: number): { variable: DeviceVariable; end: number } | null {
  let start = mark
  while (start > 0 && ![';', '}'].includes(tokens[start - 1]?.text ?? ';') && tokens[start - 1]?.directive === -1) start--
  const head = tokens.findIndex(({ text }, at) => at > mark && (ENDS.has(text) || text === '(' || text === '{' || text === ','))
  const name = tokens[head - 1]
  if (head < 0 || !ENDS.has(tokens[head]?.text ?? '') || name?.kind !== 'identifier') return null
  const words = tokens.slice(start, head).map(({ text }) => text)
  if (words.includes('extern') || words.includes('template') || words.includes('::')) return null
  let end = head
  while (end < tokens.length && tokens[end]?.text !== ';') {
    const { text } = tokens[end] as Token
    if (text === ',') return null
    if (text === '{' || text === '(' || text === '[') end = closingBracket(tokens, end)
    if (end < 0) return null
    end++
  }
  return { variable: { name: name.text, constant: words.includes('__constant__') }, end }
}

/** Those that host_half.h has as nvcc has them. */
const TAKES_SYMBOL = /^cuda(?:Memcpy(?:To|From)Symbol(?:Async)?|GetSymbol(?:Address|Size))$/

/** Whether a name on the host is where the runtime takes a variable of the device: a whole argument; or its own declaration. */
export function usesVariable(tokens: readonly Token[], at: number): boolean {
  const [before, after] = [tokens[at - 1]?.text ?? '', tokens[at + 1]?.text ?? '']
  if (!['(', ','].includes(before) || ![')', ','].includes(after)) return declares(tokens, at)
  for (let open = at - 1; open >= 0; open--) {
    const { text } = tokens[open] as Token
    if (text === '(') return TAKES_SYMBOL.test(tokens[open - 1]?.text ?? '')
    if (text === ')' || text === ']' || text === '}') open = openingBracket(tokens, open)
    else if (text === ';' || text === '{') return false
  }
  return false
}

function declares(tokens: readonly Token[], at: number): boolean {
  for (let i = at - 1; i >= 0; i--) {
    const { text } = tokens[i] as Token
    if (MARKS.has(text)) return ENDS.has(tokens[at + 1]?.text ?? '')
    if (text === ';' || text === '{' || text === '}' || text === '=' || text === '(') return false
  }
  return false
}
