import { fromOf, get, links, PAGES, paths } from '../api.js'
import { h, patch } from '../dom.js'
import { empty, fact, heldWords, pager, percent, scroller } from '../parts.js'
import { counted, duration, number } from '../words.js'
import { refresher } from '../world.js'
import { incidentTable } from './incidents.js'

/**
 * Why a decision may be believed: the policies, their formulas with this swarm's numbers, and what was done to whom.
 * @type {import('../routes.js').Show}
 */
export async function showTrust(params, world, signal) {
  const from = fromOf(params.from)
  const read = async () => {
    const [numbers, incidents] = await Promise.all([get(paths.trust(), signal), get(paths.incidents(from), signal)])
    return { numbers, incidents }
  }
  const node = draw(await read(), from, world)
  const refresh = refresher({
    read,
    draw: (data) => patch(node, draw(data, from, world)),
    everyMs: () => 2 * world.everyMs(),
    signal,
  })
  return { title: 'How to trust this', node, onMessage: refresh }
}

/**
 * @param {{ numbers: any, incidents: any }} data
 * @param {number} from
 * @param {import('../world.js').World} world
 */
function draw({ numbers, incidents }, from, world) {
  return h(
    'div',
    null,
    h(
      'header',
      { class: 'page-head' },
      h('h1', null, 'How to trust this'),
      h(
        'p',
        { class: 'lead' },
        'Nobody here has to be believed. Volunteers who do not know of each other run the same program, sign what they saw, and a decision needs several of them to agree; every signature and every output can be checked in your own browser, from the page of any case.',
      ),
      world.status.singleOperator
        ? h(
            'p',
            { class: 'notice' },
            'One operator runs the nodes near this coordinator: their agreement shows that results repeat, not that strangers confirm them.',
          )
        : null,
    ),
    h('h2', null, 'Policies in use'),
    policies(numbers),
    h('div', { class: 'panels' }, majority(numbers), confidence(numbers), standing(numbers), batches(numbers)),
    log(incidents, from, numbers, world),
  )
}

/** @param {any} numbers */
function policies({ policies: used }) {
  if (used.length === 0)
    return empty('No round has been opened yet.', h('p', null, 'Each says by which policy it wants to be decided.'))
  return scroller(
    'Policies, can be scrolled sideways',
    h(
      'table',
      null,
      h('caption', { class: 'hidden' }, 'Policies of the rounds here'),
      h(
        'thead',
        null,
        h(
          'tr',
          null,
          ...['Policy', 'Rounds', 'Agreeing strangers', 'What it comes to'].map((word) => h('th', { scope: 'col' }, word)),
        ),
      ),
      h(
        'tbody',
        null,
        used.map((/** @type {any} */ one) =>
          h(
            'tr',
            { 'data-key': JSON.stringify(one.policy) },
            h('th', { scope: 'row' }, nameOf(one.policy)),
            h('td', { class: 'number' }, number(one.rounds)),
            h('td', { class: 'number' }, number(one.strangers)),
            h('td', null, comesTo(one)),
          ),
        ),
      ),
    ),
  )
}

/** @param {any} policy */
function nameOf(policy) {
  return policy.kind === 'majority'
    ? `Majority: ${number(policy.quorum)} of at most ${number(policy.replicas)}`
    : `Confidence ${percent(policy.theta)}, while ${percent(policy.f)} lie`
}

/** @param {any} one */
function comesTo({ errorAtTenth, checks }) {
  if (errorAtTenth !== null)
    return `wrong with a chance of ${percent(errorAtTenth)}, if a tenth of the votes are wrong and all wrong ones agree`
  return checks === null ? '–' : `a batch of answers stands after ${counted(checks, 'check')} drawn by lot`
}

/** @param {any} numbers */
function majority({ policies: used }) {
  const example = used.find((/** @type {any} */ { policy }) => policy.kind === 'majority')
  return h(
    'section',
    { class: 'panel' },
    h('h2', null, 'Majority'),
    h(
      'p',
      null,
      'A test is decided when q operators say the same of it: same status, same output, same flags. Two nodes of one operator, or of one network, are one voice.',
    ),
    formula(
      'P(wrong) = Σ C(2q − 1, i) · p^i · (1 − p)^(2q − 1 − i), i from q to 2q − 1',
      'p is the share of wrong votes, which are all taken to say the same.',
    ),
    example === undefined
      ? null
      : h('p', null, `Here: q = ${example.policy.quorum}, p = 0.1 gives ${percent(example.errorAtTenth)}.`),
  )
}

