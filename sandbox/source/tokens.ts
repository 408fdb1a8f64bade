/**
 * The tokens of C++ text, as far as rewriting needs them: where each begins and ends, and on which preprocessor line it
 * stands. Comments and white space are no tokens. Nothing is expanded.
 *
 * Differences from the standard's tokens, on purpose:
 * - `<<<` is one token, as CUDA has it;
 * - `>` always stands alone, because whether `>>` closes two templates is not for a tokenizer to say: callers look at
 *   whether neighbours touch.
 */
export type TokenKind = 'identifier' | 'number' | 'string' | 'character' | 'punctuator'

export interface Token {
  kind: TokenKind
  text: string
  /** Offset of the first character. */
  start: number
  /** Offset after the last character. */
  end: number
  /** The preprocessor line it stands on, counted from 0; -1 outside of any. */
  directive: number
}

/** What no compiler reads to the end. */
export type LexicalProblem = 'unterminated-comment' | 'unterminated-string' | 'unterminated-character' | 'unterminated-raw-string'

export interface TokenizedText {
  tokens: Token[]
  problems: LexicalProblem[]
}

const BLANK = /[ \t\v\f\r]+|\\[ \t]*\r?\n/y
const IDENTIFIER = /[\p{L}_$][\p{L}\p{N}_$]*/uy
const NUMBER = /\.?\d(?:[eEpP][+-]|'?[\p{L}\p{N}_.])*/uy
const RAW_STRING = /(?:u8|u|U|L)?R"([^\s()\\"]{0,16})\(/y
const STRING = /(?:u8|u|U|L)?"([^"\\\n]*(?:\\[\s\S][^"\\\n]*)*)("?)/y
const CHARACTER = /(?:u8|u|U|L)?'([^'\\\n]*(?:\\[\s\S][^'\\\n]*)*)('?)/y
const LINE_COMMENT = /\/\/[^\n\\]*(?:\\(?:[ \t]*\r?\n)?[^\n\\]*)*/y
const PUNCTUATOR = /<<<|<<=|\.\.\.|->\*|%:%:|::|->|\+\+|--|<<|<=|==|!=|&&|\|\||\+=|-=|\*=|\/=|%=|&=|\|=|\^=|##|\.\*|[\s\S]/uy

/** Splits text into tokens. Total: what is no C++ becomes punctuators and problems. */
export function tokenize(text: string): TokenizedText {
  const scanner = new Scanner(text)
  scanner.run()
  return { tokens: scanner.tokens, problems: scanner.problems }
}

class Scanner {
  readonly tokens: Token[] = []
  readonly problems: LexicalProblem[] = []
  readonly #text: string
  #at = 0
  #directive = -1
  #directives = 0
  #lineStart = true

  constructor(text: string) {
    this.#text = text
  }

  run(): void {
    while (this.#at < this.#text.length) {
      if (this.#newLine() || this.#skip(BLANK) || this.#comment()) continue
      if (this.#lineStart && this.#text[this.#at] === '#') this.#directive = this.#directives++
      this.#lineStart = false
      this.#literal() ||
        this.#take('identifier', IDENTIFIER) ||
        this.#take('number', NUMBER) ||
        this.#take('punctuator', PUNCTUATOR)
    }
  }

  #newLine(): boolean {
    if (this.#text[this.#at] !== '\n') return false
    this.#at++
    this.#lineStart = true
    this.#directive = -1
    return true
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at
    return pattern.exec(this.#text)
  }

  #skip(pattern: RegExp): boolean {
    const found = this.#match(pattern)
    if (found === null) return false
    this.#at += found[0].length
    return true
  }

  /** A block comment counts as a blank, also where it spans lines inside a directive. */
  #comment(): boolean {
    if (this.#text.startsWith('//', this.#at)) return this.#skip(LINE_COMMENT)
    if (!this.#text.startsWith('/*', this.#at)) return false
    const end = this.#text.indexOf('*/', this.#at + 2)
    if (end < 0) this.problems.push('unterminated-comment')
    this.#at = end < 0 ? this.#text.length : end + 2
    return true
  }

  #literal(): boolean {
    const raw = this.#match(RAW_STRING)
    if (raw !== null) return this.#rawString(raw)
    return this.#quoted('string', STRING) || this.#quoted('character', CHARACTER)
  }

  #rawString(opening: RegExpExecArray): boolean {
    const closing = `)${opening[1]}"`
    const end = this.#text.indexOf(closing, this.#at + opening[0].length)
    if (end < 0) this.problems.push('unterminated-raw-string')
    this.#push('string', end < 0 ? this.#text.length : end + closing.length)
    return true
  }

  /** An apostrophe in the text of an #error line is no character; compilers let that pass, so it is no problem. */
  #quoted(kind: 'string' | 'character', pattern: RegExp): boolean {
    const found = this.#match(pattern)
    if (found === null) return false
    if (found[2] === '' && this.#directive < 0) this.problems.push(`unterminated-${kind}`)
    this.#push(kind, this.#at + found[0].length)
    return true
  }

  #take(kind: TokenKind, pattern: RegExp): boolean {
    const found = this.#match(pattern)
    if (found === null) return false
    this.#push(kind, this.#at + found[0].length)
    return true
  }

  #push(kind: TokenKind, end: number): void {
    this.tokens.push({ kind, text: this.#text.slice(this.#at, end), start: this.#at, end, directive: this.#directive })
    this.#at = end
  }
}
