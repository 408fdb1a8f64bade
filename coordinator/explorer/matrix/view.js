import { links } from '../api.js'
import { h } from '../dom.js'
import { number } from '../words.js'
import { cellTable } from './cells.js'
import { layout, MAX_HEIGHT, moved, SIZES } from './layout.js'
import { paint } from './paint.js'
import { createTiles } from './tiles.js'
import { matrixTools } from './tools.js'

/** From so many cases on the overview comes first. */
const MANY_CASES = 2000
/** Room for letters, and the overview, in `SIZES`. */
const CLOSE = 4
const FAR = 1

const HINT =
  'One square a test, one column a case. Arrow keys go from square to square, Enter opens the case, + and − change the size.'

/** @typedef {import('./layout.js').Place} Place */

/**
 * The matrix of a round: drawn on a canvas as large as what is seen of it, whatever the round's size. Over the cell under
 * the pointer, or the one the keys have come to, lies a real link to its case.
 */
export class MatrixView {
  #round
  #signal
  #tiles
  #cases
  #tests
  #table
  #zoom
  /** @type {Place} */
  #place = { index: 0, test: 0 }
  #layout = layout({ cases: 0, tests: 1, width: 1, cell: 1 })
  #drawing = false
  #canvas = /** @type {HTMLCanvasElement} */ (h('canvas', { 'aria-hidden': 'true' }))
  #link = h('a', { class: 'matrix-cell', draggable: 'false' })
  #area
  #words = h('p', { class: 'matrix-words', role: 'status' })
  #tools

