import { get, links, paths } from '../api.js'
import { firstDifference } from '../difference.js'
import { h, patch } from '../dom.js'
import { linesOf } from '../highlight.js'
import { cellOf, cells, empty, foreign, judgementBadge, moment, nameTag, nodeLink, percent, plain, scroller } from '../parts.js'
import { counted, flagWord, JUDGEMENTS, namesOf, number, PASSES, SIDES, STANDINGS, size, statusWord } from '../words.js'
import { refresher } from '../world.js'

/** Lines of code that get a number each; longer texts are shown without. */
const NUMBERED_LINES = 2000

/**
 * One case: what was to be compared, what came out, and who said so.
 * @type {import('../routes.js').Show}
 */
export async function showCase(params, world, signal) {
  const { round: id = '', line = '' } = params
  const [round, first] = await Promise.all([get(paths.round(id), signal), get(paths.case(id, line), signal)])
  let item = first
  const node = draw(item, round, world)
  const refresh = refresher({
    read: () => get(paths.case(id, line), signal),
    draw: (next) => {
      item = next
      patch(node, draw(item, round, world))
      world.announce(`This case: ${item.judgement?.[round.rule] ?? STANDINGS[item.standing]?.word ?? item.standing}`)
    },
    everyMs: () => world.everyMs(),
    signal,
  })
  return {
    title: `${namesOf(item).name} · ${round.name}`,
    node,
    onMessage({ rounds }, fresh) {
      if (item.standing === 'shown') return
      // What holds a case back may be of any round.
      if (fresh || item.standing === 'held' || rounds.some((changed) => changed.round === id)) refresh()
    },
  }
}

/**
 * @param {any} item
 * @param {any} round
 * @param {import('../world.js').World} world
 */
function draw(item, round, world) {
  return h('div', { class: 'case' }, head(item, round), code(item), tests(item, round.rule), ballots(item, world))
}

/**
 * @param {any} item
 * @param {any} round
 */
function head(item, round) {
  const { name, problem } = namesOf(item)
  return h(
    'header',
    { class: 'page-head' },
    h(
      'div',
      { class: 'crumbs' },
      h(
        'span',
        null,
        h('a', { href: links.home }, 'Swarm'),
        ' / ',
        h('a', { href: links.round(item.round) }, foreign(item.roundName)),
        ` / Line ${number(item.line)} of ${number(round.cases)}`,
      ),
      h(
        'nav',
        { 'aria-label': 'Other cases' },
        neighbour(item, item.previous, '← Line '),
        ' ',
        neighbour(item, item.next, 'Line ', ' →'),
      ),
    ),
    h('div', { class: 'card-head' }, h('h1', null, foreign(name)), judgementBadge(item, round.rule)),
    problem === '' ? null : h('p', { class: 'fine' }, 'Problem ', foreign(problem)),
    h('p', { class: 'lead' }, sentence(item, round.rule)),
    otherRule(item, round),
    item.tests === 0 ? null : cells(item, round.rule),
  )
}

/**
 * @param {any} item
 * @param {number | null} line
 * @param {string} before
 * @param {string} [after]
 */
function neighbour(item, line, before, after = '') {
  return line === null ? null : h('a', { href: links.case(item.round, line) }, `${before}${number(line)}${after}`)
}

/**
 * The judgement in a sentence, with the first test that made it.
 * @param {any} item
 * @param {string} rule
 */
function sentence(item, rule) {
  if (item.judgement === null) return STANDINGS[item.standing]?.why ?? ''
  if (item.tests === 0) return 'It has no tests, so nothing could be compared.'
  const words = item.cells.map((/** @type {any} */ _, /** @type {number} */ test) => cellOf(item, rule, test))
  const telling = words.findIndex(
    (/** @type {any} */ { kind }) => kind === (item.judgement[rule] === 'different' ? 'fail' : 'unknown'),
  )
  if (item.judgement[rule] === 'equivalent')
    return `On ${item.tests === 1 ? 'its one test' : `all ${item.tests} tests`} both sides ran and came to the same.`
  if (telling < 0) return ''
  const others = words.filter((/** @type {any} */ { kind }) => kind === words[telling].kind).length - 1
  const more = others === 0 ? '' : ` (and ${counted(others, 'other test')})`
  return `Test ${telling + 1}${more}: ${words[telling].words}.`
}

/**
 * What the rule that does not count in this round would say, where that is something else.
 * @param {any} item
 * @param {any} round
 */
function otherRule(item, { rule, passes }) {
  if (passes.length === 0) return null
  const other = rule === 'strict' ? 'compat' : 'strict'
  const word = item.judgement?.[other]
  if (word === undefined || word === item.judgement[rule]) return null
  const name = JUDGEMENTS[word]?.word.toLowerCase() ?? word
  const why = other === 'compat' ? 'which only compares what is printed' : 'which also asks how it came about'
  return h('p', { class: 'fine' }, `The ${other} rule, ${why}, says: ${name}.`)
}

