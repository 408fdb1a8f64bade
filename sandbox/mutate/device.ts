import { closingBracket, splitArguments } from '../source/brackets.ts'
import type { Token } from '../source/tokens.ts'
import { type FindSites, insertAfter, perToken, replace, type Site, textOf } from './site.ts'
import { plainStatements, type Statement } from './statements.ts'

const WAITS = new Set([
  '__syncthreads',
  '__syncwarp',
  'cudaDeviceSynchronize',
  'cudaStreamSynchronize',
  'cudaEventSynchronize',
  '__threadfence',
])
const COPIES = /^cuda(?:Memcpy|Memset)\w*$/

/** A barrier, or a wait of the host, is left out. */
export const synchronisation: FindSites = (tokens) => dropped(tokens, ({ text }) => WAITS.has(text))

/** A copy, or the clearing of memory, is left out. */
export const copy: FindSites = (tokens) => dropped(tokens, ({ text }) => COPIES.test(text))

/** An allocation is left out. A release that is left out changes nothing that a test could see. */
export const allocation: FindSites = (tokens) => dropped(tokens, ({ text }) => /^cuda(?:Host)?(?:Malloc|Alloc)\w*$/.test(text))

/** A launch is left out. */
export const launch: FindSites = (tokens) =>
  plainStatements(tokens)
    .filter(({ from, to }) => tokens.slice(from, to).some(({ text }) => text === '<<<'))
    .flatMap(({ from, to }) => replace(tokens, from, to, ';'))

function dropped(tokens: readonly Token[], isIt: (first: Token) => boolean): Site[] {
  const first = ({ from }: Statement) => tokens[from] as Token
  return plainStatements(tokens)
    .filter((one) => isIt(first(one)))
    .flatMap(({ from, to }) => replace(tokens, from, to, ';'))
}

const DIRECTIONS: Readonly<Record<string, string>> = {
  cudaMemcpyHostToDevice: 'cudaMemcpyDeviceToHost',
  cudaMemcpyDeviceToHost: 'cudaMemcpyHostToDevice',
  cudaMemcpyDeviceToDevice: 'cudaMemcpyHostToDevice',
}

/** A copy goes the other way. */
export const direction = perToken((tokens, at, text): Site[] => {
  const to = DIRECTIONS[text]
  return to === undefined ? [] : replace(tokens, at, at, to)
})

/** `sizeof(float)` becomes 1, so that bytes and elements are confused. */
export const size = perToken((tokens, at, text): Site[] => {
  const close = text === 'sizeof' && tokens[at + 1]?.text === '(' ? closingBracket(tokens, at + 1) : -1
  return close < 0 ? [] : replace(tokens, at, close, '1')
})

const PLACES: Readonly<Record<string, string>> = {
  threadIdx: 'blockIdx',
  blockIdx: 'threadIdx',
  blockDim: 'gridDim',
  gridDim: 'blockDim',
}
const AXES: Readonly<Record<string, string>> = { x: 'y', y: 'x', z: 'x' }

/** `threadIdx.x` becomes `blockIdx.x` or `threadIdx.y`. */
export const threadNumber = perToken((tokens, at, text): Site[] => {
  const other = PLACES[text]
  const axis = tokens[at + 1]?.text === '.' ? AXES[tokens[at + 2]?.text ?? ''] : undefined
  if (other === undefined || axis === undefined) return []
  return [...replace(tokens, at, at, other), ...replace(tokens, at + 2, at + 2, axis)]
})

/** `atomicAdd(p, v);` becomes `*(p) += v;`, which is no longer atomic. */
export const atomic: FindSites = (tokens) =>
  plainStatements(tokens).flatMap(({ from, to }) => {
    const [address, value] = tokens[from]?.text === 'atomicAdd' ? splitArguments(tokens.slice(from + 2, to - 1)) : []
    return address && value ? replace(tokens, from, to - 1, `*(${textOf(address)}) += ${textOf(value)}`) : []
  })

/** The grid is one block smaller, or one block where a variable says how many. */
export const grid: FindSites = (tokens) => [...launchGrids(tokens), ...declaredGrids(tokens)]

function launchGrids(tokens: readonly Token[]): Site[] {
  return tokens.flatMap(({ text }, at) => {
    const end = text === '<<<' ? argumentEnd(tokens, at + 1) : -1
    if (end <= at) return []
    const words = tokens.slice(at + 1, end + 1)
    const counted = words.length > 1 && words[0]?.text !== 'dim3'
    return replace(tokens, at + 1, end, counted ? `${textOf(words)} - 1` : '1').filter((site) => site.text !== textOf(words))
  })
}

/** `dim3 grid((n + 15) / 16)`: what is divided is a number of blocks. */
function declaredGrids(tokens: readonly Token[]): Site[] {
  return tokens.flatMap(({ text }, at) => {
    if (text !== 'dim3' || tokens[at + 1]?.kind !== 'identifier' || tokens[at + 2]?.text !== '(') return []
    const end = argumentEnd(tokens, at + 3)
    const divides = end > at && tokens.slice(at + 3, end + 1).some((token) => token.text === '/')
    return divides ? insertAfter(tokens, end, ' - 1') : []
  })
}

/** The last token of the argument that begins at `from`. */
function argumentEnd(tokens: readonly Token[], from: number): number {
  for (let at = from; at < tokens.length; at++) {
    const text = tokens[at]?.text
    if (text === '(' || text === '[' || text === '{') at = closingBracket(tokens, at)
    else if (text === ',' || text === ')' || text === ';' || text === '>' || text === '}') return at - 1
    if (at < 0) return -1
  }
  return -1
}

/** Two neighbouring arguments of a call or launch change places. */
export const swappedArguments = perToken((tokens, at, text): Site[] => {
  const called = text === '(' && (tokens[at - 1]?.kind === 'identifier' || tokens[at - 1]?.text === '>')
  const keyword = ['if', 'for', 'while', 'switch', 'return', 'sizeof'].includes(tokens[at - 1]?.text ?? '')
  const declared =
    tokens[at - 2]?.kind === 'identifier' && tokens[at - 1]?.kind === 'identifier' && tokens[at - 2]?.text !== 'return'
  const close = called && !keyword && !declared ? closingBracket(tokens, at) : -1
  if (close < 0 || tokens[close + 1]?.text === '{') return []
  const parts = splitArguments(tokens.slice(at + 1, close)).filter((part) => part.length > 0)
  return parts.slice(1).flatMap((part, number) => {
    const [left, right] = [textOf(parts[number] ?? []), textOf(part)]
    const [first, last] = [parts[number]?.[0], part.at(-1)]
    if (left === right || first === undefined || last === undefined) return []
    return [{ start: first.start, end: last.end, text: `${right}, ${left}` }]
  })
})

/** A word of CUDA's before a function or variable is left out. */
export const qualifier = perToken((tokens, at, text): Site[] => {
  return ['__global__', '__device__', '__shared__', '__constant__'].includes(text) ? replace(tokens, at, at, '') : []
})
