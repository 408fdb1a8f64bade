import { links } from './api.js'
import { h } from './dom.js'
import { ago, cellWords, counted, JUDGEMENTS, number, STANDINGS, shortName } from './words.js'

/** Pieces that several pages are made of. */

/**
 * A word with its sign, on its colour.
 * @param {{ word: string, sign?: string, kind: string }} what
 */
export function badge({ word, sign, kind }) {
  return h('span', { class: `badge ${kind}` }, sign ? h('span', { 'aria-hidden': 'true' }, `${sign} `) : null, word)
}

/**
 * A small square with a sign; the words stand beside it.
 * @param {string} kind
 * @param {string} sign
 */
export function cellMark(kind, sign) {
  return h('span', { class: `cell ${kind}`, 'aria-hidden': 'true' }, sign)
}

/** @param {number} share from 0 to 1; never rounded up to all of it, nor down to nothing */
export function percent(share) {
  const value = 100 * share
  if (value > 99.9 && value < 100) return `${Math.floor(value * 1e4) / 1e4} %`
  return `${value < 10 ? Number(value.toPrecision(2)) : Number(value.toFixed(1))} %`
}

/**
 * A case's judgement under the round's rule, or why there is none to see.
 * @param {any} row
 * @param {string} rule
 */
export function judgementBadge(row, rule) {
  const word = row.judgement?.[rule]
  if (word === undefined) return badge(STANDINGS[row.standing] ?? { word: row.standing, kind: 'open' })
  return badge(JUDGEMENTS[word] ?? { word, kind: 'unknown' })
}

/**
 * One small square a test.
 * @param {any} row
 * @param {string} rule
 */
export function cells(row, rule) {
  const squares = Array.from({ length: row.tests }, (_, test) => square(row, rule, test))
  return h('ul', { class: 'cells' }, squares)
}

/**
 * @param {any} row
 * @param {string} rule
 * @param {number} test
 */
function square(row, rule, test) {
  const words = cellOf(row, rule, test)
  const label = `Test ${test + 1}: ${words.words}`
  return h(
    'li',
    { class: `cell ${words.kind}`, title: label },
    h('span', { 'aria-hidden': 'true' }, words.sign),
    h('span', { class: 'hidden' }, label),
  )
}

/**
 * @param {any} row
 * @param {string} rule
 * @param {number} test
 */
export function cellOf(row, rule, test) {
  const cell = row.cells?.[test]
  if (cell === undefined) return { kind: 'open', sign: row.standing === 'held' ? '•' : '', words: 'not shown yet' }
  const ofTest = (/** @type {any} */ both) => ({ cpp: both?.cpp[test], cuda: both?.cuda[test] })
  return cellWords(cell[rule], rule, { source: row.source, statuses: ofTest(row.statuses), flags: ofTest(row.flags) })
}

/**
 * A bar of parts, and its legend: colour, sign and number of each, so that no colour has to be told from another.
 * @param {{ label: string, total: number, parts: { word: string, sign: string, kind: string, count: number }[] }} what
 */
export function bar({ label, total, parts }) {
  const words = parts.map(({ word, count }) => `${word.toLowerCase()} ${number(count)}`).join(', ')
  const width = (/** @type {number} */ count) => ({ width: `${total === 0 ? 0 : (100 * count) / total}%` })
  return h(
    'div',
    { class: 'bar', role: 'img', 'aria-label': `${label}: ${words}` },
    parts
      .filter(({ kind }) => kind !== 'open')
      .map(({ kind, count }) => h('span', { class: `part ${kind}`, style: width(count) })),
  )
}

/** @param {{ word: string, sign: string, kind: string, count: number }[]} parts */
export function legend(parts) {
  return h(
    'ul',
    { class: 'legend' },
    parts.map(({ word, sign, kind, count }) =>
      h(
        'li',
        null,
        h('span', { class: `cell ${kind}`, 'aria-hidden': 'true' }, sign),
        h('strong', null, number(count)),
        ` ${word.toLowerCase()}`,
      ),
    ),
  )
}

/**
 * The parts of a round's bar; judgements nobody has are left out, save the two everybody looks for.
 * @param {any} round
 */
