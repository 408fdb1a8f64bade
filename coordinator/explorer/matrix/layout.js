/**
 * Where each cell of a round's matrix stands. A case is a column of small squares, one a test; cases stand side by side in
 * the order of the file and go on in the next band when the width is full:
 *
 *     band 0   case 1  case 2  case 3 ...        each case: test 1
 *     band 1   case n  ...                                  test 2 ...
 *
 * Pure arithmetic in pixels of the page: any place is worked out without the ones before it, so that a hundred thousand
 * cases cost as much as ten.
 *
 * @typedef {{ cases: number, tests: number, width: number, cell: number }} Shape `tests` the most that a case has; `cell` the side of a square with its gap
 * @typedef {{ index: number, test: number }} Place of a cell; both from 0
 */

/** Sides of a square that can be chosen, from the overview to one that has room for a letter. */
export const SIZES = [3, 5, 8, 14, 22]
/** Room between two bands. */
const BAND_GAP = 6
/** Higher elements are cut by some browsers: squares are made smaller instead. */
export const MAX_HEIGHT = 15_000_000

/** @param {Shape} shape */
export function layout({ cases, tests, width, cell }) {
  const perBand = Math.max(1, Math.floor(width / cell))
  const bandHeight = Math.max(1, tests) * cell + BAND_GAP
  const bands = Math.ceil(cases / perBand)
  return {
    perBand,
    bandHeight,
    bands,
    height: bands * bandHeight,
    /**
     * The upper left corner of a cell.
     * @param {Place} place
     */
    corner({ index, test }) {
      return { x: (index % perBand) * cell, y: Math.floor(index / perBand) * bandHeight + test * cell }
    },
    /**
     * The cell at a point; null beside them all.
     * @param {number} x
     * @param {number} y
     * @returns {Place | null}
     */
    at(x, y) {
      const column = Math.floor(x / cell)
      const band = Math.floor(y / bandHeight)
      const test = Math.floor((y - band * bandHeight) / cell)
      const index = band * perBand + column
      const outside = column < 0 || column >= perBand || band < 0 || test < 0 || test >= tests || index >= cases
      return outside ? null : { index, test }
    },
    /**
     * The cases of the bands that are seen between two heights.
     * @param {number} top
     * @param {number} bottom
     */
    seen(top, bottom) {
      const first = Math.max(0, Math.floor(top / bandHeight))
      const last = Math.min(bands, Math.ceil(bottom / bandHeight))
      return { from: Math.min(cases, first * perBand), to: Math.min(cases, last * perBand) }
    },
  }
}

/**
 * Where a key leads from a cell; null for keys that mean nothing here.
 * @param {string} key
 * @param {Place} place
 * @param {{ cases: number, tests: number, perBand: number, bandsOfPage: number }} of
 * @returns {Place | null}
 */
export function moved(key, { index, test }, { cases, tests, perBand, bandsOfPage }) {
  const to = (/** @type {number} */ next, /** @type {number} */ other = test) => ({
    index: Math.min(cases - 1, Math.max(0, next)),
    test: other,
  })
  switch (key) {
    case 'ArrowRight':
      return to(index + 1)
    case 'ArrowLeft':
      return to(index - 1)
    case 'ArrowDown':
      return test + 1 < tests ? to(index, test + 1) : index + perBand < cases ? to(index + perBand, 0) : to(index)
    case 'ArrowUp':
      return test > 0 ? to(index, test - 1) : index >= perBand ? to(index - perBand, tests - 1) : to(index)
    case 'PageDown':
      return to(index + perBand * bandsOfPage)
    case 'PageUp':
      return to(index - perBand * bandsOfPage)
    case 'Home':
      return to(0, 0)
    case 'End':
      return to(cases - 1, 0)
    default:
      return null
  }
}
