import { closingBracket, openingBracket, splitArguments } from './brackets.ts'
import type { Decider } from './decider.ts'
import type { Edit } from './edits.ts'
import type { Rewriting } from './launches.ts'
import type { Token } from './tokens.ts'

/**
 * Rewrites what C++ cannot say of shared memory:
 *
 *     extern __shared__ float tile[];     becomes     float (&tile)[] = ::__ks::dynamic_shared();
 *     static __shared__ int count;        becomes     __shared__ int count;     (the header says static itself)
 *     __shared__ float a[N], b[N];        is followed by a static_assert that a block can have so much, and in a function by
 *                                         a call that tells a launch how much it is
 *     __shared__ int count = 0;           is followed by one that fails, because that is no CUDA
 *
 * The two assertions stand in for nvcc, and are left out where nvcc itself has decided.
 *
 * The size of a dynamic array is the launch's, so the declaration becomes a reference to the block's one array.
 */
export function rewriteSharedMemory(tokens: readonly Token[], decider: Decider): Rewriting {
  const edits: Edit[] = []
  const arrays: SharedArray[] = []
  for (const [at, token] of tokens.entries()) {
    if (token.text !== '__shared__' || token.kind !== 'identifier') continue
    const { from, to } = declarationAround(tokens, at)
    const declaration = tokens.slice(from, to)
    const dropped = declaration.filter(({ text }) => text === 'static')
    if (!declaration.some(({ text }) => text === 'extern')) {
      edits.push(...dropped.map(({ start, end }) => ({ start, end, text: '' })))
      const end = tokens[to]
      const known = arrays.filter(({ scopeEnd }) => scopeEnd > at)
      const own = arraysOf(declaration, scopeEnd(tokens, to))
      const inFunction = enclosingFunction(tokens, from)
      const told = inFunction && end?.directive === -1 ? tellLaunch(own) : ''
      const asserted = decider === 'g++' ? assertions(declaration, own, known) : ''
      if (end?.text === ';') edits.push({ start: end.end, end: end.end, text: asserted + told })
      if (inFunction) arrays.push(...own)
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

/** An array that blocks share, and the token to which its name is known. */
interface SharedArray {
  name: string
  scopeEnd: number
}

/** What a GPU's compiler refuses, and g++ would not. What other functions share is not counted in. */
function assertions(declaration: readonly Token[], own: readonly SharedArray[], known: readonly SharedArray[]): string {
  const initialised = splitArguments(declaration).some((one) => one.some(({ text }) => text === '='))
  if (initialised) return ' static_assert(false, "what a block shares has no initialiser");'
  if (own.length === 0) return ''
  const bytes = [...known, ...own].map(({ name }) => `sizeof(${name})`).join(' + ')
  return ` static_assert(::__ks::shared_fits(${bytes}), "more than a block can share");`
}

/** Tells a launch of arrays once, when its first thread comes to them. */
function tellLaunch(own: readonly SharedArray[]): string {
  if (own.length === 0) return ''
  const bytes = own.map(({ name }) => `sizeof(${name})`).join(' + ')
  return ` __KS_USE_SHARED(${bytes});`
}

/** The arrays a declaration names; single variables need no room to speak of. */
function arraysOf(declaration: readonly Token[], end: number): SharedArray[] {
  return splitArguments(declaration).flatMap((declarator) => {
    let at = declarator.length - 1
    while (declarator[at]?.text === ']') at = openingBracket(declarator, at) - 1
    const name = declarator[at]
    return at < declarator.length - 1 && name?.kind === 'identifier' ? [{ name: name.text, scopeEnd: end }] : []
  })
}

/** Where the innermost block around a token ends. */
function scopeEnd(tokens: readonly Token[], from: number): number {
  for (let at = from; at < tokens.length; at++) {
    const { text, directive } = tokens[at] as Token
    if (directive !== tokens[from]?.directive) continue
    if (text === '}') return at
    if (text === '{') at = Math.max(at, closingBracket(tokens, at))
  }
  return tokens.length
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
