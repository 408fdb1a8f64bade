// Runs in report.html. Charts, all drawn by uPlot: `globalThis.charts`.
{
  const { uPlot } = globalThis
  const { make, percent } = globalThis.pieces
  const HEIGHT = 260
  const WHOLE = [1, 2, 5].flatMap((step) => Array.from({ length: 8 }, (_, power) => step * 10 ** power)).sort((a, b) => a - b)
  /** Names under bars past which they are written at a slant. */
  const MOST_LEVEL = 6
  const waiting = []

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim()
  const faint = (name) => `${colour(name)}33`

  /** A chart with its caption, drawn by `drawAll` once it is on the page, where it knows its width. */
  const chart = (title, says, options, data) => {
    const place = make('div', {})
    waiting.push(() => draw(place, options(), data))
    return make('figure', {}, make('figcaption', {}, make('b', {}, title), says), place)
  }

  const drawAll = () => {
    for (const one of waiting.splice(0)) one()
  }

  const draw = (place, options, data) => {
    const lines = { grid: { stroke: colour('line'), width: 1 }, ticks: { stroke: colour('line'), width: 1 } }
    const axis = (more) => ({ stroke: colour('soft'), ...lines, ...more })
    const axes = [axis(options.axes?.[0]), axis({ size: 55, ...options.axes?.[1] })]
    const size = () => ({ width: place.clientWidth, height: HEIGHT })
    const drawn = new uPlot({ ...options, axes, ...size() }, data, place)
    new ResizeObserver(() => drawn.setSize(size())).observe(place)
  }

  /** Bars side by side over names. `colour` is that of a series' own, by its name in the style. */
  const bars = (title, says, label, names, series) => {
    const at = names.map((_, index) => index)
    const slant = names.length > MOST_LEVEL ? { rotate: -45, size: 60 } : {}
    const options = () => ({
      scales: {
        x: { time: false, range: [-0.6, names.length - 0.4] },
        y: { range: (_, __, most) => [0, Math.max(1, most * 1.05)] },
      },
      axes: [
        { splits: () => at, values: (_, splits) => splits.map((split) => names[split] ?? ''), grid: { show: false }, ...slant },
        { incrs: WHOLE },
      ],
      series: [
        { label, value: (_, index) => names[index] ?? '' },
        ...series.map((one, index) => ({
          label: one.label,
          fill: colour(one.colour),
          paths: uPlot.paths.bars({ size: [0.8 / series.length, 60], align: series.length === 1 ? 0 : index === 0 ? -1 : 1 }),
          points: { show: false },
        })),
      ],
    })
    return chart(title, says, options, [at, ...series.map(({ values }) => values)])
  }

  /** A rising count over minutes. */
  const rising = (title, says, label, points) => {
    const options = () => ({
      scales: { x: { time: false }, y: { range: (_, __, most) => [0, Math.max(1, most)] } },
      axes: [{}, { incrs: WHOLE }],
      series: [
        { label: 'minutes', value: (_, value) => value?.toFixed(1) ?? '' },
        { label, stroke: colour('pass'), width: 2, fill: faint('pass'), points: { show: false } },
      ],
    })
    return chart(title, says, options, [points.map(([seconds]) => seconds / 60), points.map(([, count]) => count)])
  }

  /** Shares over k, one curve a rule, each in the band of its interval. */
  const curves = (title, says, rules) => {
    const value = (_, share) => (share === null || share === undefined ? '' : percent(share))
    const seriesOf = ({ name }) => {
      const edge = { label: name, class: 'edge', stroke: faint(name), width: 1, points: { show: false } }
      const points = { show: true, size: 6, fill: colour(name) }
      return [edge, edge, { label: name, stroke: colour(name), width: 2, points, value }]
    }
    const options = () => ({
      scales: { x: { time: false }, y: { range: [0, 1] } },
      axes: [{ incrs: WHOLE }, { values: (_, splits) => splits.map(percent) }],
      series: [{ label: 'k' }, ...rules.flatMap(seriesOf)],
      // From the upper edge, the second of each three, down to the lower one.
      bands: rules.map(({ name }, at) => ({ series: [3 * at + 2, 3 * at + 1], fill: faint(name) })),
    })
    const column = (values, key) => values.map((one) => one[key])
    const data = rules.flatMap(({ values }) => ['low', 'high', 'value'].map((key) => column(values, key)))
    return chart(title, says, options, [column(rules[0].values, 'k'), ...data])
  }

  globalThis.charts = { bars, rising, curves, drawAll }
}
