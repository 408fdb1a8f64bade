import { get, links, paths } from '../api.js'
import { h, patch } from '../dom.js'
import { fact, foreign, heldWords, moment, scroller } from '../parts.js'
import { counted, duration, EXECUTORS, number } from '../words.js'
import { refresher } from '../world.js'
import { incidentTable } from './incidents.js'
import { agreement, stateBadges } from './nodes.js'

/** Days of the history that are drawn. */
const DAYS = 30
const DAY_MS = 86_400_000

/**
 * One node: what it runs on, what it did, and how it stands and why.
 * @type {import('../routes.js').Show}
 */
export async function showNode(params, world, signal) {
  const read = async () => await get(paths.node(params.node ?? ''), signal)
  const first = await read()
  const node = draw(first, world)
  const refresh = refresher({ read, draw: (row) => patch(node, draw(row, world)), everyMs: () => 2 * world.everyMs(), signal })
  return { title: first.name ?? 'Node', node, onMessage: refresh }
}

/**
 * @param {any} row
 * @param {import('../world.js').World} world
 */
function draw(row, world) {
  return h(
    'div',
    null,
    h(
      'header',
      { class: 'page-head' },
      h('p', { class: 'crumbs' }, h('span', null, h('a', { href: links.nodes(0) }, 'Nodes'), ' / Node')),
      h(
        'div',
        { class: 'card-head' },
        h('h1', null, row.name === null ? 'Node without a name' : foreign(row.name)),
        ...stateBadges(row),
      ),
      h('p', { class: 'fine' }, 'Peer id ', h('code', { class: 'breaks' }, row.node)),
    ),
    h('div', { class: 'panels' }, work(row, world), reputation(row, world), history(row, world), equipment(row)),
    row.classes.length === 0 ? null : classes(row),
    row.incidents.length === 0 ? null : [h('h2', null, 'Incidents'), incidentTable(row.incidents, world)],
  )
}

/**
 * @param {any} row
 * @param {import('../world.js').World} world
 */
function work(row, world) {
  return h(
    'section',
    { class: 'panel' },
    h('h2', null, 'Work'),
    h(
      'dl',
      { class: 'facts' },
      fact('Decided tasks', number(row.decided)),
      fact('Credit', `${duration(row.creditMs)}, at the median cost of their classes`),
      fact('Agreement', agreement(row)),
      fact('Verdicts', number(row.verdicts)),
      fact('Given back, or too late', number(row.declined + row.expired)),
      fact('Since', row.since === null ? 'it has not worked yet' : moment(row.since, world.now())),
      fact('Last at work', row.lastAt === null ? 'not yet' : moment(row.lastAt, world.now())),
    ),
  )
}

/**
 * How its operator stands, and why: the rules of the trust page with this node's numbers.
 * @param {any} row
 * @param {import('../world.js').World} world
 */
function reputation({ reputation: known }, world) {
  const { answers, answersWanted, failing, failingWanted } = known.admission
  return h(
    'section',
    { class: 'panel' },
    h('h2', null, 'Reputation'),
    h('p', null, why(known, world)),
    h(
      'dl',
      { class: 'facts' },
      fact('Answers confirmed by strangers', number(known.confirmed)),
      fact('Held against others', heldWords(known)),
      fact(
        'Admission',
        `${number(answers)} of ${number(answersWanted)} answers, ${number(failing)} of ${number(failingWanted)} on tasks where something fails`,
      ),
      fact(
        'Batch checks passed',
        known.checksPassed === 0
          ? 'none yet'
          : `${number(known.checksPassed)}, ${counted(known.batchesStood, 'batch stands', 'batches stand')} by them`,
      ),
      fact('Suspensions', number(known.suspensions)),
    ),
    h(
      'p',
      { class: 'fine' },
      'It is the operator’s: all nodes of one person together. ',
      h('a', { href: links.trust(0) }, 'How that works'),
    ),
  )
}

/**
 * @param {any} known
 * @param {import('../world.js').World} world
 */
