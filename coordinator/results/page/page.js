// Runs in report.html: puts what is in the page on it. All text goes in as text, never as markup.
;(() => {
  const { report, problems } = JSON.parse(document.getElementById('data').textContent)
  const { round, scores, rules, judgements } = report
  const { uPlot } = globalThis
  const page = document.getElementById('page')
  const RULES = ['strict', 'compat']
  const WORDS = { p: 'pass', f: 'fail', v: 'void', u: 'unknown', '.': 'pending' }
  const SIGNS = { p: '✓', f: '✗', v: '–', u: '?', '.': '…' }
  /** Translations of a problem that are shown. */
  const MOST_ROWS = 100
  const HEIGHT = 260
  const charts = []

  page.replaceChildren(
    ...head(),
    ...passAtK(),
    ...translations(),
    ...difference(),
    ...tests(),
    ...choices(),
    ...matrices(),
    ...rest(),
  )
  for (const draw of charts) draw()

  function head() {
    const { compat, strict } = judgements
    document.title = `${round.name}: report`
    return [
      make('h1', {}, round.name),
      make(
        'p',
        { class: 'soft' },
        `round ${round.id}, ${round.state}${round.partial ? ' (partial export)' : ''}; rule ${round.rule}; CUDA side ${round.executor}; opened ${report.times.opened.slice(0, 16).replace('T', ' ')} UTC`,
      ),
      make(
        'div',
        { class: 'figures' },
        figure(number(report.cases), 'cases'),
        figure(`${strict.equivalent} / ${compat.equivalent}`, 'equivalent: strict / compat'),
        figure(`${strict.different} / ${compat.different}`, 'different: strict / compat'),
        figure(String(count(rules.judgements, (key) => apart(key))), 'cases in which the rules differ'),
        ...RULES.flatMap((rule) =>
          scores.rules[rule].passAtK.values
            .slice(0, 1)
            .map((value) => figure(percent(value.value), `Pass@1, ${rule}${interval(value)}`)),
        ),
        figure(percent(report.translationsCompiled.ratio), `of ${report.translationsCompiled.of} translations compile`),
      ),
      make(
        'div',
        { class: 'charts' },
        chart('Cases done', 'Cases whose last verdict was in, over minutes since the round was opened.', progressChart),
        chart('Judgements', 'Cases by judgement under each rule.', judgementChart),
      ),
    ]
  }

  function passAtK() {
    const all = RULES.map((rule) => scores.rules[rule].passAtK)
    const [
      {
        largestK,
        problems: of,
        samples,
        interval: { method },
      },
    ] = all
    const rows = all[0].values.map(({ k }, at) => [
      String(k),
      ...all.flatMap(({ values }) => [percent(values[at].value), between(values[at]), percent(values[at].atMost)]),
    ])
    const says = `${number(of)} ${plural(of, 'problem')}, ${number(samples)} ${plural(samples, 'sample')}; the problem with the fewest has ${largestK}, so k goes up to ${largestK}. Intervals: 95 %, ${method}. "At most" is what it would be if everything undecided were right.`
    return [
      make('h2', {}, 'Pass@k'),
      make('p', { class: 'soft' }, says),
      make(
        'div',
        { class: 'charts' },
        ...(largestK > 1
          ? [chart('Pass@k', 'Chance that of k samples one at least is equivalent, with its 95 % interval.', passChart)]
          : []),
        chart(
          'Problems by share of equivalent samples',
          'How many problems are never, seldom, mostly, always solved.',
          shareChart,
        ),
      ),
      make('p', {}),
      table(['k', ...RULES.flatMap((rule) => [rule, '95 %', 'at most'])], rows, [0, 1, 2, 3, 4, 5, 6]),
    ]
  }

  function translations() {
    const { translations: all, behaviours, unknown } = scores.alike
    return [
      make('h2', {}, 'Translations that behave alike'),
      make(
        'p',
        { class: 'soft' },
        `${number(all)} translations show ${number(behaviours)} different behaviours, problem by problem; of ${number(unknown)} not all is decided.`,
      ),
      make(
        'div',
        { class: 'charts' },
        chart('Behaviours of a problem', 'Problems by how many different behaviours their translations show.', behaviourChart),
      ),
    ]
  }

  function difference() {
    const pairs = (counts) =>
      Object.entries(counts)
        .sort(([, a], [, b]) => b - a)
        .map(([key, value]) => [...key.split(' / '), number(value), apart(key) ? 'differ' : ''])
    const columns = ['compat', 'strict', '', '']
    const list = rules.cases.map(({ line, id, compat, strict, why }) => [
      String(line),
      id === null ? '' : String(id),
      compat,
      strict,
      why.join('; '),
    ])
    return [
      make('h2', {}, 'Where the two rules differ, and why'),
      make(
        'div',
        { class: 'charts' },
        make(
          'figure',
          {},
          make('figcaption', {}, make('b', {}, 'Cases')),
          table([...columns.slice(0, 2), 'cases', ''], pairs(rules.judgements), [2]),
        ),
        make(
          'figure',
          {},
          make('figcaption', {}, make('b', {}, 'Tests')),
          table([...columns.slice(0, 2), 'tests', ''], pairs(rules.cells), [2]),
        ),
        ...(Object.keys(report.flags).length === 0
          ? []
          : [
              make(
                'figure',
                {},
                make('figcaption', {}, make('b', {}, 'Flags'), 'Tests that a strict pass flagged, on either side.'),
                table(
                  ['flag', 'tests'],
                  Object.entries(report.flags)
                    .sort(([, a], [, b]) => b - a)
                    .map(([flag, value]) => [flag, number(value)]),
                  [1],
                ),
              ),
            ]),
      ),
      ...(list.length === 0
        ? []
        : [
            fold(
              `The ${list.length === 1 ? 'case' : `${list.length} cases`}${rules.notListed > 0 ? ` (and ${number(rules.notListed)} more: report.json)` : ''}`,
              table(['line', 'id', 'compat', 'strict', 'why'], list, [0]),
            ),
          ]),
    ]
  }

  function tests() {
    const { tester, bleu } = scores
    const mutants = RULES.flatMap((rule) => (scores.rules[rule].mutants === null ? [] : [[rule, scores.rules[rule].mutants]]))
    return [
      make('h2', {}, 'Tests'),
      make(
        'div',
        { class: 'figures' },
        figure(number(tester.tests), `tests of ${number(tester.originals)} originals`),
        figure(percent(tester.compiledShare), 'compile with the original'),
        figure(
          percent(tester.cleanShare),
          tester.flagsLookedFor ? 'run clean on the original: to the end, no flag' : 'run to the end on the original',
        ),
        ...mutants.map(([rule, { killedShare, killed, alive }]) =>
          figure(percent(killedShare), `of ${killed + alive} mutants killed, ${rule}`),
        ),
        ...(bleu === null
          ? []
          : [
              figure(
                bleu.corpus === null ? '-' : bleu.corpus.toFixed(3),
                `BLEU of ${number(bleu.translations)} translations with a reference`,
              ),
            ]),
      ),
      ...mutants.slice(0, 1).map(([rule, { kinds, withOrigin, mutants: all }]) =>
        fold(
          `Mutants by kind, ${rule}`,
          make(
            'p',
            { class: 'soft' },
            `${number(withOrigin)} of ${number(all)} have their origin in the round: only tests that pass on it count.`,
          ),
          table(
            ['kind', 'killed', 'alive', 'stillborn', 'open'],
            Object.entries(kinds).map(([kind, one]) => [
              kind,
              ...['killed', 'alive', 'stillborn', 'open'].map((fate) => number(one[fate])),
            ]),
            [1, 2, 3, 4],
          ),
        ),
      ),
    ]
  }

  function choices() {
    const {
      choices: { problems: of, differ, tied },
    } = scores.rules[round.rule]
    return [
      make('h2', {}, 'Choosing among plausible translations'),
      make(
        'p',
        { class: 'soft' },
        `Under the rule ${round.rule}: of ${number(of)} problems in which some translation passes some test, MaxPass, CodeT and B4 do not choose the same in ${number(differ)}. Each problem below says which lines are chosen.`,
      ),
      table(
        ['way', 'problems with several as good patterns'],
        Object.entries(tied).map(([by, value]) => [by, number(value)]),
        [1],
      ),
    ]
  }

  function matrices() {
    const of = scores.rules[round.rule].passAtK.problems
    const legend = make('p', { class: 'soft' }, ...Object.keys(WORDS).flatMap((letter) => [cell(letter), ` ${WORDS[letter]}  `]))
    return [
      make('h2', {}, 'Problem by problem'),
      make(
        'p',
        { class: 'soft' },
        `Translations by tests under the rule ${round.rule}; ${of > problems.length ? `the first ${problems.length} of ${number(of)} problems: all are in matrix.csv and scores.json.` : 'the same as in matrix.csv.'}`,
      ),
      legend,
      ...problems.map(matrix),
    ]
  }

  function matrix({ problem, lines, alike, rules: both }) {
    const {
      correct,
      open,
      cells,
      choices: { chosen },
    } = both[round.rule]
    const groupOf = new Map(alike.groups.flatMap((group, at) => group.lines.map((line) => [line, at + 1])))
    const content = () => {
      const rows = lines.slice(0, MOST_ROWS).map((line, at) => [
        String(line),
        make('span', {}, ...[...cells[at]].map(cell)),
        groupOf.has(line) ? String(groupOf.get(line)) : '?',
        chosen
          .filter((choice) => choice.lines.includes(line))
          .map(({ by }) => by)
          .join(', '),
      ])
      return [
        table(['line', `tests, ${round.rule}`, 'behaviour', 'chosen by'], rows, [0, 2]),
        ...(lines.length > MOST_ROWS
          ? [make('p', { class: 'soft' }, `and ${number(lines.length - MOST_ROWS)} more translations`)]
          : []),
      ]
    }
    const says = `${correct} of ${lines.length} equivalent${open > 0 ? `, ${open} open` : ''}; ${alike.groups.length} ${plural(alike.groups.length, 'behaviour')}`
    const details = make(
      'details',
      {},
      make('summary', {}, make('span', { class: 'name' }, problem), make('span', { class: 'soft' }, says), overview(cells)),
    )
    // Hundreds of tables are made only as they are looked at.
    details.addEventListener('toggle', () => details.append(...content()), { once: true })
    return details
  }

  /** All cells of a problem in one line, as counts. */
  function overview(cells) {
    const counts = new Map()
    for (const letter of cells.join('')) counts.set(letter, (counts.get(letter) ?? 0) + 1)
    const found = Object.keys(WORDS).filter((letter) => counts.has(letter))
    return make('span', {}, ...found.flatMap((letter) => [cell(letter), ` ${counts.get(letter)} `]))
  }

  function rest() {
    const names = { codeBleu: 'CodeBLEU', effAtK: 'eff@k', coverage: 'Coverage by gcov' }
    return [
      make('h2', {}, 'To read these figures rightly'),
      make(
        'ul',
        {},
        ...report.notes.map((note) => make('li', {}, note)),
        ...Object.entries(scores.notOffered).map(([name, why]) =>
          make('li', {}, `${names[name] ?? name} is not offered: ${why}.`),
        ),
      ),
    ]
  }

  // Charts.

  function progressChart(place) {
    const minutes = report.progress.map(([seconds]) => seconds / 60)
    draw(
      place,
      {
        scales: { x: { time: false }, y: { range: (_, __, most) => [0, Math.max(1, most)] } },
        series: [
          { label: 'minutes', value: (_, v) => v?.toFixed(1) ?? '' },
          { label: 'cases', stroke: colour('--compat'), width: 2, fill: faint('--compat') },
        ],
      },
      [minutes, report.progress.map(([, cases]) => cases)],
    )
  }

  function judgementChart(place) {
    const words = Object.keys(judgements.strict).filter((word) => RULES.some((rule) => judgements[rule][word] > 0))
    bars(
      place,
      words,
      'judgement',
      RULES.map((rule) => ({ label: rule, values: words.map((word) => judgements[rule][word]) })),
    )
  }

  function shareChart(place) {
    const names = ['0', ...Array.from({ length: 9 }, (_, at) => `to ${10 * (at + 1)} %`), 'to all']
    bars(
      place,
      names,
      'share',
      RULES.map((rule) => ({ label: rule, values: scores.rules[rule].passAtK.problemsByShare })),
    )
  }

  function behaviourChart(place) {
    const counts = Object.entries(scores.alike.problemsByBehaviours)
      .map(([key, value]) => [Number(key), value])
      .sort(([a], [b]) => a - b)
    bars(
      place,
      counts.map(([key]) => String(key)),
      'behaviours',
      [{ label: 'problems', values: counts.map(([, value]) => value) }],
    )
  }

  function passChart(place) {
    const curves = RULES.map((rule) => scores.rules[rule].passAtK.values)
    const data = [curves[0].map(({ k }) => k)]
    const [series, bands] = [[{ label: 'k' }], []]
    for (const [at, values] of curves.entries()) {
      const stroke = colour(`--${RULES[at]}`)
      const show = (_, value) => (value === null || value === undefined ? '' : percent(value))
      data.push(
        values.map(({ low }) => low),
        values.map(({ high }) => high),
        values.map(({ value }) => value),
      )
      const edge = (label) => ({
        label: `${RULES[at]}, ${label}`,
        stroke: faint(`--${RULES[at]}`),
        width: 1,
        points: { show: false },
        value: show,
      })
      series.push(edge('from'), edge('to'), {
        label: RULES[at],
        stroke,
        width: 2,
        points: { show: true, size: 6, fill: stroke },
        value: show,
      })
      bands.push({ series: [3 * at + 2, 3 * at + 1], fill: faint(`--${RULES[at]}`) })
    }
    draw(
      place,
      {
        scales: { x: { time: false }, y: { range: [0, 1] } },
        axes: [{ incrs: [1, 2, 5, 10, 20, 50] }, { values: (_, splits) => splits.map((split) => percent(split)) }],
        series,
        bands,
      },
      data,
    )
  }

  /** Bars side by side over names. */
  function bars(place, names, label, series) {
    const at = names.map((_, index) => index)
    const width = 0.8 / series.length
    draw(
      place,
      {
        scales: {
          x: { time: false, range: [-0.6, names.length - 0.4] },
          y: { range: (_, __, most) => [0, Math.max(1, most * 1.05)] },
        },
        axes: [
          {
            splits: () => at,
            values: (_, splits) => splits.map((split) => names[split] ?? ''),
            grid: { show: false },
            rotate: names.length > 6 ? -45 : 0,
            size: names.length > 6 ? 60 : 40,
          },
          { incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 1e5, 1e6] },
        ],
        series: [
          { label, value: (_, index) => names[index] ?? '' },
          ...series.map((one, index) => ({
            label: one.label,
            stroke: colour(index === 0 ? '--strict' : '--compat'),
            fill: colour(index === 0 ? '--strict' : '--compat'),
            paths: uPlot.paths.bars({ size: [width, 60], align: series.length === 1 ? 0 : index === 0 ? -1 : 1 }),
            points: { show: false },
          })),
        ],
      },
      [at, ...series.map(({ values }) => values)],
    )
  }

  function draw(place, options, data) {
    const axis = (one = {}) => ({
      stroke: colour('--soft'),
      grid: { stroke: colour('--line'), width: 1 },
      ticks: { stroke: colour('--line'), width: 1 },
      ...one,
    })
    const axes = [axis(options.axes?.[0]), axis({ size: 55, ...options.axes?.[1] })]
    const chart = new uPlot({ ...options, axes, width: place.clientWidth, height: HEIGHT }, data, place)
    new ResizeObserver(() => chart.setSize({ width: place.clientWidth, height: HEIGHT })).observe(place)
  }

  /** A figure whose chart is drawn once it is on the page. */
  function chart(title, says, drawIn) {
    const place = make('div', {})
    charts.push(() => drawIn(place))
    return make('figure', {}, make('figcaption', {}, make('b', {}, title), says), place)
  }

  // Pieces.

  /** The only way anything comes onto the page: strings become text. */
  function make(name, attributes, ...content) {
    const element = document.createElement(name)
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value)
    element.append(...content)
    return element
  }

  function table(columns, rows, numbers) {
    const line = (kind, values) =>
      make('tr', {}, ...values.map((value, at) => make(kind, numbers.includes(at) ? { class: 'number' } : {}, value)))
    const whole = make(
      'table',
      { class: 'plain' },
      make('thead', {}, line('th', columns)),
      make('tbody', {}, ...rows.map((row) => line('td', row))),
    )
    return make('div', { class: 'scroll' }, whole)
  }

  function fold(title, ...content) {
    return make('details', {}, make('summary', {}, title), ...content)
  }

  function figure(value, says) {
    return make('div', { class: 'figure' }, make('b', {}, value), make('span', { class: 'soft' }, says))
  }

  function cell(letter) {
    return make('span', { class: `cell ${letter === '.' ? 'o' : letter}`, title: WORDS[letter] }, SIGNS[letter])
  }

  function apart(pair) {
    const [compat, strict] = pair.split(' / ')
    return compat !== strict
  }

  function count(counts, wanted) {
    return Object.entries(counts).reduce((sum, [key, value]) => sum + (wanted(key) ? value : 0), 0)
  }

  function percent(value) {
    return value === null ? '-' : `${Number((100 * value).toFixed(1))} %`
  }

  function between({ low, high }) {
    return low === null ? '-' : `${percent(low)} to ${percent(high)}`
  }

  function interval(value) {
    return value.low === null ? '' : ` (95 %: ${between(value)})`
  }

  function number(value) {
    return value.toLocaleString('en')
  }

  function plural(value, word) {
    return value === 1 ? word : `${word}s`
  }

  function colour(name) {
    return getComputedStyle(document.documentElement).getPropertyValue(name).trim()
  }

  function faint(name) {
    return `${colour(name)}33`
  }
})()