export function judgementParts(round) {
  const known = Object.entries(JUDGEMENTS).map(([name, words]) => ({ name, ...words, count: round.judgements[name] ?? 0 }))
  const seen = known.filter(({ name, count }) => count > 0 || name === 'equivalent' || name === 'different')
  const left = round.cases - round.judged
  return left > 0 ? [...seen, { word: 'to come', sign: '', kind: 'open', count: left }] : seen
}

/**
 * A moment: words for the eye, the exact time for the pointer and for programs.
 * @param {number} at
 * @param {number} now the coordinator's clock
 */
export function moment(at, now) {
  const date = new Date(at)
  return h('time', { datetime: date.toISOString(), title: date.toLocaleString() }, ago(at, now))
}

/**
 * A long name by its end, with the whole of it for the pointer and for reading aloud.
 * @param {string} name
 */
export function nameTag(name) {
  return h('code', { class: 'name', title: name }, shortName(name))
}

/**
 * A node, by the name its owner gave it, else by the end of its peer id.
 * @param {string} node
 * @param {string | null} [name]
 */
export function nodeLink(node, name = null) {
  const own = name !== null && name !== '' && name !== node
  const words = own ? foreign(name) : h('code', { class: name === node ? null : 'name' }, name === node ? node : shortName(node))
  return h('a', { href: links.node(node), title: node }, words)
}

/**
 * A name somebody else chose: whatever direction its letters have, it leaves its neighbours alone.
 * @param {string} name
 */
export function foreign(name) {
  return h('bdi', null, name)
}

/** Characters that are not seen, or turn what follows around, so that code reads otherwise than it runs. */
const UNSEEN = /([\p{Cc}\p{Cf}])/u

/**
 * Text as it is, with what cannot be seen in it made visible by its number.
 * @param {string} text
 * @returns {(string | HTMLElement)[]}
 */
export function plain(text) {
  if (!UNSEEN.test(text)) return [text]
  return text.split(UNSEEN).map((piece, at) => {
    if (at % 2 === 0 || piece === '\n' || piece === '\t' || piece === '\r') return piece
    const code = (piece.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
    return h('span', { class: 'odd', title: 'a character that is not seen' }, `U+${code}`)
  })
}

/**
 * One line of a list of facts.
 * @param {string} name
 * @param {import('./dom.js').Child | import('./dom.js').Child[]} value
 */
export function fact(name, value) {
  return h('div', null, h('dt', null, name), h('dd', null, value))
}

/**
 * Answers held against those of others, and how many of them were wrong.
 * @param {{ judged: number, wrong: number }} counts
 */
export function heldWords({ judged, wrong }) {
  if (judged === 0) return 'none yet'
  return `${number(judged)}, ${wrong === 0 ? 'none' : number(wrong)} of them wrong`
}

/**
 * Nothing to see, and why.
 * @param {string} heading
 * @param {...import('./dom.js').Child} more
 */
export function empty(heading, ...more) {
  return h('div', { class: 'empty' }, h('p', { class: 'empty-title' }, heading), ...more)
}

/**
 * Links to the pages of a list before and after this one.
 * @param {{ label: string, where: string, previous: string | null, next: string | null }} what
 */
export function pager({ label, where, previous, next }) {
  if (previous === null && next === null) return null
  return h(
    'nav',
    { class: 'pager', 'aria-label': label },
    previous === null ? h('span', null, '← Previous') : h('a', { href: previous, rel: 'prev' }, '← Previous'),
    h('span', null, where),
    next === null ? h('span', null, 'Next →') : h('a', { href: next, rel: 'next' }, 'Next →'),
  )
}

/**
 * A table that can be wider than the screen: it scrolls by itself, by keyboard too, and the page does not.
 * @param {string} label
 * @param {HTMLElement} table
 */
export function scroller(label, table) {
  return h('div', { class: 'scroller', role: 'region', 'aria-label': label, tabindex: '0' }, table)
}

/**
 * @param {number} judged
 * @param {number} cases
 */
export function judgedWords(judged, cases) {
  if (cases === 0) return 'No cases yet'
  return `${number(judged)} of ${counted(cases, 'case')} judged`
}
