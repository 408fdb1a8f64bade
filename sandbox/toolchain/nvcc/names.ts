/** Reading what a preprocessor and a compiler say about the names of headers. */

interface SourceLine {
  /** File and line, as the preprocessor tells it. */
  place: string
  text: string
}

const MARKER = /^# (\d+) "([^"]*)"/

/** Without the lines of files below `own`, which only include and say `using namespace std`. */
function linesOf(preprocessed: string, own: string): SourceLine[] {
  const lines: SourceLine[] = []
  let file = ''
  let number = 0
  for (const text of preprocessed.split('\n')) {
    const marker = MARKER.exec(text)
    if (marker === null) {
      if (text.trim() !== '' && !file.startsWith(own)) lines.push({ place: `${file}:${number}:${text}`, text })
      number++
    } else [number, file] = [Number(marker[1]), marker[2] ?? '']
  }
  return lines
}

/** The text that only the first has, our own files aside; null where the second is no part of the first. */
export function extraLines(all: string, few: string, own: string): string | null {
  const more = linesOf(all, own)
  const less = linesOf(few, own)
  const known = new Set(less.map(({ place }) => place))
  const whole = new Set(more.map(({ place }) => place))
  if (less.some(({ place, text }) => !text.startsWith('#') && !whole.has(place))) return null
  return more.flatMap(({ place, text }) => (known.has(place) ? [] : [text])).join('\n')
}

/** `#define NAME REST` lines, by name. */
export function macrosOf(text: string): Map<string, string> {
  return new Map([...text.matchAll(/^#define (\w+)(.*)$/gm)].map(([, name = '', rest = '']) => [name, rest]))
}

const KEYWORDS: ReadonlySet<string> = new Set(
  (
    'alignas alignof and and_eq asm auto bitand bitor bool break case catch char char16_t char32_t class compl const constexpr ' +
    'const_cast continue decltype default delete do double dynamic_cast else enum explicit export extern false float for friend ' +
    'goto if inline int long mutable namespace new noexcept not not_eq nullptr operator or or_eq private protected public ' +
    'register reinterpret_cast return short signed sizeof static static_assert static_cast struct switch template this ' +
    'thread_local throw true try typedef typeid typename union unsigned using virtual void volatile wchar_t while xor xor_eq'
  ).split(' '),
)

const WORD = /"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[A-Za-z_]\w*|\d[\w.']*|::|\S/g

function wordsOf(text: string): string[] {
  return text.match(WORD) ?? []
}

const isName = (word: string) => /^[A-Za-z_]/.test(word) && !KEYWORDS.has(word)

/** Every name in a text, whatever it names. */
export function identifiersOf(text: string): Set<string> {
  return new Set(wordsOf(text).filter(isName))
}

/** Names after `namespace`, but `std`. */
export function namespacesOf(text: string): Set<string> {
  const words = wordsOf(text)
  return new Set(words.filter((word, at) => words[at - 1] === 'namespace' && isName(word) && word !== 'std'))
}

/** Names that stand outside of all braces but those of namespaces with a `(` after them: what is declared there as a function. */
export function functionsAgain(text: string): Set<string> {
  const found = new Set<string>()
  const braces: boolean[] = []
  let head: string[] = []
  let round = 0
  const words = wordsOf(text)
  for (const [at, word] of words.entries()) {
    if (word === '{') braces.push(braces.every(Boolean) && opensNamespace(head))
    if (word === '}') braces.pop()
    if (word === '{' || word === '}' || word === ';') [head, round] = [[], 0]
    else head.push(word)
    if (round === 0 && braces.every(Boolean) && isName(word) && words[at + 1] === '(' && word !== 'swap') found.add(word)
    if (word === '(') round++
    if (word === ')') round--
  }
  return found
}

function opensNamespace(head: readonly string[]): boolean {
  return head.includes('namespace') || (head[0] === 'extern' && head.length === 2)
}

const UNKNOWN = /^(std|global):(\d+):\d+: error: .*has not been declared/gm

/** The words of which the compiler did not complain in both of `using std::WORD` and `using ::WORD`, on lines of their number. */
export function declaredNames(words: readonly string[], complaints: string): Set<string> {
  const unknown = { std: new Set<number>(), global: new Set<number>() }
  for (const [, where, line] of complaints.matchAll(UNKNOWN)) unknown[where as 'std' | 'global'].add(Number(line) - 1)
  return new Set(words.filter((_, at) => !(unknown.std.has(at) && unknown.global.has(at))))
}
