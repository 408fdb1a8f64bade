import { downloadLink, fromOf, get, links, paths, Trouble } from '../api.js'
import { h, patch } from '../dom.js'
import { MatrixView } from '../matrix/view.js'
import {
  badge,
  bar,
  cells,
  empty,
  foreign,
  judgedWords,
  judgementBadge,
  judgementParts,
  legend,
  moment,
  pager,
  percent,
  scroller,
} from '../parts.js'
import { counted, duration, EXECUTORS, namesOf, number, stateOf } from '../words.js'
import { refresher } from '../world.js'
import { findings } from './findings.js'

/** @type {[show: string, word: string][]} */
const FILTERS = [
  ['all', 'All'],
  ['equivalent', 'Equivalent'],
  ['different', 'Different'],
  ['undecided', 'Undecided'],
  ['invalid', 'Invalid'],
  ['open', 'To come'],
]

/** @typedef {{ show: string, from: number }} Page */

/** @typedef {{ round: any, list: any, summary: any, files: string[] }} Read `list` and `summary` are null where the owner shows counts only */

/**
 * One round: how far it is, what comes out, its matrix and its cases.
 * @type {import('../routes.js').Show}
 */
export async function showRound(params, world, signal) {
  const id = params.round ?? ''
  const page = { show: FILTERS.find(([show]) => show === params.show)?.[0] ?? 'all', from: fromOf(params.from) }
  let data = await readRound(id, page, signal)
  const node = draw(data, page, world)
  const matrix = showMatrix(node, data, signal)
  const redraw = () => patch(node, draw(data, page, world))
  const refresh = refresher({
    read: () => readRound(id, page, signal),
    draw: (next) => {
      data = next
      redraw()
      matrix?.resize({ cases: data.round.cases, tests: data.summary?.columns ?? 0 })
      matrix?.refresh()
    },
    everyMs: () => world.everyMs(),
    signal,
  })
  return {
    title: data.round.name,
    node,
    onMessage({ rounds }, fresh) {
      const next = rounds.find(({ round }) => round === id)
      if (fresh || next !== undefined) refresh()
      if (next === undefined) return
      data = { ...data, round: { ...data.round, ...next } }
      redraw()
      world.announce(judgedWords(next.judged, next.cases))
    },
  }
}

/**
 * @param {string} id
 * @param {Page} page
 * @param {AbortSignal} signal
 * @returns {Promise<Read>}
 */
async function readRound(id, page, signal) {
  const [round, list, summary] = await Promise.all([
    get(paths.round(id), signal),
    unlessPrivate(get(paths.cases(id, page), signal)),
    unlessPrivate(get(paths.summary(id), signal)),
  ])
  const files = round.state === 'aggregated' && list !== null ? await filesOf(id, signal) : []
  return { round, list, summary, files }
}

/**
 * Null where the owner keeps the content to himself.
 * @param {Promise<any>} answer
 */
async function unlessPrivate(answer) {
  return await answer.catch((error) => {
    if (error.code === 'private') return null
    throw error
  })
}

/**
 * Result files that can be had; none while something of the round is still voted on elsewhere.
 * @param {string} id
 * @param {AbortSignal} signal
 * @returns {Promise<string[]>}
 */
async function filesOf(id, signal) {
  try {
    return (await get(paths.files(id), signal)).files
  } catch (error) {
    if (error instanceof Trouble && error.code !== 'unreachable') return []
    throw error
  }
}

/**
 * Puts the matrix into its place; it draws itself from then on.
 * @param {HTMLElement} node
 * @param {Read} data
 * @param {AbortSignal} signal
 */
function showMatrix(node, { round, summary }, signal) {
  const place = node.querySelector('[data-key=matrix]')
  if (place === null || summary === null) return null
  const matrix = new MatrixView(round.round, { cases: round.cases, tests: summary.columns, rule: round.rule, signal })
  place.append(matrix.node)
  return matrix
}

/**
 * @param {Read} data
 * @param {Page} page
 * @param {import('../world.js').World} world
 */
function draw({ round, list, summary, files }, page, world) {
  return h(
    'div',
    null,
    head(round, world),
    progress(round),
    list === null || summary === null
      ? h('p', { class: 'notice' }, COUNTS_ONLY)
      : [findings(round, summary), matrixSection(round), cases(round, list, page), downloads(round, files)],
  )
}

/** @param {any} round */
function matrixSection(round) {
  return h(
    'section',
    { 'aria-labelledby': 'matrix' },
    h('h2', { id: 'matrix' }, 'Matrix'),
    round.cases === 0 ? h('p', { class: 'fine' }, 'It grows as cases come in.') : null,
    h('div', { 'data-key': 'matrix', 'data-island': '', class: round.cases === 0 ? 'hidden' : null }),
  )
}

/**
 * @param {any} round
 * @param {string[]} files
 */