/** @param {any} item */
function code(item) {
  if (item.code === null) return empty('The code of this case is not at hand.')
  const original = item.source === 'cpp' ? 'C++ function (the original)' : 'C++ function (the translation)'
  const kernel = item.source === 'cpp' ? 'CUDA kernel (the translation)' : 'CUDA kernel (the original)'
  return h(
    'section',
    { 'aria-labelledby': 'code' },
    h('h2', { id: 'code' }, 'Code'),
    h(
      'div',
      { class: 'code-columns' },
      source(original, item.code.cpp),
      source(kernel, item.code.cuda),
      source('CUDA wrapper (launches the kernel)', item.code.wrapper),
    ),
  )
}

/**
 * @param {string} heading
 * @param {string} text
 */
function source(heading, text) {
  const lines = linesOf(text.replace(/\n+$/, ''))
  const body = lines.length > NUMBERED_LINES ? plain(text) : lines.map(codeLine)
  return h(
    'section',
    { class: 'source' },
    h('h3', null, heading),
    h('pre', { class: 'code', tabindex: '0', 'aria-label': heading }, h('code', null, body)),
  )
}

/** @param {import('../highlight.js').Piece[]} line */
function codeLine(line) {
  const colored = line.map(({ kind, text }) => (kind === '' ? plain(text) : h('span', { class: `hl-${kind}` }, plain(text))))
  return h('span', { class: 'code-line' }, line.length === 0 ? ' ' : null, ...colored.flat())
}

/**
 * @param {any} item
 * @param {string} rule
 */
function tests(item, rule) {
  if (item.tests === 0) return null
  const bad = (/** @type {number} */ test) => ['fail', 'unknown'].includes(cellOf(item, rule, test).kind)
  const firstBad = item.inputs.findIndex((/** @type {any} */ _, /** @type {number} */ test) => bad(test))
  return h(
    'section',
    { 'aria-labelledby': 'tests' },
    h('h2', { id: 'tests' }, 'Tests'),
    item.inputs.map((/** @type {any} */ input, /** @type {number} */ number) =>
      oneTest(item, rule, input, number, number === Math.max(firstBad, 0)),
    ),
  )
}

/**
 * @param {any} item
 * @param {string} rule
 * @param {any} input
 * @param {number} number
 * @param {boolean} open
 */
function oneTest(item, rule, input, number, open) {
  const words = cellOf(item, rule, number)
  return h(
    'details',
    { class: 'test', open },
    h(
      'summary',
      null,
      h('span', { class: `cell ${words.kind}`, 'aria-hidden': 'true' }, words.sign),
      h('strong', null, ` Test ${number + 1}`),
      ` ${words.words}`,
    ),
    h('div', { class: 'pair' }, inputs('C++ test', input.cpp), inputs('CUDA test', input.cuda)),
    input.outcomes === null ? null : outputs(input.outcomes, words.kind),
    input.findings === null ? null : findings(input.findings),
  )
}

/**
 * @param {string} heading
 * @param {string} text
 */
function inputs(heading, text) {
  return h(
    'div',
    null,
    h('h3', null, heading),
    h('pre', { class: 'code', tabindex: '0', 'aria-label': heading }, plain(text.replace(/\n+$/, ''))),
  )
}

/**
 * What the strict passes found, each with its place.
 * @param {Record<string, any[]>} found
 */
function findings(found) {
  const rows = Object.entries(found).flatMap(([side, list]) => list.map((finding) => ({ side, ...finding })))
  if (rows.length === 0) return null
  return h(
    'div',
    { class: 'findings' },
    h('h3', null, 'Found by the strict passes'),
    h(
      'ul',
      null,
      rows.map(({ side, flag, file, line, what }) =>
        h(
          'li',
          null,
          h('strong', null, `${SIDES[side]}: ${flagWord(flag)}`),
          placeOf(file, line),
          ' ',
          h('span', null, plain(what)),
        ),
      ),
    ),
  )
}

/**
 * @param {string} file
 * @param {number} line
 */
function placeOf(file, line) {
  if (file === '') return ''
  return line > 0 ? ` (${file}, line ${number(line)})` : ` (${file})`
}

/**
 * @param {any} outcomes
 * @param {string} kind
 */
function outputs({ cpp, cuda }, kind) {
  const comparable = kind === 'fail' && typeof cpp?.text === 'string' && typeof cuda?.text === 'string'
  const difference = comparable ? firstDifference(cpp.text, cuda.text) : null
  const cut = cpp?.truncated || cuda?.truncated
  return h(
    'div',
    null,
    difference === null
      ? null
      : h('p', { class: 'fine remark' }, `First difference in line ${difference.line} of the C++ output, marked.`),
    comparable && difference === null && cut
      ? h('p', { class: 'fine remark' }, 'The difference lies beyond what is shown.')
      : null,
    h('div', { class: 'pair' }, output('cpp', cpp, difference?.cpp ?? null), output('cuda', cuda, difference?.cuda ?? null)),
  )
}

