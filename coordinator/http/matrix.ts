import type { CellWord } from '../../protocol/index.ts'
import type { Ledger } from '../ledger.ts'
import type { CaseEntry } from '../state/model.ts'
import { standingOf } from './case-rows.ts'
import { TILE_CASES } from './limits.ts'
import { REASONS, reasonOf } from './reasons.ts'
import { type Stretch, walk } from './walk.ts'

/** A part of a round's matrix of cases and tests: `cells` is a byte a cell, row by row, in base64. */
export interface MatrixTile {
  round: string
  /** Cases of the round, and of a whole tile. */
  total: number
  tileCases: number
  tile: number
  /** The line (from 1) of the first row. */
  line: number
  rows: number
  /** Cells of a row: the most tests that a case of the tile has. */
  columns: number
  cells: string
}

/**
 * What a cell's byte says. Below 128: no such test, or why nothing is said of it. From 128 on: two bits for the word of the compat
 * rule, two for that of the strict one, three for the reason.
 *
 *     1ccssrrr
 */
export const CELL_BYTES = { none: 0, open: 1, held: 2, abandoned: 3, judged: 128 } as const
export const CELL_WORDS: readonly CellWord[] = ['pass', 'fail', 'void', 'unknown']

/** A tile of a round's matrix; of one beyond its end nothing. */
export async function matrixTile(ledger: Ledger, id: string, total: number, tile: number): Promise<MatrixTile> {
  const from = tile * TILE_CASES
  const rows: Uint8Array[] = []
  for await (const stretch of walk(ledger, id, { from, to: from + TILE_CASES })) {
    for (const item of stretch.cases) rows.push(rowOf(stretch, item))
  }
  const columns = rows.reduce((most, row) => Math.max(most, row.length), 0)
  const cells = new Uint8Array(rows.length * columns)
  for (const [at, row] of rows.entries()) cells.set(row, at * columns)
  const text = Buffer.from(cells.buffer).toString('base64')
  return { round: id, total, tileCases: TILE_CASES, tile, line: from + 1, rows: rows.length, columns, cells: text }
}

function rowOf({ round, source, mayShow }: Stretch, item: CaseEntry): Uint8Array {
  const standing = standingOf(mayShow, round, item)
  if (standing !== 'shown') return new Uint8Array(item.tests).fill(CELL_BYTES[standing])
  return Uint8Array.from({ length: item.tests }, (_, test) => {
    const cell = item.judgement?.cells[test]
    if (cell === undefined) return CELL_BYTES.none
    const reason = REASONS.indexOf(reasonOf(source.evidence(round, item, test), item.source))
    return CELL_BYTES.judged | (CELL_WORDS.indexOf(cell.compat) << 5) | (CELL_WORDS.indexOf(cell.strict) << 3) | reason
  })
}