function why({ standing, establishedAt, suspendedAt, restsUntil, bootstrap }, world) {
  if (standing === 'suspended' && suspendedAt !== null)
    return [
      'Suspended ',
      moment(suspendedAt, world.now()),
      ': its answers count for nothing, nor does what was confirmed before. ',
      resting(restsUntil, world) ?? 'It may come back by admission.',
    ]
  const rest = resting(restsUntil, world)
  if (rest !== null) return rest
  if (standing === 'established')
    return [
      'Established ',
      establishedAt === null ? 'here' : moment(establishedAt, world.now()),
      ': its word counts, and is checked by samples.',
    ]
  return `New: its answers need those of strangers beside them${bootstrap ? ', as everybody’s do while this swarm is young' : ''}.`
}

/**
 * @param {number | null} until
 * @param {import('../world.js').World} world
 */
function resting(until, world) {
  if (until === null || until <= world.now()) return null
  return `It rests for ${duration(until - world.now())}, and may then begin again, by admission.`
}

/**
 * Verdicts a day, as bars, and as a list for whoever cannot see them.
 * @param {any} row
 * @param {import('../world.js').World} world
 */
function history({ days }, world) {
  const counts = new Map(days.map((/** @type {any} */ { at, verdicts }) => [at, verdicts]))
  const today = Math.floor(world.now() / DAY_MS) * DAY_MS
  const shown = Array.from({ length: DAYS }, (_, back) => today - (DAYS - 1 - back) * DAY_MS)
  const most = Math.max(1, ...shown.map((at) => counts.get(at) ?? 0))
  return h(
    'section',
    { class: 'panel' },
    h('h2', null, 'Verdicts a day'),
    h(
      'ol',
      { class: 'days' },
      shown.map((at) => {
        const count = counts.get(at) ?? 0
        const label = `${new Date(at).toLocaleDateString(undefined, { day: 'numeric', month: 'short', timeZone: 'UTC' })}: ${counted(count, 'verdict')}`
        return h(
          'li',
          { 'data-key': String(at), title: label },
          h('span', { class: 'day', style: { height: `${(100 * count) / most}%` } }),
          h('span', { class: 'hidden' }, label),
        )
      }),
    ),
    h('p', { class: 'fine' }, `The last ${DAYS} days; at most ${number(most)} on one of them.`),
  )
}

/** @param {any} row */
function equipment(row) {
  return h('section', { class: 'panel' }, h('h2', null, 'What it runs on'), environments(row))
}

/** @param {any} row */
function environments({ environments: known, executors }) {
  if (known.length === 0)
    return h(
      'p',
      { class: 'fine' },
      executors.map((/** @type {string} */ name) => EXECUTORS[name] ?? name).join(' · ') || 'Nothing is known of it yet.',
    )
  return h(
    'dl',
    { class: 'facts' },
    known.map((/** @type {any} */ { executor, compiler, nvcc, cpu, gpu, limits, sandbox }) => {
      const card = gpu === null ? [] : [`${gpu.model} (${gpu.arch}), driver ${gpu.driver}, CUDA ${gpu.toolkit}`]
      const tools = [compiler, ...(nvcc === null ? [] : [`nvcc ${nvcc}`]), cpu, `sandbox ${sandbox}`]
      return fact(EXECUTORS[executor] ?? executor, foreign([...card, ...tools, ...limits].join(', ')))
    }),
  )
}

/** @param {any} row */
function classes({ classes: known }) {
  return h(
    'section',
    null,
    h('h2', null, 'Decided tasks by class'),
    scroller(
      'Decided tasks by class, can be scrolled sideways',
      h(
        'table',
        null,
        h('caption', { class: 'hidden' }, 'Decided tasks by class'),
        h(
          'thead',
          null,
          h('tr', null, ...['Class', 'Decided tasks', 'Median cost'].map((word) => h('th', { scope: 'col' }, word))),
        ),
        h(
          'tbody',
          null,
          known.map((/** @type {any} */ { class: name, decided, medianMs }) =>
            h(
              'tr',
              { 'data-key': name },
              h('th', { scope: 'row' }, foreign(name)),
              h('td', { class: 'number' }, number(decided)),
              h('td', { class: 'number' }, duration(medianMs)),
            ),
          ),
        ),
      ),
    ),
  )
}
