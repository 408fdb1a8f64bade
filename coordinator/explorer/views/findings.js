import { links } from '../api.js'
import { h } from '../dom.js'
import { cellMark, percent, scroller } from '../parts.js'
import { counted, flagWord, JUDGEMENTS, number, PASSES, REASONS, SIDES } from '../words.js'

const RULES = ['strict', 'compat']

/**
 * What the cases of a round come to that are decided and may be shown.
 * @param {any} round
 * @param {any} summary
 */
export function findings(round, summary) {
  const told =
    summary.shown === summary.cases
      ? `all ${counted(summary.cases, 'case')}`
      : `${number(summary.shown)} of ${counted(summary.cases, 'case')}`
  return h(
    'section',
    { 'aria-labelledby': 'findings' },
    h(
      'div',
      { class: 'section-head' },
      h('h2', { id: 'findings' }, 'What comes out'),
      h('p', { class: 'fine' }, `From ${told}, as they are decided.`),
    ),
    summary.shown === 0
      ? h('p', { class: 'fine' }, 'Nothing is decided yet.')
      : h('div', { class: 'panels' }, passAtK(round, summary), rules(round, summary), reasons(round, summary), care(summary)),
  )
}

/**
 * @param {any} round
 * @param {any} summary
 */
function passAtK({ rule, state }, { passAtK: all }) {
  const { values, problems, samples } = all[rule]
  return h(
    'div',
    { class: 'panel' },
    h('h3', null, 'Pass@k'),
    h(
      'p',
      { class: 'fine' },
      `The chance that one of k translations is right: ${counted(problems, 'problem')}, ${counted(samples, 'translation')}, ${rule} rule${state === 'aggregated' ? '' : ', so far'}. The band is the 95 % interval.`,
    ),
    values.length === 0
      ? h('p', { class: 'fine' }, 'No problem has enough of them yet.')
      : h('ul', { class: 'shares' }, values.map(share)),
  )
}

/** @param {any} value */
function share({ k, value, low, high, atMost }) {
  const band = low === null || high === null ? '' : `, ${percent(low)} to ${percent(high)}`
  const most = atMost > value ? `, at most ${percent(atMost)} if all that is open were right` : ''
  const at = (/** @type {number} */ part) => `${100 * part}%`
  return h(
    'li',
    { 'data-key': `k${k}` },
    h('span', { class: 'share-name' }, `k = ${k}`),
    h(
      'span',
      { class: 'track', 'aria-hidden': 'true' },
      h('span', { class: 'track-fill', style: { width: at(value) } }),
      low === null || high === null ? null : h('span', { class: 'track-band', style: { left: at(low), width: at(high - low) } }),
    ),
    h('span', null, h('strong', null, percent(value)), h('span', { class: 'fine' }, `${band}${most}`)),
  )
}

/**
 * Cases by what either rule says of them.
 * @param {any} round
 * @param {any} summary
 */
function rules({ passes }, { rules: counts }) {
  if (passes.length === 0) return null
  return h(
    'div',
    { class: 'panel' },
    h('h3', null, 'Compat and strict'),
    h('p', { class: 'fine' }, 'The compat rule compares what is printed; the strict one also asks how it came about.'),
    scroller(
      'Cases by both rules, can be scrolled sideways',
      h(
        'table',
        null,
        h('caption', { class: 'hidden' }, 'Cases by what either rule says of them'),
        h('thead', null, h('tr', null, ...['Compat', 'Strict', 'Cases'].map((word) => h('th', { scope: 'col' }, word)))),
        h(
          'tbody',
          null,
          counts.map((/** @type {any} */ { compat, strict, cases }) =>
            h(
              'tr',
              { 'data-key': `${compat} ${strict}`, class: compat === strict ? null : 'told-apart' },
              h('td', null, word(compat)),
              h('td', null, word(strict)),
              h('td', { class: 'number' }, number(cases)),
            ),
          ),
        ),
      ),
    ),
  )
}

