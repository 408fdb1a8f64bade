import { compatForm } from '../output.ts'
import { close, type Difference, type IsClose, type Tolerance } from './comparator.ts'

/** A number or an address in printed text. No part can match the same characters in two ways, so that it takes linear time. */
const PIECES = /0x[0-9a-f]+|(?<![\w.])[+-]?(?:(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?|inf(?:inity)?|nan)(?![\w.])/gi
const ADDRESS = /0x[0-9a-f]+/gi

/** How much of a piece is quoted. */
const QUOTED = 40

interface Piece {
  kind: 'text' | 'number' | 'address'
  text: string
}

/**
 * Whether two printed texts say the same: in the form in which the reference compares them, numbers within the tolerance,
 * addresses whatever they are, everything else to the byte. A number is one that is not part of a word.
 * Bytes are looked at as they are: they need not be text.
 */
export function differenceOfTexts(
  a: Uint8Array,
  b: Uint8Array,
  tolerance: Tolerance,
  isClose: IsClose = close,
): Difference | null {
  const [left, right] = [textOf(a), textOf(b)]
  if (left === right) return null
  const [pieces, others] = [piecesOf(left), piecesOf(right)]
  for (;;) {
    const [piece, other] = [next(pieces), next(others)]
    if (piece === null && other === null) return null
    if (piece === null || other === null || !samePiece(piece, other, (x, y) => isClose(x, y, tolerance))) {
      return `printed: ${quote(piece)} against ${quote(other)}`
    }
  }
}

function next(pieces: Iterator<Piece>): Piece | null {
  const { done, value } = pieces.next()
  return done ? null : value
}

/** An output's `compat` form with every address made the same, for comparing runs of one program: the form itself where it has none. */
export function maskAddresses(form: Uint8Array): Uint8Array {
  const text = latin1(form)
  const masked = text.replace(ADDRESS, '0x')
  return masked === text ? form : Buffer.from(masked, 'latin1')
}

function textOf(output: Uint8Array): string {
  return latin1(compatForm(output))
}

function latin1({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('latin1')
}

function* piecesOf(text: string): Generator<Piece> {
  let from = 0
  for (const match of text.matchAll(PIECES)) {
    if (match.index > from) yield { kind: 'text', text: text.slice(from, match.index) }
    yield { kind: /^0x/i.test(match[0]) ? 'address' : 'number', text: match[0] }
    from = match.index + match[0].length
  }
  if (from < text.length) yield { kind: 'text', text: text.slice(from) }
}

function samePiece(a: Piece, b: Piece, isClose: (x: number, y: number) => boolean): boolean {
  if (a.kind !== b.kind) return false
  if (a.kind === 'address') return true
  return a.text === b.text || (a.kind === 'number' && isClose(numberOf(a.text), numberOf(b.text)))
}

/** Reads a number as C prints it. */
export function numberOf(text: string): number {
  const word = text.toLowerCase()
  if (word.includes('nan')) return Number.NaN
  if (word.includes('inf')) return word.startsWith('-') ? -Infinity : Infinity
  return Number(word)
}

function quote(piece: Piece | null): string {
  if (piece === null) return 'nothing'
  const printable = piece.text.replace(/[^\x20-\x7e]/g, '?')
  return printable.length <= QUOTED ? JSON.stringify(printable) : `${JSON.stringify(printable.slice(0, QUOTED))}...`
}
