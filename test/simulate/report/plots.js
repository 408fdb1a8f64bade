// Runs in the page: draws what is in it with uPlot.
const scenarios = JSON.parse(document.getElementById('data').textContent)
const { uPlot } = globalThis
const COLOURS = ['#2563eb', '#dc2626', '#059669', '#d97706', '#7c3aed', '#0891b2', '#be185d', '#4d7c0f']

/** What is drawn where nothing was wrong: a logarithm has no zero. */
const NEARLY_NONE = 1e-6

const column = (name) => scenarios.map((figures) => figures[name])
const positive = (values) => values.map((value) => (value === null ? null : Math.max(value, NEARLY_NONE)))

byScenario(
  'Share of wrong decisions',
  [
    { label: 'seen', values: positive(column('error')) },
    { label: 'upper end of the 95 % interval', values: positive(column('error_upper95')) },
    { label: 'bar', values: column('error_target') },
  ],
  3,
)
byScenario('Replicas a task', [{ label: 'replicas', values: column('replicas_per_task') }], 1)
byScenario('Makespan against the ideal', [{ label: 'ratio', values: column('makespan_ratio') }], 1)
byScenario('Share of run time that entered no ballot', [{ label: 'wasted', values: column('wasted_ratio') }], 1)
overTime()

/** Points over the names of the scenarios. `distr` is uPlot's word: 1 linear, 3 logarithmic. */
function byScenario(title, series, distr) {
  const at = scenarios.map((_, index) => index)
  const names = (_, splits) => splits.map((split) => scenarios[split]?.name ?? '')
  draw(
    title,
    {
      scales: {
        x: { time: false, range: [-0.5, scenarios.length - 0.5] },
        y: { distr, ...(distr === 1 ? { range: (_, __, max) => [0, max * 1.1] } : {}) },
      },
      axes: [
        { values: names, splits: () => at, rotate: -60, size: 150, grid: { show: false } },
        { size: 70, ...(distr === 3 ? { values: powers } : {}) },
      ],
      series: [{ label: 'scenario', value: (_, index) => scenarios[index]?.name ?? '' }, ...series.map(dots)],
    },
    [at, ...series.map(({ values }) => values)],
  )
}

/** Labels of a logarithmic axis: of whole powers of ten only. */
function powers(_, splits) {
  return splits.map((split) => (split !== null && Number.isInteger(Math.log10(split)) ? split.toExponential(0) : ''))
}

function dots({ label }, index) {
  return { label, stroke: COLOURS[index], fill: COLOURS[index], paths: () => null, points: { show: true, size: 9 } }
}

/** How the rounds of a scenario's first swarm came along, where something happened to it meanwhile. */
function overTime() {
  const disturbed = scenarios.filter(({ progress }) => progress.length > 0)
  if (disturbed.length === 0) return
  const tables = disturbed.map(({ progress }) => [progress.map(([seconds]) => seconds), progress.map(([, share]) => share)])
  draw(
    'Cases judged over simulated seconds, first swarm of each in trouble',
    {
      scales: { x: { time: false, distr: 3 }, y: { range: [0, 1] } },
      axes: [{}, { size: 70 }],
      series: [
        { label: 'seconds' },
        ...disturbed.map(({ name }, index) => ({ label: name, stroke: COLOURS[index % COLOURS.length], spanGaps: true })),
      ],
    },
    uPlot.join(tables),
  )
}

function draw(title, options, data) {
  const place = document.getElementById('plots')
  new uPlot({ title, width: Math.min(1100, place.clientWidth || 1100), height: 480, ...options }, data, place)
}
