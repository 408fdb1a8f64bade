// Runs in report.html. The problems one by one: `globalThis.problemList(problems, rule)`.
{
  const { make, soft, table, fold, cell, counted, several } = globalThis.pieces
  /** Translations of a problem that are shown. */
  const MOST_ROWS = 100
  const PRIOR = /^B4, a \S+, /

  globalThis.problemList = (problems, rule) => problems.map((problem) => row(problem, rule))

  function row({ problem, lines, alike, rules }, rule) {
    const { correct, open, cells, choices } = rules[rule]
    const behaviours = several(alike.groups.length, 'behaviour')
    const says = `${correct} of ${lines.length} equivalent${open > 0 ? `, ${open} open` : ''}; ${behaviours}`
    const summary = [make('span', { class: 'name' }, problem), make('span', { class: 'soft' }, says), counted(cells.join(''))]
    return fold(summary, () => matrix(lines, cells, alike.groups, choices.chosen))
  }

  function matrix(lines, cells, groups, chosen) {
    const groupOf = new Map(groups.flatMap((group, at) => group.lines.map((line) => [line, String(at + 1)])))
    const rows = lines.slice(0, MOST_ROWS).map((line, at) => {
      const tests = make('span', { class: 'cells' }, ...[...cells[at]].map(cell))
      return [String(line), tests, groupOf.get(line) ?? '?', chosenBy(chosen, line)]
    })
    const more = lines.length - MOST_ROWS
    const columns = ['line', 'tests', 'behaviour', 'chosen by']
    return [table(columns, rows, { numbers: [0, 2] }), ...(more > 0 ? [soft(`and ${several(more, 'more translation')}`)] : [])]
  }

  /** Which ways choose a line: B4 once, with its priors where they do not all choose it. */
  function chosenBy(chosen, line) {
    const ways = chosen.filter((choice) => choice.lines.includes(line)).map(({ by }) => by)
    if (ways.length === chosen.length) return 'all'
    const priors = ways.filter((by) => PRIOR.test(by)).map((by) => by.replace(PRIOR, ''))
    const all = chosen.filter(({ by }) => PRIOR.test(by)).length
    const b4 = priors.length === 0 ? [] : [priors.length === all ? 'B4' : `B4 (${priors.join('; ')})`]
    return [...ways.filter((by) => !PRIOR.test(by)), ...b4].join(', ')
  }
}