function downloads(round, files) {
  if (round.state !== 'aggregated') return null
  return h(
    'section',
    { 'aria-labelledby': 'files' },
    h('h2', { id: 'files' }, 'Results'),
    files.length === 0
      ? h(
          'p',
          { class: 'fine' },
          'There are no files to be had here: something of it is still voted on elsewhere, or it is too large. Its owner exports it.',
        )
      : h(
          'ul',
          { class: 'files' },
          files.map((file) => h('li', null, h('a', { href: downloadLink(round.round, file), download: file }, file))),
        ),
  )
}

const COUNTS_ONLY = 'Of this round its owner shows counts only.'

/** What figures of votes and agreeing nodes would otherwise make believe. */
const ONE_OPERATOR =
  'One operator runs the nodes near this coordinator: their agreement shows that results repeat, not that strangers confirm them.'

/** @param {any} paused */
function pausedWords({ reason, detail }) {
  return reason === 'limit' ? `Paused by a limit: ${detail}.` : 'Paused by its owner.'
}

/**
 * How votes become decisions, in words.
 * @param {any} policy
 */
function termsOf(policy) {
  if (policy.kind === 'confidence')
    return `right with a chance of ${percent(policy.theta)} while ${percent(policy.f)} of the operators lie`
  const { quorum, replicas } = policy
  return replicas === 1 ? 'one node’s word a task' : `${quorum} of at most ${replicas} nodes must agree`
}

/**
 * @param {any} round
 * @param {import('../world.js').World} world
 */
function head(round, world) {
  const vote = termsOf(round.policy)
  const end = round.endedAt
  const took = end === null ? null : `, took ${duration(end - round.openedAt)}`
  return h(
    'header',
    { class: 'page-head' },
    h('p', { class: 'crumbs' }, h('span', null, h('a', { href: links.home }, 'Swarm'), ' / Round')),
    h('div', { class: 'card-head' }, h('h1', null, foreign(round.name)), badge(stateOf(round))),
    h(
      'p',
      { class: 'fine' },
      `${EXECUTORS[round.executor] ?? round.executor} · ${vote} · ${duration(round.limits.wallMs)} a test · judged by the ${round.rule} rule · opened `,
      moment(round.openedAt, world.now()),
      took,
    ),
    world.status.singleOperator ? h('p', { class: 'fine' }, ONE_OPERATOR) : null,
    lineage(round),
    round.paused === null ? null : h('p', { class: 'notice' }, pausedWords(round.paused)),
    round.stopped === null ? null : h('p', { class: 'notice' }, `${round.stopped}.`),
    round.unserved === null ? null : h('p', { class: 'notice' }, `Nothing moves just now: ${round.unserved}.`),
    round.givenBack === null ? null : h('p', { class: 'notice' }, `${round.givenBack}.`),
  )
}

/**
 * What it comes from, and what came from it.
 * @param {any} round
 */
function lineage({ lineage: { before, after } }) {
  /** @type {Record<string, string>} */
  const comes = { rerun: 'Runs some cases again of ', follows: 'Follows ' }
  /** @type {Record<string, string>} */
  const led = { rerun: 'Run again in ', follows: 'Followed by ' }
  const link = (/** @type {any} */ { round, name }) => h('a', { href: links.round(round) }, foreign(name))
  return before.length + after.length === 0
    ? null
    : h(
        'ul',
        { class: 'lineage fine' },
        before.map((/** @type {any} */ one) => h('li', null, comes[one.how] ?? 'From ', link(one))),
        after.map((/** @type {any} */ one) => h('li', null, led[one.how] ?? 'Led to ', link(one))),
      )
}

/** @param {any} round */
function progress(round) {
  const parts = judgementParts(round)
  const { tasks } = round
  const taskParts = [
    { word: 'decided', sign: '✓', kind: 'done', count: tasks.decided },
    { word: 'without a majority', sign: '?', kind: 'unknown', count: tasks.undecided },
    { word: 'being voted on', sign: '…', kind: 'run', count: tasks.balloting },
    { word: 'to be checked', sign: '…', kind: 'run', count: tasks.provisional ?? 0 },
    { word: 'waiting', sign: '', kind: 'open', count: tasks.waiting },
  ].filter(({ count, kind }) => count > 0 || kind === 'done')
  return h(
    'section',
    { class: 'progress', 'aria-labelledby': 'progress' },
    h('h2', { id: 'progress', class: 'hidden' }, 'Progress'),
    h(
      'div',
      { class: 'panel' },
      h('h3', null, judgedWords(round.judged, round.cases)),
      round.toGoMs === null
        ? null
        : h('p', { class: 'fine' }, `About ${duration(round.toGoMs)} to go, at the pace of the last minutes.`),
      bar({ label: 'Judgements', total: round.cases, parts }),
      legend(parts),
    ),
    h(
      'div',
      { class: 'panel' },
      h('h3', null, `${number(tasks.decided + tasks.undecided)} of ${counted(tasks.total, 'task')} done`),
      bar({ label: 'Tasks', total: tasks.total, parts: taskParts }),
      legend(taskParts),
      h(
        'p',
        { class: 'fine' },
        `${counted(round.verdicts, 'signed verdict')} · nodes disagreed on ${counted(round.disagreements, 'task')} · ${counted(round.nodes, 'node')} here can serve this round`,
      ),
    ),
  )
}

