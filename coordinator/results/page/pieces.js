// Runs in report.html. What everything on the page is made of: `globalThis.pieces`.
{
  const WORDS = { p: 'pass', f: 'fail', v: 'void', u: 'unknown', '.': 'pending' }
  const SIGNS = { p: '✓', f: '✗', v: '–', u: '?', '.': '…' }

  /** The only way anything comes onto the page: strings become text, whatever is in them. */
  const make = (name, attributes, ...content) => {
    const element = document.createElement(name)
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value)
    element.append(...content)
    return element
  }

  const soft = (text) => make('p', { class: 'soft' }, text)

  const figure = (value, says) => make('div', { class: 'figure' }, make('b', {}, value), make('span', { class: 'soft' }, says))

  const figures = (...all) => make('div', { class: 'figures' }, ...all)

  /** @param options.numbers columns of numbers, from 0; `options.wide` those of longer text */
  const table = (columns, rows, { numbers = [], wide = [] } = {}) => {
    const kind = (at) => (numbers.includes(at) ? { class: 'number' } : wide.includes(at) ? { class: 'wide' } : {})
    const line = (name, values) => make('tr', {}, ...values.map((value, at) => make(name, kind(at), value)))
    const body = make('tbody', {}, ...rows.map((row) => line('td', row)))
    return make('div', { class: 'scroll' }, make('table', { class: 'plain' }, make('thead', {}, line('th', columns)), body))
  }

  /** Something to be opened; its content is made when it is. */
  const fold = (summary, content) => {
    const details = make('details', {}, make('summary', {}, ...summary))
    details.addEventListener('toggle', () => details.append(...content()), { once: true })
    return details
  }

  const cell = (letter) => {
    const kind = letter === '.' ? 'u' : letter
    return make('span', { class: `cell ${kind}`, title: WORDS[letter] }, SIGNS[letter])
  }

  /** Cells as counts. */
  const counted = (letters) => {
    const counts = new Map()
    for (const letter of letters) counts.set(letter, (counts.get(letter) ?? 0) + 1)
    const found = Object.keys(WORDS).filter((letter) => counts.has(letter))
    return make('span', {}, ...found.flatMap((letter) => [cell(letter), ` ${counts.get(letter)} `]))
  }

  const percent = (value) => (value === null ? '-' : `${(100 * value).toFixed(1)}\u00a0%`)
  const between = ({ low, high }) => (low === null ? '-' : `${percent(low)} to ${percent(high)}`)
  const number = (value) => value.toLocaleString('en')
  const several = (value, word) => `${number(value)} ${value === 1 ? word : `${word}s`}`

  globalThis.pieces = { WORDS, make, soft, figure, figures, table, fold, cell, counted, percent, between, number, several }
}
