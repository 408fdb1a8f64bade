import { closingBracket, openingAngle, openingBracket, splitArguments } from './brackets.ts'
import type { Edit } from './edits.ts'
import type { KernelShape } from './functions.ts'
import type { Token } from './tokens.ts'

/** What a rewriting came to: the edits, or why this text is beyond it. */
export type Rewriting = { kind: 'edits'; edits: Edit[] } | { kind: 'unsupported'; reason: string }

/**
 * Rewrites kernel launches, which only a CUDA compiler reads, into calls that any C++ compiler reads:
 *
 *     k<<<grid, block, shared, stream>>>(a, b)
 *
 * becomes, where k is one function, so that arguments convert as in a call of it,
 *
 *     ::__ks::launch(::k).on(grid, block, shared, stream)(a, b)
 *
 * and where only a call can choose (templates, overloads, default arguments)
 *
 *     ::__ks::launch_call([=](auto __ks_0, auto __ks_1) { k(__ks_0, __ks_1); }).on(grid, ...)(a, b)
 *
 * All pieces stay where they are and only what stands between them changes.
 */
export function rewriteLaunches(tokens: readonly Token[], kernels: ReadonlyMap<string, KernelShape>): Rewriting {
  const edits: Edit[] = []
  for (const [at, token] of tokens.entries()) {
    if (token.text !== '<<<' || token.kind !== 'punctuator') continue
    const launch = readLaunch(tokens, at)
    if (typeof launch === 'string') return { kind: 'unsupported', reason: launch }
    const shape = kernels.get(launch.name ?? '') ?? (launch.template ? 'call' : 'function')
    const rewritten = shape === 'call' ? byCall(launch) : byAddress(launch, shape)
    if (typeof rewritten === 'string') return { kind: 'unsupported', reason: rewritten }
    edits.push(...rewritten)
  }
  return { kind: 'edits', edits }
}

export interface Launch {
  /** First token of what is launched, `<<<`, first `>` of `>>>`. */
  callee: Token
  open: Token
  close: Token
  /** Between them. */
  configuration: Token[]
  /** The `)` after its arguments. */
  end: Token
  /** The kernel's own name where it is a name. */
  name: string | null
  /** Whether template arguments follow the name. */
  template: boolean
  args: Token[][]
}

/** The launch whose `<<<` stands there, or why it cannot be read. */
export function readLaunch(tokens: readonly Token[], at: number): Launch | string {
  const calleeAt = calleeStart(tokens, at - 1)
  const callee = tokens[calleeAt]
  const open = tokens[at] as Token
  if (calleeAt < 0 || callee === undefined || callee.directive !== open.directive)
    return 'a launch of what is not the name of a kernel'
  const closeAt = launchClose(tokens, at)
  const close = tokens[closeAt]
  if (closeAt < 0 || close === undefined) return 'a launch whose >>> was not found'
  const argsEnd = closingBracket(tokens, closeAt + 3)
  if (argsEnd < 0) return 'a launch whose arguments do not end'
  const template = tokens[at - 1]?.text === '>'
  const nameAt = template ? openingAngle(tokens, at - 1) - 1 : at - 1
  const name = tokens[nameAt]
  return {
    callee,
    open,
    close,
    configuration: tokens.slice(at + 1, closeAt),
    end: tokens[argsEnd] as Token,
    name: name?.kind === 'identifier' ? name.text : null,
    template,
    args: splitArguments(tokens.slice(closeAt + 4, argsEnd)),
  }
}

/** Words that end an expression before a callee: `return k<<<...>>>()`, `else k<<<...>>>()`. */
const NOT_PART_OF_A_NAME = new Set(['return', 'else', 'do', 'case', 'throw', 'co_return'])

/** Walks back over `ns::Type<A>::k<B, 3>`, `table[i]`, `object.member`, `(expression)`. -1 when nothing is there. */
function calleeStart(tokens: readonly Token[], from: number): number {
  let at = primaryStart(tokens, from)
  while (at > 0) {
    const before = tokens[at - 1] as Token
    if (before.text === '::') {
      const qualifier = tokens[at - 2]
      const named = qualifier !== undefined && (qualifier.kind === 'identifier' || qualifier.text === '>')
      at = named && !NOT_PART_OF_A_NAME.has(qualifier.text) ? primaryStart(tokens, at - 2) : at - 1
      if (!named) return at
    } else if (before.text === '.' || before.text === '->') at = primaryStart(tokens, at - 2)
    else if (before.text === 'template') at--
    else return at
  }
  return at
}

