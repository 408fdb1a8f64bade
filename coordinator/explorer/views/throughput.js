import { h } from '../dom.js'
import { number } from '../words.js'

const HEIGHT = 220
/** @type {Record<string, { word: string, time: Intl.DateTimeFormatOptions }>} */
const SCALES = {
  hour: { word: 'Hour', time: { hour: '2-digit', minute: '2-digit' } },
  day: { word: 'Day', time: { hour: '2-digit', minute: '2-digit' } },
  month: { word: 'Month', time: { day: 'numeric', month: 'short' } },
}

/** The library, loaded once, when a chart is first wanted. @type {Promise<any> | null} */
let library = null

/**
 * Tasks decided and verdicts taken over an hour, a day and a month, drawn by uPlot; and the same in words, for whoever
 * cannot see a chart.
 * @param {any} first as `api/v1/activity` has it
 * @param {AbortSignal} signal
 */
export function throughputChart(first, signal) {
  let data = first
  let scale = 'hour'
  /** @type {any} */
  let plot = null
  const place = h('div', { class: 'chart', 'aria-hidden': 'true' })
  const words = h('p', { class: 'fine' })
  const buttons = Object.entries(SCALES).map(([name, { word }]) =>
    h('button', { type: 'button', class: 'quiet', 'aria-pressed': String(name === scale), onclick: () => choose(name) }, word),
  )
  const choose = (/** @type {string} */ name) => {
    scale = name
    for (const [at, key] of Object.keys(SCALES).entries()) buttons[at]?.setAttribute('aria-pressed', String(key === name))
    void draw(true)
  }
  const draw = async (/** @type {boolean} */ anew) => {
    words.textContent = inWords(data[scale], scale)
    const uPlot = await loaded().catch(() => null)
    if (signal.aborted || !place.isConnected) return
    if (uPlot === null) return place.replaceChildren('The chart could not be loaded.')
    if (plot !== null && !anew) return plot.setData(series(data[scale]))
    plot?.destroy()
    plot = new uPlot(options(uPlot, scale, place.clientWidth), series(data[scale]), place)
  }
  const sizes = new ResizeObserver(() => {
    if (plot === null) void draw(true)
    else if (plot.width !== place.clientWidth) plot.setSize({ width: place.clientWidth, height: HEIGHT })
  })
  sizes.observe(place)
  signal.addEventListener('abort', () => sizes.disconnect(), { once: true })
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => void draw(true), { signal })
  return {
    node: h('div', null, h('div', { class: 'choices', role: 'group', 'aria-label': 'Over how long' }, buttons), place, words),
    /** @param {any} next */
    update(next) {
      data = next
      if (plot !== null) void draw(false)
    },
  }
}

/** uPlot comes as a plain script that leaves its name behind. */
function loaded() {
  library ??= new Promise((resolve, reject) => {
    const script = h('script', { src: 'vendor/uplot.js' })
    script.addEventListener('load', () => resolve(/** @type {any} */ (globalThis).uPlot))
    script.addEventListener('error', () => {
      library = null
      script.remove()
      reject(new Error('not loaded'))
    })
    document.head.append(script)
  })
  return library
}

/** @param {any} stretches */
function series({ stretchMs, from, verdicts, tasks }) {
  return [tasks.map((/** @type {number} */ _, /** @type {number} */ at) => (from + at * stretchMs) / 1000), tasks, verdicts]
}

/**
 * @param {any} uPlot
 * @param {string} scale
 * @param {number} width
 */
function options(uPlot, scale, width) {
  const style = getComputedStyle(document.documentElement)
  const colour = (/** @type {string} */ name) => style.getPropertyValue(`--${name}`).trim()
  const lines = { stroke: colour('line'), width: 1 }
  const axis = { stroke: colour('soft'), grid: lines, ticks: lines }
  const time = (/** @type {number} */ at) => new Date(1000 * at).toLocaleString(undefined, SCALES[scale]?.time)
  const whole = (/** @type {number} */ value) => (Number.isInteger(value) ? number(value) : '')
  return {
    width,
    height: HEIGHT,
    cursor: { drag: { setScale: false } },
    scales: {
      y: { range: (/** @type {any} */ _, /** @type {number} */ __, /** @type {number} */ most) => [0, Math.max(4, most * 1.1)] },
    },
    axes: [
      { ...axis, values: (/** @type {any} */ _, /** @type {number[]} */ splits) => splits.map(time) },
      { ...axis, size: 55, values: (/** @type {any} */ _, /** @type {number[]} */ splits) => splits.map(whole) },
    ],
    series: [
      { label: 'from', value: (/** @type {any} */ _, /** @type {number | null} */ at) => (at === null ? '–' : time(at)) },
      {
        label: 'tasks decided',
        stroke: colour('pass'),
        fill: `${colour('pass')}55`,
        paths: uPlot.paths.bars({ size: [0.9, 40] }),
        points: { show: false },
      },
      { label: 'verdicts', stroke: colour('unknown'), width: 2, dash: [6, 4], points: { show: false } },
    ],
  }
}

/**
 * @param {any} stretches
 * @param {string} scale
 */
function inWords({ tasks, verdicts }, scale) {
  const sum = (/** @type {number[]} */ counts) => number(counts.reduce((total, count) => total + count, 0))
  return `In the last ${scale}: ${sum(tasks)} tasks decided by ${sum(verdicts)} verdicts.`
}