/**
 * @param {'cpp' | 'cuda'} side
 * @param {any} outcome
 * @param {import('../difference.js').Marked | null} marked
 */
function output(side, outcome, marked) {
  if (outcome === null)
    return h('div', null, h('h3', null, `${SIDES[side]}: no decision`), h('p', { class: 'fine' }, 'Its nodes disagreed.'))
  const heading = `${SIDES[side]}: ${statusWord(outcome.status)}`
  const votes = `${counted(outcome.votes, 'node')} agreed`
  const length =
    outcome.bytes === null
      ? 'output not at hand'
      : outcome.truncated
        ? `beginning of ${size(outcome.bytes)}`
        : size(outcome.bytes)
  return h(
    'div',
    null,
    h('h3', null, heading),
    printed(heading, outcome, marked),
    h('p', { class: 'fine' }, `${votes} · ${length}`),
  )
}

/**
 * @param {string} heading
 * @param {any} outcome
 * @param {import('../difference.js').Marked | null} marked
 */
function printed(heading, { text, bytes }, marked) {
  if (bytes === null) return null
  if (text === '') return h('p', { class: 'fine' }, 'Printed nothing.')
  const body =
    marked === null
      ? plain(text)
      : [plain(marked.before), h('mark', null, marked.mark === '' ? '⏎' : plain(marked.mark)), plain(marked.after)].flat()
  return h('pre', { class: 'code', tabindex: '0', 'aria-label': heading }, body)
}

/**
 * @param {any} item
 * @param {import('../world.js').World} world
 */
function ballots(item, world) {
  if (item.tests === 0) return null
  return h(
    'section',
    { 'aria-labelledby': 'ballots' },
    h('h2', { id: 'ballots' }, 'Ballots'),
    item.ballots === null
      ? empty('The votes are secret until the case can be shown.')
      : ['cpp', 'cuda'].flatMap((side) => item.ballots[side].map((/** @type {any} */ vote) => ballot(side, vote, world))),
  )
}

/**
 * How a ballot ended: by a majority, or under a policy that asks for a confidence.
 * @param {any} vote
 * @param {boolean} singleOperator
 */
function outcomeOf({ state, quorum, confidence }, singleOperator) {
  if (quorum !== null) return state === 'decided' ? `decided by ${quorum} that agree` : `no ${quorum} agree on every test`
  if (state !== 'decided') return 'the confidence asked for was not reached'
  return confidence === null || singleOperator
    ? 'decided'
    : `decided, each test with a confidence of ${percent(confidence)} or more`
}

/**
 * @param {string} side
 * @param {any} vote
 * @param {import('../world.js').World} world
 */
function ballot(side, vote, world) {
  const name = `${SIDES[side]}, ${PASSES[vote.pass] ?? vote.pass}`
  const how = `${counted(vote.verdicts.length, 'verdict')}, ${outcomeOf(vote, world.status.singleOperator === true)} (${vote.replicas} at most)`
  return scroller(
    `Ballot of the ${name}`,
    h(
      'table',
      null,
      h('caption', null, h('strong', null, name), ` ${how}`),
      h(
        'thead',
        null,
        h(
          'tr',
          null,
          ...['Node', 'Says', 'Where it ran', 'When', 'Signed statement'].map((word) => h('th', { scope: 'col' }, word)),
        ),
      ),
      h(
        'tbody',
        null,
        vote.verdicts.map((/** @type {any} */ verdict) => verdictRow(verdict, world)),
      ),
    ),
  )
}

/**
 * @param {any} verdict
 * @param {import('../world.js').World} world
 */
function verdictRow(verdict, world) {
  const against = new Set(verdict.against)
  const squares = verdict.tests.map((/** @type {any} */ { status, flags }, /** @type {number} */ test) => {
    const said = [statusWord(status), ...flags.map(flagWord)].join(', ')
    const label = `Test ${test + 1}: ${said}${against.has(test) ? ', against the decision' : ''}`
    return h(
      'li',
      { class: `cell ${against.has(test) ? 'fail' : 'done'}`, title: label },
      h('span', { 'aria-hidden': 'true' }, against.has(test) ? '≠' : '='),
      h('span', { class: 'hidden' }, label),
    )
  })
  return h(
    'tr',
    { 'data-key': verdict.verdict },
    h('th', { scope: 'row' }, nodeLink(verdict.node)),
    h('td', null, h('ul', { class: 'cells' }, squares)),
    h('td', { class: 'fine', title: verdict.environment.limits.join(', ') }, verdict.class),
    h('td', { class: 'fine' }, moment(verdict.at, world.now())),
    h(
      'td',
      null,
      h('a', { href: links.verdict(verdict.verdict) }, nameTag(verdict.verdict)),
      ' ',
      h('a', { class: 'action', href: links.check(verdict.verdict) }, 'Check this verdict'),
    ),
  )
}