function primaryStart(tokens: readonly Token[], from: number): number {
  const token = tokens[from]
  if (token === undefined) return -1
  if (token.text === '>') return primaryStart(tokens, openingAngle(tokens, from) - 1)
  if (token.text === ']') return primaryStart(tokens, openingBracket(tokens, from) - 1)
  if (token.text === ')') {
    const open = openingBracket(tokens, from)
    return tokens[open - 1]?.kind === 'identifier' && !NOT_PART_OF_A_NAME.has(tokens[open - 1]?.text ?? '') ? -1 : open
  }
  return token.kind === 'identifier' && !NOT_PART_OF_A_NAME.has(token.text) ? from : -1
}

/** The first `>` of the `>>>` that ends the configuration: three that touch, outside of brackets, before a `(`. */
function launchClose(tokens: readonly Token[], open: number): number {
  for (let at = open + 1; at < tokens.length; at++) {
    const { text, directive, kind } = tokens[at] as Token
    if (directive !== tokens[open]?.directive) continue
    if (kind !== 'punctuator') continue
    if (text === '(' || text === '[' || text === '{') {
      at = closingBracket(tokens, at)
      if (at < 0) return -1
    } else if (text === ')' || text === ']' || text === '}' || text === ';' || text === '<<<') return -1
    else if (text === '>' && touching(tokens, at) && tokens[at + 3]?.text === '(') return at
  }
  return -1
}

function touching(tokens: readonly Token[], at: number): boolean {
  const [first, second, third] = [tokens[at], tokens[at + 1], tokens[at + 2]]
  return second?.text === '>' && third?.text === '>' && first?.end === second.start && second.end === third.start
}

function byAddress(launch: Launch, shape: KernelShape): Edit[] {
  const bare = launch.callee.text === launch.name
  return around(launch, shape === 'global-function' && bare ? '::__ks::launch(::' : '::__ks::launch(', ').on(')
}

/** A name of one of these is gone once it has been an argument: what it stands for must be written in the call. */
const NULL_LITERALS = new Set(['0', 'NULL', 'nullptr', '0L', '0x0'])

function byCall(launch: Launch): Edit[] | string {
  if (launch.args.some((one) => one[0]?.text === '{' && !literal(one))) return 'a launch of a template with variables in braces'
  if (launch.args.some((one) => one.at(-1)?.text === '...')) return 'a launch with a pack of arguments'
  const names = launch.args.map((_, index) => `__ks_${index}`)
  const passed = launch.args.map((one, index) => nullLiteral(one) ?? braced(one) ?? names[index])
  const head = `::__ks::launch_call([=](${names.map((name) => `[[maybe_unused]] auto ${name}`).join(', ')}) { return `
  const placeholders = launch.args.flatMap((one) => (one[0]?.text === '{' ? [placeholder(one)] : []))
  return [...around(launch, head, `(${passed.join(', ')}); }).on(`), ...placeholders]
}

function nullLiteral(argument: readonly Token[]): string | null {
  const [only] = argument
  return argument.length === 1 && only !== undefined && NULL_LITERALS.has(only.text) ? only.text : null
}

/** Braces take their type from the parameter, so they too must stand in the call; what they hold is worked out by the device. */
function braced(argument: readonly Token[]): string | null {
  return argument[0]?.text === '{' ? argument.map(({ text }) => text).join(' ') : null
}

/** What is left of such an argument where it stood. */
function placeholder(argument: readonly Token[]): Edit {
  return { start: argument[0]?.start ?? 0, end: argument.at(-1)?.end ?? 0, text: '0' }
}

const OF_LITERALS = new Set(['{', '}', ',', '-', '+', 'true', 'false'])

function literal(argument: readonly Token[]): boolean {
  return argument.every(({ kind, text }) => kind === 'number' || kind === 'character' || OF_LITERALS.has(text))
}

function around({ callee, open, close }: Launch, before: string, between: string): Edit[] {
  return [
    { start: callee.start, end: callee.start, text: before },
    { start: open.start, end: open.end, text: between },
    { start: close.start, end: close.start + 3, text: ')' },
  ]
}
