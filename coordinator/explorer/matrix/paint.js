/** Draws the part of a matrix that is in sight: squares as pixels, all at once, then letters where there is room. */

/** Squares from this side on have a letter. */
const LETTER_CELL = 14

/** Which colour of the style a square has, and how much of it is filled: kinds differ in shape too. @type {Record<string, { colour: string, fill: 'whole' | 'half' | 'edge' | 'nothing' }>} */
const LOOKS = {
  pass: { colour: '--pass-cell', fill: 'whole' },
  fail: { colour: '--fail', fill: 'whole' },
  unknown: { colour: '--unknown', fill: 'half' },
  void: { colour: '--soft', fill: 'edge' },
  open: { colour: '--line', fill: 'edge' },
  none: { colour: '--surface', fill: 'nothing' },
}

/** The byte of what is to come, which is how a cell looks that is not here yet. */
const TO_COME = 1

/** @typedef {ReturnType<typeof import('./layout.js').layout>} Layout */

/**
 * @param {HTMLCanvasElement} canvas
 * @param {object} what
 * @param {Layout} what.layout
 * @param {number} what.tests
 * @param {number} what.cell
 * @param {number} what.top how far it is scrolled
 * @param {(index: number, test: number) => number | null} what.byte null where it is not known yet
 * @param {{ kind: string, sign: string }[]} what.table what each byte means
 */
export function paint(canvas, { layout, tests, cell, top, byte, table }) {
  const context = canvas.getContext('2d', { alpha: false })
  if (context === null || canvas.width === 0 || canvas.height === 0) return
  const ratio = canvas.width / canvas.clientWidth
  const style = getComputedStyle(canvas)
  const looks = looksOf(style)
  const image = context.createImageData(canvas.width, canvas.height)
  const pixels = new Uint32Array(image.data.buffer)
  pixels.fill(packed(style.getPropertyValue('--surface')))
  const { from, to } = layout.seen(top, top + canvas.clientHeight)
  const side = Math.max(1, Math.round((cell - gapOf(cell)) * ratio))
  for (let index = from; index < to; index++) {
    const corner = layout.corner({ index, test: 0 })
    const x = Math.round(corner.x * ratio)
    for (let test = 0; test < tests; test++) {
      const look = looks[table[byte(index, test) ?? TO_COME]?.kind ?? 'open']
      const y = Math.round((corner.y + test * cell - top) * ratio)
      if (look !== undefined) fill(pixels, canvas, { x, y, side, ...look })
    }
  }
  context.putImageData(image, 0, 0)
  if (cell >= LETTER_CELL) letters(context, { layout, tests, cell, top, byte, table, from, to, ratio, style })
}

/** @param {number} cell */
function gapOf(cell) {
  return cell >= 8 ? 2 : cell >= 5 ? 1 : 0.5
}

/** @param {CSSStyleDeclaration} style */
function looksOf(style) {
  return Object.fromEntries(
    Object.entries(LOOKS).map(([kind, { colour, fill }]) => [kind, { pixel: packed(style.getPropertyValue(colour)), fill }]),
  )
}

/**
 * A colour #rrggbb as four bytes in the order of the image's: red first, on every machine browsers run on.
 * @param {string} colour
 */
function packed(colour) {
  const value = Number.parseInt(colour.trim().slice(1), 16)
  return (0xff000000 | ((value & 0xff) << 16) | (value & 0xff00) | (value >> 16)) >>> 0
}

/**
 * @param {Uint32Array} pixels
 * @param {{ width: number, height: number }} canvas
 * @param {{ x: number, y: number, side: number, pixel: number, fill: string }} square
 */
function fill(pixels, { width, height }, { x, y, side, pixel, fill }) {
  if (fill === 'nothing') return
  const right = Math.min(width, x + side)
  const first = fill === 'half' ? y + (side >> 1) : y
  for (let row = Math.max(0, first); row < Math.min(height, y + side); row++) {
    const start = row * width
    if (fill !== 'edge' || row === y || row === y + side - 1 || side < 4) pixels.fill(pixel, start + x, start + right)
    else {
      pixels[start + x] = pixel
      if (x + side - 1 < width) pixels[start + x + side - 1] = pixel
    }
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {any} what
 */
function letters(context, { layout, tests, cell, top, byte, table, from, to, ratio, style }) {
  const dark = style.getPropertyValue('--ink')
  const light = style.getPropertyValue('--surface')
  context.font = `700 ${Math.round(cell * 0.6 * ratio)}px ${style.getPropertyValue('--mono')}`
  context.textAlign = 'center'
  context.textBaseline = 'middle'
  for (let index = from; index < to; index++) {
    for (let test = 0; test < tests; test++) {
      const { kind, sign } = table[byte(index, test) ?? TO_COME]
      if (sign === '') continue
      const { x, y } = layout.corner({ index, test })
      context.fillStyle = kind === 'fail' ? light : dark
      const middle = (cell - gapOf(cell)) / 2
      context.fillText(sign, (x + middle) * ratio, (y - top + middle) * ratio)
    }
  }
}
