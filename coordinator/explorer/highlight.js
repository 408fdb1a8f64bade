/**
 * C++ and CUDA cut into pieces, for colour. It makes no markup, loses no letter (the pieces put together are the text),
 * and looks at each letter once. It does not understand the language: what it takes wrongly has the wrong colour, no more.
 *
 * @typedef {{ kind: '' | 'comment' | 'text' | 'number' | 'word' | 'cuda' | 'directive', text: string }} Piece
 */

const WORDS = new Set(
  (
    'alignas auto bool break case catch char class const constexpr continue decltype default delete do double else enum ' +
    'explicit extern false float for friend goto if inline int long mutable namespace new nullptr operator private protected ' +
    'public register return short signed sizeof static static_cast struct switch template this throw true try typedef ' +
    'typename union unsigned using virtual void volatile while size_t int8_t uint8_t int16_t uint16_t int32_t uint32_t ' +
    'int64_t uint64_t'
  ).split(' '),
)

const CUDA =
  /^(__(global|device|host|shared|constant|managed|restrict|forceinline|launch_bounds)__|__sync\w*|(thread|block)Idx|(block|grid)Dim|warpSize|dim3|atomic[A-Z]\w*|cuda[A-Z]\w*|<<<|>>>)$/

/** Tried in this order where a piece may begin; what none takes is plain, a letter at a time. @type {[kind: Piece['kind'], form: RegExp][]} */
const FORMS = [
  ['comment', /\/\/(?:\\\r?\n|[^\n])*|\/\*.*?(?:\*\/|$)/sy],
  ['directive', /^[ \t]*#(?:\\\r?\n|(?!\/[/*])[^\n])*/my],
  ['text', /(?:u8|[uUL])?R"([^()\\\s]{0,16})\(.*?(?:\)\1"|$)|(?:u8|[uUL])?"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?/sy],
  ['number', /(?:\d|\.\d)(?:[eEpP][+-]|'(?=\w)|[\w.])*/y],
  ['word', /[A-Za-z_]\w*|<<<|>>>/y],
  ['', /\s+|./suy],
]

/**
 * @param {string} code
 * @returns {Piece[]} neighbours differ in kind
 */
export function pieces(code) {
  /** @type {Piece[]} */
  const found = []
  for (let at = 0; at < code.length; ) {
    const piece = pieceAt(code, at)
    at += piece.text.length
    const last = found.at(-1)
    if (last?.kind === piece.kind) last.text += piece.text
    else found.push(piece)
  }
  return found
}

/**
 * @param {string} code
 * @param {number} at
 * @returns {Piece}
 */
function pieceAt(code, at) {
  for (const [kind, form] of FORMS) {
    form.lastIndex = at
    const text = form.exec(code)?.[0]
    if (text) return { kind: kind === 'word' ? kindOf(text) : kind, text }
  }
  return { kind: '', text: code.slice(at) }
}

/** @param {string} word */
function kindOf(word) {
  if (CUDA.test(word)) return 'cuda'
  return WORDS.has(word) ? 'word' : ''
}

/**
 * The same by lines, none of which keeps its line end.
 * @param {string} code
 * @returns {Piece[][]}
 */
export function linesOf(code) {
  /** @type {Piece[][]} */
  const lines = [[]]
  for (const { kind, text } of pieces(code)) {
    for (const [at, part] of text.split('\n').entries()) {
      if (at > 0) lines.push([])
      if (part !== '') lines.at(-1)?.push({ kind, text: part })
    }
  }
  return lines
}
