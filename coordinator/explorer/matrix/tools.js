import { h } from '../dom.js'
import { SIZES } from './layout.js'

/**
 * What stands above the matrix: by which rule, how large, and which line.
 * @param {string} rule
 * @param {{ onRule: (rule: string) => void, onZoom: (by: number) => void, onLine: (line: number) => void }} told
 */
export function matrixTools(rule, { onRule, onZoom, onLine }) {
  const ruler = /** @type {HTMLSelectElement} */ (
    h(
      'select',
      { 'aria-label': 'By which rule' },
      ['strict', 'compat'].map((name) => h('option', { value: name, selected: name === rule }, `${name} rule`)),
    )
  )
  ruler.addEventListener('change', () => onRule(ruler.value))
  const smaller = square('−', 'Smaller squares', () => onZoom(-1))
  const larger = square('+', 'Larger squares', () => onZoom(1))
  const line = /** @type {HTMLInputElement} */ (
    h('input', { type: 'number', min: '1', required: true, 'aria-label': 'Line', placeholder: 'line' })
  )
  const form = h('form', null, line, h('button', { type: 'submit' }, 'Go to line'))
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    onLine(Math.floor(Number(line.value)))
  })
  return {
    node: h('div', { class: 'matrix-tools' }, ruler, smaller, larger, form),
    /** @param {{ zoom: number, cases: number }} now */
    limit({ zoom, cases }) {
      smaller.toggleAttribute('disabled', zoom === 0)
      larger.toggleAttribute('disabled', zoom === SIZES.length - 1)
      line.max = String(cases)
    },
  }
}

/**
 * @param {string} sign
 * @param {string} label
 * @param {() => void} onclick
 */
function square(sign, label, onclick) {
  return h('button', { type: 'button', class: 'square', 'aria-label': label, title: label, onclick }, sign)
}