/**
 * @param {any} round
 * @param {any} list
 * @param {Page} page
 */
function cases(round, list, page) {
  return h(
    'section',
    { 'aria-labelledby': 'cases' },
    h('div', { class: 'section-head' }, h('h2', { id: 'cases' }, 'Cases'), filters(round, page)),
    list.cases.length === 0 ? nothing(round, page) : table(round, list),
    pager({
      label: 'Pages of cases',
      where:
        list.cases.length === 0
          ? ''
          : `lines ${number(list.cases[0].line)} to ${number(list.cases.at(-1).line)} of ${number(list.total)}`,
      previous: list.previous === null ? null : links.round(round.round, { ...page, from: list.previous }),
      next: list.next === null ? null : links.round(round.round, { ...page, from: list.next }),
    }),
    key(),
  )
}

/**
 * @param {any} round
 * @param {Page} page
 */
function filters(round, page) {
  const count = (/** @type {string} */ show) => {
    if (show === 'all') return round.cases
    return show === 'open' ? null : (round.judgements[show] ?? 0)
  }
  const wanted = FILTERS.filter(([show]) => show !== 'invalid' || count(show) > 0 || page.show === show)
  return h(
    'nav',
    { class: 'filters', 'aria-label': 'Which cases' },
    wanted.map(([show, word]) =>
      h(
        'a',
        { href: links.round(round.round, { show }), 'aria-current': page.show === show ? 'true' : null },
        word,
        count(show) === null ? null : h('span', { class: 'count' }, ` ${number(count(show))}`),
      ),
    ),
  )
}

/**
 * @param {any} round
 * @param {Page} page
 */
function nothing(round, page) {
  if (round.cases === 0)
    return empty('No cases have come in yet.', h('p', null, 'They appear here as the researcher sends them.'))
  const left = page.show !== 'all' && page.show !== 'open' && round.judged < round.cases
  return empty('No case fits.', left ? h('p', null, 'The round is not done; some may still come.') : null)
}

/**
 * @param {any} round
 * @param {any} list
 */
function table(round, list) {
  return scroller(
    'Cases, can be scrolled sideways',
    h(
      'table',
      { class: 'cases' },
      h('caption', { class: 'hidden' }, 'Cases of the round in the order of the file, one square a test'),
      h('thead', null, h('tr', null, ...['Line', 'Case', 'Judgement', 'Tests'].map((word) => h('th', { scope: 'col' }, word)))),
      h(
        'tbody',
        null,
        list.cases.map((/** @type {any} */ row) => caseRow(round, row)),
      ),
    ),
  )
}

/**
 * @param {any} round
 * @param {any} row
 */
function caseRow(round, row) {
  const { name, problem } = namesOf(row)
  return h(
    'tr',
    { 'data-key': String(row.line) },
    h('td', { class: 'number' }, number(row.line)),
    h(
      'th',
      { scope: 'row' },
      h('a', { href: links.case(round.round, row.line) }, foreign(name)),
      problem === '' ? null : h('span', { class: 'problem' }, 'problem ', foreign(problem)),
    ),
    h('td', null, judgementBadge(row, round.rule)),
    h('td', null, row.tests === 0 ? 'no tests' : cells(row, round.rule), row.judgement === null ? sides(row) : null),
  )
}

/** @type {Record<string, string>} */
const SIDE_WORDS = { waiting: 'waiting', running: 'running', ended: 'done' }

/** @param {any} row */
function sides({ sides, standing }) {
  if (standing !== 'open') return null
  return h('span', { class: 'sides' }, `C++ ${SIDE_WORDS[sides.cpp]}, CUDA ${SIDE_WORDS[sides.cuda]}`)
}

/** What the squares mean. */
function key() {
  const squares = [
    ['pass', '✓', 'same result on both sides'],
    ['fail', '≠', 'results differ'],
    ['fail', 'C', 'does not compile'],
    ['fail', 'R', 'run-time error'],
    ['unknown', 'T', 'out of time; M memory, O output, U not supported'],
    ['fail', 'B', 'undefined behaviour; D data race, K no kernel did the work, E a CUDA error nobody read'],
    ['void', '–', 'the test itself proves nothing'],
    ['unknown', '?', 'no majority'],
    ['open', '', 'to come'],
    ['open', '•', 'held back until cases that share a program are judged'],
  ]
  return h(
    'details',
    { class: 'key' },
    h('summary', null, 'What the squares mean'),
    h(
      'ul',
      null,
      squares.map(([kind, sign, words]) =>
        h('li', null, h('span', { class: `cell ${kind}`, 'aria-hidden': 'true' }, sign), ` ${words}`),
      ),
    ),
  )
}
