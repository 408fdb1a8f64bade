import { closingBracket } from '../source/brackets.ts'
import { type Token, tokenize } from '../source/tokens.ts'

/** Names by which a program speaks to the sanitizers, or asks whether they are there. */
const SANITIZER_NAME = /^_*(?:asan|ubsan|lsan|tsan|hwasan|sanitizer|sancov)_|sanitize|^__has_feature$|^__ks_?/i

/** By these it could leave what is watched: processes and code that nobody instrumented. */
const LEAVES = new Set(
  (
    'fork vfork clone clone3 syscall execl execlp execle execv execvp execve execvpe execveat fexecve posix_spawn posix_spawnp ' +
    'system popen dlopen dlsym dlvsym dlmopen mprotect pkey_mprotect mremap'
  ).split(' '),
)
const ASSEMBLY = new Set(['asm', '__asm', '__asm__'])
const PRAGMA_WORDS = new Set(['GCC', 'clang', 'weak', 'redefine_extname', 'push_macro', 'pop_macro'])

/** Attributes that leave a function instrumented and under its own name. */
const ATTRIBUTES = new Set(
  (
    'aligned packed noinline always_inline unused used maybe_unused nodiscard noreturn deprecated fallthrough likely unlikely ' +
    'pure const hot cold nothrow malloc format printf scanf restrict global device host shared constant launch_bounds ' +
    'vector_size may_alias gnu'
  ).split(' '),
)

/** Functions whose calls the sanitizer sees because they are its own. */
const WATCHED = new Set(
  (
    'malloc free calloc realloc memalign aligned_alloc posix_memalign valloc memcpy memmove memset memcmp strcpy strncpy strcat ' +
    'strncat strlen strnlen strcmp strncmp sigaction signal pthread_create longjmp siglongjmp'
  ).split(' '),
)

/**
 * What in a program could keep a sanitizer from seeing it: found by looking at its tokens, macros and all. Null when there is
 * nothing. Honest programs have none of it; in doubt there is.
 */
export function findHiding(texts: readonly string[]): string | null {
  for (const text of texts) {
    const { tokens, problems } = tokenize(text)
    if (problems.some((problem) => problem === 'unterminated-raw-string')) return 'text that is read in more than one way'
    const found = hidingIn(tokens) ?? (SPLICED_WORD.test(text) ? 'a word on two lines' : null)
    if (found !== null) return found
  }
  return null
}

/** A backslash at a line's end in the middle of a word; names with it, or with \u, are not what they look like. */
const SPLICED_WORD = /\w\\[ \t]*\r?\n\w|\\u[0-9a-fA-F]{4}\w*\s*\(/

function hidingIn(tokens: readonly Token[]): string | null {
  for (const [at, { kind, text }] of tokens.entries()) {
    if (kind === 'punctuator' && (text === '##' || text === '%:%:')) return 'a macro that makes names (##)'
    if (kind === 'punctuator' && text === '\\') return 'a name in other letters'
    if (kind !== 'identifier') continue
    if (SANITIZER_NAME.test(text)) return `names of the sanitizers or of the harness (${text.slice(0, 40)})`
    if (ASSEMBLY.has(text)) return `inline assembly (${text})`
    if (LEAVES.has(text) && isCallOrAddress(tokens, at)) return `a way out of what is watched (${text})`
    if (text === '_Pragma' || text === '__pragma') return 'settings of the compiler (_Pragma)'
    if (text === 'pragma' && PRAGMA_WORDS.has(tokens[at + 1]?.text ?? '')) return 'settings of the compiler (#pragma)'
    if (text === 'define' && WATCHED.has(tokens[at + 1]?.text ?? '')) return `a definition of ${tokens[at + 1]?.text}`
    if (WATCHED.has(text) && isDefinition(tokens, at)) return `a definition of ${text}`
    if (text === 'operator' && /^(?:new|delete)$/.test(tokens[at + 1]?.text ?? '')) return 'an operator new or delete of its own'
    const attribute = unknownAttribute(tokens, at)
    if (attribute !== null) return `an attribute (${attribute.slice(0, 40)})`
  }
  return unknownStandardAttribute(tokens)
}

/** A variable or member of that name is no way out. */
function isCallOrAddress(tokens: readonly Token[], at: number): boolean {
  const [before, after] = [tokens[at - 1]?.text, tokens[at + 1]?.text]
  return before !== '.' && before !== '->' && (after === '(' || before === '&' || before === '=' || before === '::')
}

/** `TYPE name(...) {`, which no call is. */
function isDefinition(tokens: readonly Token[], at: number): boolean {
  if (tokens[at + 1]?.text !== '(') return false
  const end = closingBracket(tokens, at + 1)
  const after = tokens[end + 1]?.text
  return end >= 0 && (after === '{' || after === 'noexcept' || after === 'throw' || after === '__attribute__')
}

/** The first word within `__attribute__((...))` that is not known. */
function unknownAttribute(tokens: readonly Token[], at: number): string | null {
  const text = tokens[at]?.text
  if (text !== '__attribute__' && text !== '__attribute') return null
  if (tokens[at + 1]?.text !== '(') return text
  const words = tokens.slice(at + 2, closingBracket(tokens, at + 1))
  return words.find(({ kind, text }) => kind === 'identifier' && !known(text))?.text ?? null
}

/** The first word within `[[...]]` that is not known. */
function unknownStandardAttribute(tokens: readonly Token[]): string | null {
  for (const [at, { text, end }] of tokens.entries()) {
    const next = tokens[at + 1]
    // `a[[] { ... }()]` begins with the same two brackets, and is no attribute: its next word is another bracket.
    if (text !== '[' || next?.text !== '[' || next.start !== end || tokens[at + 2]?.kind !== 'identifier') continue
    const words = tokens.slice(at + 2, closingBracket(tokens, at))
    const unknown = words.find(({ kind, text }) => kind === 'identifier' && !known(text) && text !== 'using')
    if (unknown !== undefined) return `an attribute (${unknown.text.slice(0, 40)})`
  }
  return null
}

function known(word: string): boolean {
  return ATTRIBUTES.has(word.replace(/^__|__$/g, ''))
}