  /**
   * @param {string} round
   * @param {{ cases: number, tests: number, rule: string, signal: AbortSignal }} how `tests` the most that a case has
   */
  constructor(round, { cases, tests, rule, signal }) {
    this.#round = round
    this.#signal = signal
    this.#cases = cases
    this.#tests = tests
    this.#table = cellTable(rule)
    this.#zoom = cases > MANY_CASES ? FAR : CLOSE
    this.#tiles = createTiles(round, { signal, onTile: () => this.#soon() })
    this.#tools = matrixTools(rule, {
      onRule: (next) => this.#judgeBy(next),
      onZoom: (by) => this.#zoomBy(by),
      onLine: (line) => this.#jump(line),
    })
    const label = 'Matrix of cases and tests, can be scrolled'
    this.#area = h(
      'div',
      { class: 'matrix-area', role: 'region', 'aria-label': label },
      h('div', { class: 'matrix-space' }, this.#canvas, this.#link),
    )
    this.node = h('div', { class: 'matrix' }, this.#tools.node, this.#area, this.#words, h('p', { class: 'fine' }, HINT))
    this.#listen()
  }

  /** Something of the round changed. */
  refresh() {
    this.#tiles.refresh()
  }

  /** @param {{ cases: number, tests: number }} size */
  resize({ cases, tests }) {
    if (cases === this.#cases && tests === this.#tests) return
    this.#cases = cases
    this.#tests = tests
    this.#measure()
  }

  #listen() {
    const area = this.#area
    area.addEventListener('scroll', () => this.#soon(), { passive: true })
    area.addEventListener('pointermove', (event) => this.#follow(event))
    area.addEventListener('keydown', (event) => this.#onKey(event))
    area.addEventListener('wheel', (event) => this.#onWheel(event))
    this.#link.addEventListener('focus', () => this.#tell(this.#place))
    const sizes = new ResizeObserver(() => this.#measure())
    sizes.observe(area)
    this.#signal.addEventListener('abort', () => sizes.disconnect(), { once: true })
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#soon(), { signal: this.#signal })
  }

  get #cell() {
    return SIZES[this.#zoom] ?? 8
  }

  #measure() {
    const { clientWidth } = this.#area
    const ratio = Math.max(1, Math.min(2, devicePixelRatio))
    const fit = () => layout({ cases: this.#cases, tests: Math.max(1, this.#tests), width: clientWidth, cell: this.#cell })
    this.#layout = fit()
    for (; this.#layout.height > MAX_HEIGHT && this.#zoom > 0; this.#layout = fit()) this.#zoom--
    this.#area.style.setProperty('--height', `${this.#layout.height}px`)
    const { clientHeight } = this.#area
    this.#canvas.width = Math.round(clientWidth * ratio)
    this.#canvas.height = Math.round(clientHeight * ratio)
    this.#tools.limit({ zoom: this.#zoom, cases: this.#cases })
    this.#soon()
  }

  /** Draws with the next frame, however often it is asked for until then. */
  #soon() {
    if (this.#drawing || this.#signal.aborted) return
    this.#drawing = true
    requestAnimationFrame(() => {
      this.#drawing = false
      if (this.#canvas.isConnected) this.#draw()
    })
  }

  #draw() {
    const { scrollTop, clientHeight } = this.#area
    const { from, to } = this.#layout.seen(scrollTop, scrollTop + clientHeight)
    this.#tiles.want(from, to)
    paint(this.#canvas, {
      layout: this.#layout,
      tests: this.#tests,
      cell: this.#cell,
      top: scrollTop,
      byte: this.#tiles.byte,
      table: this.#table,
    })
    this.#point(this.#place)
  }

  /**
   * Lays the link over a cell.
   * @param {Place} place
   * @returns {string} what it says
   */
  #point({ index, test }) {
    this.#place = { index: Math.max(0, Math.min(index, this.#cases - 1)), test: Math.max(0, Math.min(test, this.#tests - 1)) }
    const { x, y } = this.#layout.corner(this.#place)
    const side = `${this.#cell}px`
    for (const [name, value] of Object.entries({ left: `${x}px`, top: `${y}px`, width: side, height: side })) {
      this.#link.style.setProperty(name, value)
    }
    const line = this.#place.index + 1
    const byte = this.#tiles.byte(this.#place.index, this.#place.test)
    const label = `Line ${number(line)}, test ${this.#place.test + 1}: ${byte === null ? 'loading' : this.#table[byte]?.words}`
    this.#link.setAttribute('href', links.case(this.#round, line))
    this.#link.setAttribute('aria-label', label)
    return label
  }

  /** @param {Place} place */
  #tell(place) {
    const label = this.#point(place)
    if (this.#words.textContent !== label) this.#words.textContent = label
  }

  /** @param {PointerEvent} event */
  #follow({ clientX, clientY }) {
    const { left, top } = this.#canvas.getBoundingClientRect()
    const found = this.#layout.at(clientX - left, clientY - top + this.#area.scrollTop)
    if (found !== null) this.#tell(found)
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return
    if (event.key === '+' || event.key === '-') this.#zoomBy(event.key === '+' ? 1 : -1)
    const { perBand, bandHeight } = this.#layout
    const bandsOfPage = Math.max(1, Math.floor(this.#area.clientHeight / bandHeight))
    const next = moved(event.key, this.#place, { cases: this.#cases, tests: Math.max(1, this.#tests), perBand, bandsOfPage })
    if (next === null) return
    event.preventDefault()
    this.#show(next)
  }

  /** @param {WheelEvent} event */
  #onWheel(event) {
    if (!event.ctrlKey) return
    event.preventDefault()
    this.#zoomBy(event.deltaY < 0 ? 1 : -1)
  }

  /**
   * Scrolls as little as it takes.
   * @param {Place} place
   */
  #show(place) {
    const { y } = this.#layout.corner(place)
    const { scrollTop, clientHeight } = this.#area
    if (y < scrollTop) this.#area.scrollTop = y
    else if (y + this.#cell > scrollTop + clientHeight) this.#area.scrollTop = y + this.#cell - clientHeight
    this.#tell(place)
  }

  /** The case at the upper edge stays there. @param {number} by */
  #zoomBy(by) {
    const first = this.#layout.seen(this.#area.scrollTop, this.#area.scrollTop + 1).from
    this.#zoom = Math.max(0, Math.min(SIZES.length - 1, this.#zoom + by))
    this.#measure()
    this.#area.scrollTop = this.#layout.corner({ index: first, test: 0 }).y
  }

  /** @param {string} rule */
  #judgeBy(rule) {
    this.#table = cellTable(rule)
    this.#soon()
  }

  /** @param {number} line */
  #jump(line) {
    if (!(line >= 1 && line <= this.#cases)) return
    const place = { index: line - 1, test: 0 }
    this.#area.scrollTop = this.#layout.corner(place).y - this.#area.clientHeight / 3
    this.#link.focus({ preventScroll: true })
    this.#tell(place)
  }
}
