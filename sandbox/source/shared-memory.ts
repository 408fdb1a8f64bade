import { closingBracket, splitArguments } from './brackets.ts'
import type { Edit } from './edits.ts'
import type { Rewriting } from './launches.ts'
import type { Token } from './tokens.ts'

/**
 * Rewrites what C++ cannot say of shared memory:
 *
 *     extern __shared__ float tile[];     becomes     float (&tile)[] = ::__ks::dynamic_shared();
 *     static __shared__ int count;        becomes     __shared__ int count;     (the header says static itself)
 *
 * The size of a dynamic array is the launch's, so the declaration becomes a reference to the block's one array.
 */
export function rewriteSharedMemory(tokens: readonly Token[]): Rewriting {
  const edits: Edit[] = []
  for (const [at, token] of tokens.entries()) {
    if (token.text !== '__shared__' || token.kind !== 'identifier') continue
    const { from, to } = declarationAround(tokens, at)
    const declaration = tokens.slice(from, to)
    const dropped = declaration.filter(({ text }) => text === 'static')
    if (!declaration.some(({ text }) => text === 'extern')) {
      edits.push(...dropped.map(({ start, end }) => ({ start, end, text: '' })))
      continue
    }
    const outside = enclosingFunction(tokens, from) ? '' : 'static '
    const rewritten = dynamicArray(declaration, outside)
    if (rewritten === null)
      return { kind: 'unsupported', reason: 'an extern __shared__ declaration that is not of arrays without size' }
    edits.push(...rewritten)
  }
  return { kind: 'edits', edits }
}

function declarationAround(tokens: readonly Token[], at: number): { from: number; to: number } {
  const boundary = (token: Token | undefined) =>
    token === undefined ||
    token.directive !== tokens[at]?.directive ||
    (token.kind === 'punctuator' && ';{}'.includes(token.text))
  let from = at
  while (!boundary(tokens[from - 1])) from--
  let to = at
  while (!boundary(tokens[to])) to++
  return { from, to }
}

/** Whether some `{` that is no namespace's, class's or extern "C"'s is open before the token. A rough look is enough. */
function enclosingFunction(tokens: readonly Token[], from: number): boolean {
  for (let at = 0; at < from; at++) {
    if (tokens[at]?.text !== '{' || tokens[at]?.kind !== 'punctuator') continue
    const end = closingBracket(tokens, at)
    if (end >= 0 && end < from) at = end
    else if (tokens[at - 1]?.text === ')' || tokens[at - 1]?.text === 'const') return true
  }
  return (tokens[from]?.directive ?? -1) >= 0
}

function dynamicArray(declaration: readonly Token[], outside: string): Edit[] | null {
  const first = declaration[0] as Token
  const edits: Edit[] = outside === '' ? [] : [{ start: first.start, end: first.start, text: outside }]
  for (const { text, start, end } of declaration) {
    if (text === 'extern' || text === '__shared__' || text === 'static') edits.push({ start, end, text: '' })
  }
  for (const declarator of splitArguments(declaration)) {
    const bracket = declarator.findIndex((token, at) => token.text === '[' && declarator[at + 1]?.text === ']')
    const name = declarator[bracket - 1]
    const last = declarator.at(-1)
    if (bracket < 1 || name?.kind !== 'identifier' || last?.text !== ']') return null
    edits.push({ start: name.start, end: name.end, text: `(&${name.text})` })
    edits.push({ start: last.end, end: last.end, text: ' = ::__ks::dynamic_shared()' })
  }
  return edits
}
