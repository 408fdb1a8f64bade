/**
 * Where two outputs first differ, as the compat rule sees them: line ends of all kinds are line ends, blank lines around
 * the whole and white space around a line do not count, runs of white space count as one blank. For reading only; what
 * was decided was decided on the bytes.
 *
 * @typedef {{ before: string, mark: string, after: string }} Marked the whole text, the part that differs in the middle
 * @typedef {{ text: string, at: number }} Word
 * @typedef {{ words: Word[], end: number }} Line
 */

/**
 * @param {string} cpp
 * @param {string} cuda
 * @returns {{ line: number, cpp: Marked, cuda: Marked } | null} `line` counts from 1 in the C++ side's text; null when equal
 */
export function firstDifference(cpp, cuda) {
  const left = filledLines(cpp)
  const right = filledLines(cuda)
  for (let at = 0; at < Math.max(left.lines.length, right.lines.length); at++) {
    const a = left.lines[at]
    const b = right.lines[at]
    const same = commonWords(a?.words ?? [], b?.words ?? [])
    if (a !== undefined && b !== undefined && same === a.words.length && same === b.words.length) continue
    return { line: left.skipped + at + 1, cpp: mark(cpp, a, same), cuda: mark(cuda, b, same) }
  }
  return null
}

/**
 * The lines of a text without the blank ones at both ends, and how many of those come first.
 * @param {string} text
 * @returns {{ lines: Line[], skipped: number }}
 */
function filledLines(text) {
  const lines = linesOf(text)
  const skipped = lines.findIndex(({ words }) => words.length > 0)
  const last = lines.findLastIndex(({ words }) => words.length > 0)
  return skipped < 0 ? { lines: [], skipped: 0 } : { lines: lines.slice(skipped, last + 1), skipped }
}

/**
 * @param {string} text
 * @returns {Line[]}
 */
function linesOf(text) {
  /** @type {Line[]} */
  const lines = []
  let from = 0
  for (const raw of text.split(/\r\n|\r|\n/)) {
    const end = from + raw.length
    lines.push({ words: wordsOf(raw, from), end })
    from = end + (text.startsWith('\r\n', end) ? 2 : 1)
  }
  return lines
}

/**
 * @param {string} line
 * @param {number} from its place in the whole text
 * @returns {Word[]}
 */
function wordsOf(line, from) {
  /** @type {Word[]} */
  const words = []
  let start = -1
  for (let at = 0; at <= line.length; at++) {
    const inWord = at < line.length && !isSpace(line.charCodeAt(at))
    if (inWord && start < 0) start = at
    if (inWord || start < 0) continue
    words.push({ text: line.slice(start, at), at: from + start })
    start = -1
  }
  return words
}

/** White space that the rule knows inside a line. @param {number} code */
function isSpace(code) {
  return code === 0x20 || code === 0x09 || code === 0x0b || code === 0x0c || (code >= 0x1c && code <= 0x1f)
}

/**
 * How many words two lines have in common from the start.
 * @param {Word[]} a
 * @param {Word[]} b
 */
function commonWords(a, b) {
  const differs = a.findIndex(({ text }, at) => b[at]?.text !== text)
  return differs < 0 ? a.length : differs
}

/**
 * Marks the word of a line that comes after `skip` words; nothing at the line's end where there is none.
 * @param {string} text
 * @param {Line | undefined} line
 * @param {number} skip
 * @returns {Marked}
 */
function mark(text, line, skip) {
  if (line === undefined) return { before: text, mark: '', after: '' }
  const word = line.words[skip]
  const from = word?.at ?? line.end
  const to = from + (word?.text.length ?? 0)
  return { before: text.slice(0, from), mark: text.slice(from, to), after: text.slice(to) }
}
