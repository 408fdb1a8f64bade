import { fromOf, get, links, paths } from '../api.js'
import { h, patch } from '../dom.js'
import { badge, empty, moment, nameTag, pager, scroller } from '../parts.js'
import { counted, EXECUTORS, INCIDENTS, number } from '../words.js'
import { refresher } from '../world.js'

/** Nodes of one page. */
const PAGE = 50

/**
 * Who runs the tests.
 * @type {import('../routes.js').Show}
 */
export async function showNodes(params, world, signal) {
  const from = fromOf(params.from)
  const read = async () => {
    const [list, incidents] = await Promise.all([get(paths.nodes(from), signal), get(paths.incidents(0), signal)])
    return { list, incidents }
  }
  const node = draw(await read(), from, world)
  const refresh = refresher({ read, draw: (read) => patch(node, draw(read, from, world)), everyMs: 3000, signal })
  return { title: 'Nodes', node, onMessage: refresh }
}

/**
 * @param {{ list: any, incidents: any }} read
 * @param {number} from
 * @param {import('../world.js').World} world
 */
function draw({ list, incidents }, from, world) {
  const connected = world.status.nodes?.connected ?? 0
  return h(
    'div',
    null,
    h(
      'header',
      { class: 'page-head' },
      h('h1', null, 'Nodes'),
      h(
        'p',
        { class: 'lead' },
        `${counted(connected, 'node')} connected, ${number(list.total)} known. A node is a key: its name is all that is kept here, never where it is.`,
      ),
    ),
    list.items.length === 0 ? none(list.total) : table(list, world),
    pager({
      label: 'Pages of nodes',
      where: `${number(from + 1)} to ${number(from + list.items.length)} of ${number(list.total)}`,
      previous: from === 0 ? null : links.nodes(Math.max(0, from - PAGE)),
      next: list.next === null ? null : links.nodes(list.next),
    }),
    incidents.total === 0 ? null : incidentTable(incidents, world),
  )
}

/**
 * What the trust rules did to whom: the last of it.
 * @param {any} list
 * @param {import('../world.js').World} world
 */
function incidentTable(list, world) {
  const columns = ['When', 'What', 'Nodes', 'Task and tests', 'Answers opened again', 'Rounds ended before']
  return h(
    'section',
    null,
    h('h2', null, 'Incidents'),
    h(
      'p',
      { class: 'fine' },
      `${counted(list.total, 'incident')} in all, the last ones here; the rest is under /api/v1/incidents.`,
    ),
    scroller(
      'Incidents, can be scrolled sideways',
      h(
        'table',
        null,
        h('caption', { class: 'hidden' }, 'Incidents, the last one first'),
        h('thead', null, h('tr', null, ...columns.map((word) => h('th', { scope: 'col' }, word)))),
        h(
          'tbody',
          null,
          list.items.map((/** @type {any} */ row) => incidentRow(row, world)),
        ),
      ),
    ),
  )
}

/**
 * @param {any} row
 * @param {import('../world.js').World} world
 */
function incidentRow(row, world) {
  return h(
    'tr',
    { 'data-key': `${row.at} ${row.kind} ${row.nodes[0] ?? ''}` },
    h('td', { class: 'fine' }, moment(row.at, world.now())),
    h(
      'td',
      null,
      badge({ word: row.kind, kind: row.kind === 'returned' ? 'pass' : 'fail' }),
      ` ${INCIDENTS[row.reason] ?? row.reason}`,
    ),
    h('td', null, ...row.nodes.map((/** @type {string} */ node) => nameTag(node))),
    h(
      'td',
      { class: 'fine' },
      row.task === null ? '–' : nameTag(row.task),
      row.tests.length === 0 ? '' : ` ${row.tests.join(', ')}`,
    ),
    h('td', { class: 'number' }, number(row.reopened)),
    h('td', { class: 'number' }, number(row.rounds.length)),
  )
}

/** @param {number} total */
function none(total) {
  if (total > 0) return empty('The list does not go this far.')
  return empty(
    'No node has been here yet.',
    h('p', null, 'A machine joins like this:'),
    h('pre', { class: 'command' }, './bin/kernelswarm node start --coordinator MULTIADDR'),
  )
}

/**
 * @param {any} list
 * @param {import('../world.js').World} world
 */
function table(list, world) {
  const columns = ['Node', 'State', 'Verdicts', 'Agreement', 'Given back', 'Last seen at work', 'Environment']
  return scroller(
    'Nodes, can be scrolled sideways',
    h(
      'table',
      null,
      h('caption', { class: 'hidden' }, 'Nodes, those connected first'),
      h('thead', null, h('tr', null, ...columns.map((word) => h('th', { scope: 'col' }, word)))),
      h(
        'tbody',
        null,
        list.items.map((/** @type {any} */ row) => nodeRow(row, world)),
      ),
    ),
  )
}

/**
 * @param {any} row
 * @param {import('../world.js').World} world
 */
function nodeRow(row, world) {
  return h(
    'tr',
    { 'data-key': row.node },
    h('th', { scope: 'row' }, nameTag(row.node)),
    h(
      'td',
      null,
      row.connected
        ? badge({ word: row.running > 0 ? `${number(row.running)} running` : 'connected', kind: 'pass' })
        : badge({ word: 'away', kind: 'void' }),
      row.standing === 'suspended' ? badge({ word: 'suspended', kind: 'fail' }) : null,
    ),
    h('td', { class: 'number' }, number(row.verdicts)),
    h('td', { class: 'number' }, agreement(row)),
    h('td', { class: 'number' }, number(row.declined + row.expired)),
    h('td', { class: 'fine' }, row.lastAt === null ? 'not yet' : moment(row.lastAt, world.now())),
    h('td', { class: 'fine environment' }, environments(row)),
  )
}

/** @param {any} row */
function agreement({ agreed, disagreed }) {
  const total = agreed + disagreed
  if (total === 0) return '–'
  const share = Math.floor((1000 * agreed) / total) / 10
  return h('span', { title: `${number(agreed)} of ${counted(total, 'test')} as decided` }, `${share} %`)
}

/**
 * Executors that share compiler and processor stand together.
 * @param {any} row
 */
function environments(row) {
  /** @type {Map<string, string[]>} */
  const groups = new Map()
  for (const { executor, compiler, nvcc, cpu, gpu } of row.environments) {
    const where = [compiler, nvcc === null ? '' : `nvcc ${nvcc}`, cpu, gpu === null ? '' : `${gpu.model} (${gpu.arch})`]
      .filter((text) => text !== '')
      .join(', ')
    groups.set(where, [...(groups.get(where) ?? []), executor].sort())
  }
  const known = [...groups].map(([where, executors]) => `${executors.join(' and ')}: ${where}`)
  return known.length > 0
    ? known.join(' · ')
    : row.executors.map((/** @type {string} */ name) => EXECUTORS[name] ?? name).join(' · ')
}