/** @param {string} judgement */
function word(judgement) {
  const { word, sign, kind } = JUDGEMENTS[judgement] ?? { word: judgement, sign: '?', kind: 'unknown' }
  return [cellMark(kind, sign), ` ${word}`]
}

/**
 * Why cases are not equivalent: by the test that decided it.
 * @param {any} round
 * @param {any} summary
 */
function reasons({ rule, passes }, { reasons: all }) {
  const rows = Object.entries(all[rule])
    .filter(([, count]) => count > 0)
    .sort((a, b) => b[1] - a[1])
  return h(
    'div',
    { class: 'panel' },
    h('h3', null, 'Not equivalent, by reason'),
    rows.length === 0
      ? h('p', { class: 'fine' }, 'All of them are equivalent so far.')
      : h(
          'ul',
          { class: 'counts' },
          rows.map(([reason, count]) => {
            const { word, sign, kind } = REASONS[reason] ?? { word: reason, sign: '?', kind: 'unknown' }
            return h('li', { 'data-key': reason }, cellMark(kind, sign), h('strong', null, number(count)), ` ${word}`)
          }),
        ),
    passes.length === 0
      ? h('p', { class: 'fine' }, 'No strict passes were asked for, so there is nothing to say by the strict rule.')
      : RULES.filter((other) => other !== rule).map((other) =>
          h(
            'p',
            { class: 'fine' },
            `By the ${other} rule: ${number(Object.values(all[other]).reduce((sum, count) => sum + count, 0))} not equivalent.`,
          ),
        ),
  )
}

/**
 * How sure it is: replicas, disagreements, flaky tests, confidence.
 * @param {any} summary
 */
function care(summary) {
  return h(
    'div',
    { class: 'panel' },
    h('h3', null, 'How sure'),
    h('p', null, confidence(summary.confidence)),
    h(
      'p',
      null,
      h('strong', null, 'Verdicts a task: '),
      summary.replicas
        .map((/** @type {any} */ { replicas, tasks }) => `${number(replicas)} on ${counted(tasks, 'task')}`)
        .join(', ') || 'none yet',
    ),
    places(
      summary.splits.tasks === 0 ? 'Nodes disagreed on no task' : `Nodes disagreed on ${counted(summary.splits.tasks, 'task')}`,
      summary.round,
      summary.splits.places.map((/** @type {any} */ { line, side, pass, replicas }) => ({
        line,
        words: `${SIDES[side]}, ${PASSES[pass] ?? pass}: ${counted(replicas, 'verdict')}`,
      })),
    ),
    places(
      summary.flaky.tests === 0 ? 'No test is flaky' : counted(summary.flaky.tests, 'flaky test'),
      summary.round,
      summary.flaky.places.map((/** @type {any} */ { line, test, side, flags }) => ({
        line,
        words: `test ${test}, ${SIDES[side]}: ${flags.map(flagWord).join(', ')}`,
      })),
    ),
  )
}

/** @param {any} confidence */
function confidence({ reason, lowest, mean, cells, assumedWrongShare }) {
  if (reason === 'single-operator')
    return 'One operator runs the nodes: agreement shows that results repeat, and gives no confidence.'
  if (lowest === null) return 'No test is decided yet.'
  return `${counted(cells, 'test')} decided with a confidence of ${percent(lowest)} or more, ${percent(mean)} on average, if no more than ${percent(assumedWrongShare)} of the operators lie.`
}

/**
 * @param {string} heading
 * @param {string} round
 * @param {{ line: number, words: string }[]} rows
 */
function places(heading, round, rows) {
  if (rows.length === 0) return h('p', null, `${heading}.`)
  return h(
    'details',
    null,
    h('summary', null, heading),
    h(
      'ul',
      null,
      rows.map(({ line, words }) =>
        h('li', null, h('a', { href: links.case(round, line) }, `line ${number(line)}`), `, ${words}`),
      ),
    ),
  )
}