/** @param {any} numbers */
function confidence({ policies: used, rules }) {
  const example = used.find((/** @type {any} */ { policy }) => policy.kind === 'confidence')
  return h(
    'section',
    { class: 'panel' },
    h('h2', null, 'Confidence'),
    h(
      'p',
      null,
      'A known operator may decide alone, and is checked: of every batch of its answers some are drawn by lot and run by strangers. One wrong answer opens the whole batch again.',
    ),
    formula(
      '1 − f / ((1 − f)² · n · e) ≥ θ',
      'n checks make an answer of the batch right with a chance of θ, whatever share of the batch is a lie, where a share f of all operators lies.',
    ),
    example === undefined
      ? h('p', { class: 'fine' }, 'No round here asks for it.')
      : h(
          'p',
          null,
          `Here: f = ${example.policy.f}, θ = ${example.policy.theta} gives ${counted(example.checks, 'check')} of the ${number(rules.batchTasks)} tasks of a batch.`,
        ),
  )
}

/** @param {any} numbers */
function standing({ operators, answers, bootstrap, rules }) {
  return h(
    'section',
    { class: 'panel' },
    h('h2', null, 'Operators'),
    h(
      'p',
      null,
      `A newcomer is established by ${number(rules.admissionAnswers)} answers that strangers confirm, ${number(rules.admissionFailing)} of them on tasks where something fails; it is suspended by more wrong answers than an honest error rate of ${percent(rules.grantedStrikeRate)} explains, and rests for ${duration(rules.restMs)}, longer each time, up to ${duration(rules.longestRestMs)}.`,
    ),
    bootstrap
      ? h(
          'p',
          null,
          `This swarm is young: until ${number(rules.bootstrapOperators)} operators are established, nobody decides alone.`,
        )
      : null,
    h(
      'dl',
      { class: 'facts' },
      fact('New', number(operators.new)),
      fact('Established', number(operators.established)),
      fact('Suspended', number(operators.suspended)),
      fact('Answers held against others', heldWords(answers)),
    ),
  )
}

/** @param {any} numbers */
function batches({ batches: counts }) {
  return h(
    'section',
    { class: 'panel' },
    h('h2', null, 'Batches'),
    h('p', null, 'Answers of one operator that were taken on its word, until they are checked.'),
    h(
      'dl',
      { class: 'facts' },
      fact('Being gathered', number(counts.gathering)),
      fact('Being checked', number(counts.checking)),
      fact('Stand', number(counts.stood)),
      fact('Opened again', number(counts.reopened)),
      fact('Run by others in full', number(counts.replicated)),
    ),
  )
}

/**
 * @param {string} text
 * @param {string} says
 */
function formula(text, says) {
  return h('p', { class: 'formula' }, h('code', null, text), h('span', { class: 'fine' }, ` ${says}`))
}

/**
 * @param {any} list
 * @param {number} from
 * @param {any} numbers
 * @param {import('../world.js').World} world
 */
function log(list, from, { incidents }, world) {
  return h(
    'section',
    { 'aria-labelledby': 'incidents' },
    h('h2', { id: 'incidents' }, 'Incidents'),
    h(
      'p',
      { class: 'fine' },
      incidents.ever === 0
        ? 'Whom the rules suspended, set back or took back, and why.'
        : `${counted(incidents.ever, 'incident')} ever; of those kept ${number(incidents.suspended)} suspended, ${number(incidents.demoted)} set back, ${number(incidents.returned)} came back.`,
    ),
    list.items.length === 0
      ? empty('None so far.', h('p', null, 'Nobody was caught at a wrong answer.'))
      : incidentTable(list.items, world),
    pager({
      label: 'Pages of incidents',
      where: `${number(from + 1)} to ${number(from + list.items.length)} of ${number(list.total)}`,
      previous: from === 0 ? null : links.trust(Math.max(0, from - PAGES.incidents)),
      next: list.next === null ? null : links.trust(list.next),
    }),
  )
}
