import { closingBracket, splitArguments } from './brackets.ts'
import type { Edit } from './edits.ts'
import type { Token } from './tokens.ts'

/**
 * A GPU does not launch a kernel with more threads a block than its `__launch_bounds__` say, so the kernel looks first:
 *
 *     __global__ void __launch_bounds__(64) k() { ... }    becomes    ... { ::__ks::launch_bound(64); ... }
 */
export function checkLaunchBounds(tokens: readonly Token[]): Edit[] {
  return tokens.flatMap(({ text, directive }, at) => {
    if (text !== '__launch_bounds__' || directive >= 0) return []
    const close = closingBracket(tokens, at + 1)
    const [most] = splitArguments(tokens.slice(at + 2, close))
    const body = close < 0 ? undefined : bodyOf(tokens, close + 1)
    if (most === undefined || body === undefined) return []
    const size = most.map((token) => token.text).join(' ')
    return [{ start: body.end, end: body.end, text: ` ::__ks::launch_bound(${size});` }]
  })
}

/** The `{` of the function in whose declaration a token stands; nothing where it is only declared. */
function bodyOf(tokens: readonly Token[], from: number): Token | undefined {
  for (let at = from; at < tokens.length; at++) {
    const token = tokens[at] as Token
    if (token.text === '{') return token
    if (token.text === ';' || token.text === '}') return undefined
    if (token.text === '(') at = closingBracket(tokens, at)
    if (at < 0) return undefined
  }
  return undefined
}
