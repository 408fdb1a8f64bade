// Runs in report.html, last: puts what is in the page on it.
{
  const { WORDS, make, soft, figure, figures, table, fold, cell, percent, between, number, several } = globalThis.pieces
  const { bars, rising, curves, drawAll } = globalThis.charts
  const RULES = ['strict', 'compat']
  const FATES = ['killed', 'alive', 'stillborn', 'open']
  const NOT_OFFERED = { codeBleu: 'CodeBLEU', effAtK: 'eff@k' }
  /** Lines that are named, of those that no test reaches. */
  const MOST_MISSED = 40

  const { report, problems } = JSON.parse(document.getElementById('data').textContent)
  const { round, scores, rules, judgements } = report
  const sections = [head, passAtK, problemByProblem, behaviours, difference, tests, choices, notes]
  document.title = `${round.name}: report`
  document.getElementById('page').replaceChildren(...sections.flatMap((section) => section()))
  drawAll()

  function head() {
    const { state, partial, rule, executor, id } = round
    const opened = `${report.times.opened.slice(0, 16).replace('T', ' ')} UTC`
    const apart = Object.entries(rules.judgements).filter(([pair]) => differ(pair))
    const words = Object.keys(judgements.strict).filter((word) => RULES.some((one) => judgements[one][word] > 0))
    const both = (word) => RULES.map((one) => number(judgements[one][word])).join(' / ')
    const firsts = RULES.flatMap((one) => scores.rules[one].passAtK.values.slice(0, 1).map((value) => passFigure(one, value)))
    const { ratio, of } = report.translationsCompiled
    return [
      make('h1', {}, round.name),
      soft(`${state}${partial ? ' (partial export)' : ''}; rule ${rule}; CUDA side ${executor}; opened ${opened}; round ${id}`),
      figures(
        figure(number(report.cases), 'cases'),
        figure(both('equivalent'), 'equivalent: strict / compat'),
        figure(both('different'), 'different: strict / compat'),
        figure(number(apart.reduce((sum, [, cases]) => sum + cases, 0)), 'cases in which the rules differ'),
        ...firsts,
        figure(percent(ratio), `of ${number(of)} translations compile`),
      ),
      make(
        'div',
        { class: 'charts' },
        rising(
          'Cases done',
          'Cases whose last verdict was in, over minutes since the round was opened.',
          'cases',
          report.progress,
        ),
        bars(
          'Judgements',
          'Cases by judgement under each rule.',
          'judgement',
          words,
          byRule((one) => words.map((word) => judgements[one][word])),
        ),
      ),
    ]
  }

  function passFigure(rule, value) {
    return figure(percent(value.value), `Pass@1, ${rule}${value.low === null ? '' : ` (95\u00a0%: ${between(value)})`}`)
  }

  function byRule(values) {
    return RULES.map((rule) => ({ label: rule, colour: rule, values: values(rule) }))
  }

  function passAtK() {
    const all = RULES.map((rule) => scores.rules[rule].passAtK)
    const [{ largestK, problems: of, samples, interval }] = all
    const says = `${several(of, 'problem')}, ${several(samples, 'sample')}; the problem with the fewest has ${largestK}, so k ends there. Intervals: 95 %, ${interval.method}. "At most" is what it would be if everything undecided were right.`
    const cells = (value) => [percent(value.value), between(value), percent(value.atMost)]
    const rows = all[0].values.map(({ k }, at) => [String(k), ...all.flatMap(({ values }) => cells(values[at]))])
    const columns = ['k', ...RULES.flatMap((rule) => [rule, '95 %', 'at most'])]
    const shares = ['none', ...Array.from({ length: 9 }, (_, at) => `to ${10 * (at + 1)} %`), 'to all']
    const curve = { title: 'Pass@k', says: 'Chance that of k samples one at least is equivalent, with its 95 % interval.' }
    return [
      make('h2', {}, 'Pass@k'),
      soft(says),
      make(
        'div',
        { class: 'charts' },
        ...(largestK > 1
          ? [
              curves(
                curve.title,
                curve.says,
                RULES.map((rule, at) => ({ name: rule, values: all[at].values })),
              ),
            ]
          : []),
        bars(
          'Problems by share of equivalent samples',
          'How many are never, seldom, mostly, always solved.',
          'share',
          shares,
          byRule((rule) => scores.rules[rule].passAtK.problemsByShare),
        ),
      ),
      make('div', { class: 'below' }, table(columns, rows, { numbers: columns.map((_, at) => at) })),
    ]
  }

  function problemByProblem() {
    const of = scores.rules[round.rule].passAtK.problems
    const where =
      of > problems.length
        ? `the first ${number(problems.length)} of ${number(of)}: all are in matrix.csv and scores.json`
        : 'as in matrix.csv'
    return [
      make('h2', {}, 'Translations by tests'),
      soft(`Problem by problem under the rule ${round.rule}, ${where}. Open one to see its matrix.`),
      make('p', { class: 'soft' }, ...Object.keys(WORDS).flatMap((letter) => [cell(letter), ` ${WORDS[letter]}   `])),
      make('div', { class: 'list' }, ...globalThis.problemList(problems, round.rule)),
    ]
  }

  function behaviours() {
    const { translations, behaviours: found, unknown, problemsByBehaviours } = scores.alike
    const counts = Object.entries(problemsByBehaviours).sort(([a], [b]) => a - b)
    const says = 'Problems by how many different behaviours their translations show: other outputs in some test, right or wrong.'
    const series = [{ label: 'problems', colour: 'pass', values: counts.map(([, value]) => value) }]
    return [
      make('h2', {}, 'Translations that behave alike'),
      soft(
        `${several(translations, 'translation')}, ${several(found, 'different behaviour')} in all, problem by problem; of ${number(unknown)} not everything is decided.`,
      ),
      bars(
        'Behaviours of a problem',
        says,
        'behaviours',
        counts.map(([key]) => key),
        series,
      ),
    ]
  }

  function difference() {
    const pairs = (counts) =>
      biggest(counts).map(([key, value]) => [...key.split(' / '), number(value), differ(key) ? 'differ' : ''])
    const counted = (title, says, ...of) => make('figure', {}, make('figcaption', {}, make('b', {}, title), says), table(...of))
    const list = rules.cases.map(({ line, id, compat, strict, why }) => [
      String(line),
      id === null ? '' : String(id),
      compat,
      strict,
      why.join('; '),
    ])
    const more = rules.notListed > 0 ? ` (${number(rules.notListed)} more in report.json)` : ''
    const columns = ['line', 'id', 'compat', 'strict', 'why']
    return [
      make('h2', {}, 'Where the two rules differ, and why'),
      make(
        'div',
        { class: 'charts small' },
        counted('Cases', 'By what both rules say.', ['compat', 'strict', 'cases', ''], pairs(rules.judgements), { numbers: [2] }),
        counted('Tests', 'By what both rules say.', ['compat', 'strict', 'tests', ''], pairs(rules.cells), { numbers: [2] }),
        counted(
          'Flags',
          'Tests that a strict pass flagged, on either side.',
          ['flag', 'tests'],
          biggest(report.flags).map(([flag, value]) => [flag, number(value)]),
          { numbers: [1] },
        ),
      ),
      ...(list.length === 0
        ? []
        : [
            fold([`${several(list.length, 'case')} in which they differ, with the reason${more}`], () => [
              table(columns, list, { numbers: [0], wide: [1, 4] }),
            ]),
          ]),
    ]
  }

  function tests() {
    const { tester, bleu } = scores
    const mutants = RULES.flatMap((rule) =>
      scores.rules[rule].mutants === null ? [] : [{ rule, ...scores.rules[rule].mutants }],
    )
    const clean = tester.flagsLookedFor ? 'run clean on the original: to the end, no flag' : 'run to the end on the original'
    const killed = ({ rule, killedShare, killed, alive }) =>
      figure(percent(killedShare), `of ${number(killed + alive)} mutants killed, ${rule}`)
    return [
      make('h2', {}, 'Tests'),
      figures(
        figure(number(tester.tests), `tests of ${several(tester.originals, 'original')}`),
        figure(percent(tester.compiledShare), 'compile with the original'),
        figure(percent(tester.cleanShare), clean),
        ...mutants.map(killed),
        ...covered(scores.coverage),
        ...(bleu?.corpus == null
          ? []
          : [figure(bleu.corpus.toFixed(3), `BLEU of ${several(bleu.translations, 'translation')} with a reference`)]),
      ),
      ...mutants.map(({ rule, kinds, withOrigin, mutants: all }) =>
        fold([`Mutants by kind, ${rule}`], () => [
          soft(
            `${number(withOrigin)} of ${number(all)} have their origin in the round: of these only tests that pass on it count.`,
          ),
          table(
            ['kind', ...FATES],
            Object.entries(kinds).map(([kind, one]) => [kind, ...FATES.map((fate) => number(one[fate]))]),
            { numbers: [1, 2, 3, 4] },
          ),
        ]),
      ),
      ...reached(),
    ]
  }

  function covered(coverage) {
    if (coverage === null) return []
    const { measured, lineShare, branchShare } = coverage
    return [
      figure(percent(lineShare), `of the lines of ${several(measured, 'original')} reached by tests clean on them`),
      ...(branchShare === null ? [] : [figure(percent(branchShare), 'of the ways out of their conditions taken')]),
    ]
  }

  /** What clean tests reach of each original of the problems shown. */
  function reached() {
    const rows = problems.flatMap(({ problem, coverage }) =>
      coverage.map(({ line, clean, together, missed }) => [
        problem,
        number(line),
        number(clean.length),
        together === null ? 'not measured' : `${number(together.reached)} of ${number(together.lines)}`,
        together === null ? '' : `${number(together.taken)} of ${number(together.branches)}`,
        missed.slice(0, MOST_MISSED).join(', ') + (missed.length > MOST_MISSED ? ', ...' : ''),
      ]),
    )
    const columns = ['problem', 'line', 'clean tests', 'lines reached', 'ways taken', 'lines of the code that none reaches']
    return rows.length === 0
      ? []
      : [fold(['What the tests reach of each original'], () => [table(columns, rows, { numbers: [1, 2, 3, 4], wide: [5] })])]
  }

  function choices() {
    const { problems: of, differ: apart, tied } = scores.rules[round.rule].choices
    return [
      make('h2', {}, 'Choosing among plausible translations'),
      soft(
        `Under the rule ${round.rule}, of ${several(of, 'problem')} in which some translation passes some test, MaxPass, CodeT and B4 do not all choose the same in ${number(apart)}. The matrices above say which lines are chosen.`,
      ),
      table(
        ['way', 'problems in which several patterns are as good'],
        Object.entries(tied).map(([by, value]) => [by, number(value)]),
        { numbers: [1] },
      ),
    ]
  }

  function notes() {
    const missing = Object.entries(scores.notOffered).map(([name, why]) => `${NOT_OFFERED[name] ?? name} is not offered: ${why}.`)
    return [
      make('h2', {}, 'To read these figures rightly'),
      make('ul', {}, ...[...report.notes, ...missing].map((note) => make('li', {}, note))),
    ]
  }

  function biggest(counts) {
    return Object.entries(counts).sort(([, a], [, b]) => b - a)
  }

  function differ(pair) {
    const [compat, strict] = pair.split(' / ')
    return compat !== strict
  }
}
