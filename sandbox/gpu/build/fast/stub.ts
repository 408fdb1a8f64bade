import { closingAngle, splitArguments } from '../../../source/brackets.ts'
import type { MarkedFunction } from '../../../source/functions.ts'
import type { Token } from '../../../source/tokens.ts'

/** What stands in a kernel's place on the host, or why nothing can. */
export type Stub = { kind: 'stub'; text: string } | { kind: 'none'; reason: string }

/** The body that launches the kernel it stands in: with the places of its arguments, as nvcc's own stubs do. */
export function stubBody(tokens: readonly Token[], one: MarkedFunction): Stub {
  const { at } = one
  const parameters = splitArguments(tokens.slice(at.open + 1, at.close)).map(nameOf)
  if (parameters.length === 1 && tokens[at.open + 1]?.text === 'void' && at.close === at.open + 2) parameters.pop()
  const self = selfOf(tokens, one)
  if (self === null) return { kind: 'none', reason: 'a template of a kernel whose parameters are a pack, or two templates' }
  if (parameters.includes(null)) return { kind: 'none', reason: 'a parameter of a kernel without a plain name' }
  const places = parameters.map((name) => `::__ks::place(__builtin_addressof(${name})), `).join('')
  const types = parameters.map((name) => `decltype(${name})`).join(', ')
  const list = parameters.length === 0 ? 'void **__ks_arguments = nullptr;' : `void *__ks_arguments[] = {${places}};`
  const text = `{ ${list} ::__ks::launch((const void *)static_cast<void (*)(${types})>(${self}), __ks_arguments); }`
  return { kind: 'stub', text }
}

const TYPE_WORDS: ReadonlySet<string> = new Set(
  'int unsigned signed char short long float double bool void size_t auto const volatile'.split(' '),
)

/** A parameter's name; null where it has none, or is declared in another way than `TYPE NAME` and `TYPE NAME[N]`. */
function nameOf(parameter: readonly Token[]): string | null {
  const until = parameter.findIndex(({ text }) => text === '=' || text === '[')
  const declared = until < 0 ? parameter : parameter.slice(0, until)
  const name = declared.at(-1)
  const plain =
    declared.length > 1 && !declared.some(({ text }) => text === '...' || text === '(' || text === '&' || text === '&&')
  return plain && name?.kind === 'identifier' && !TYPE_WORDS.has(name.text) ? name.text : null
}

/** The kernel as it names itself: with its template's parameters, or the arguments of a specialisation. */
function selfOf(tokens: readonly Token[], { at, template }: MarkedFunction): string | null {
  const named = tokens
    .slice(at.name, at.open)
    .map(({ text }) => text)
    .join(' ')
  if (!template) return named
  const opening = tokens.findIndex(({ text }, index) => index >= at.start && text === 'template') + 1
  const closing = closingAngle(tokens, opening)
  if (closing < 0 || tokens.slice(closing, at.name).some(({ text }) => text === 'template')) return null
  const parameters = splitArguments(tokens.slice(opening + 1, closing)).map(templateName)
  if (parameters.includes(null)) return null
  return parameters.length === 0 || at.open - at.name > 1 ? named : `${named}<${parameters.join(', ')}>`
}

function templateName(parameter: readonly Token[]): string | null {
  const until = parameter.findIndex(({ text }) => text === '=')
  const declared = until < 0 ? parameter : parameter.slice(0, until)
  const name = declared.at(-1)
  const plain = declared.length > 1 && !declared.some(({ text }) => text === '.' || text === '...' || text === 'template')
  return plain && name?.kind === 'identifier' ? name.text : null
}
