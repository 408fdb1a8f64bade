import { h } from '../dom.js'
import { badge, moment, nameTag, nodeLink, scroller } from '../parts.js'
import { INCIDENT_KINDS, INCIDENTS, number } from '../words.js'

/**
 * What the trust rules did to whom.
 * @param {any[]} incidents
 * @param {import('../world.js').World} world
 */
export function incidentTable(incidents, world) {
  const columns = ['When', 'What', 'Why', 'Nodes', 'Task', 'Answers asked again', 'Ended rounds it voted in']
  return scroller(
    'Incidents, can be scrolled sideways',
    h(
      'table',
      null,
      h('caption', { class: 'hidden' }, 'Incidents, the last one first'),
      h('thead', null, h('tr', null, ...columns.map((word) => h('th', { scope: 'col' }, word)))),
      h(
        'tbody',
        null,
        incidents.map((row) => incidentRow(row, world)),
      ),
    ),
  )
}

/**
 * @param {any} row
 * @param {import('../world.js').World} world
 */
function incidentRow({ at, kind, reason, nodes, names, task, tests, reopened, rounds }, world) {
  return h(
    'tr',
    { 'data-key': `${at} ${kind} ${nodes[0] ?? ''}` },
    h('td', { class: 'fine number' }, moment(at, world.now())),
    h('td', null, badge(INCIDENT_KINDS[kind] ?? { word: kind, kind: 'fail' })),
    h('td', { class: 'reason' }, INCIDENTS[reason] ?? reason),
    h(
      'td',
      { class: 'who' },
      ...nodes.flatMap((/** @type {string} */ node, /** @type {number} */ at) => [nodeLink(node, names[at]), ' ']),
    ),
    h('td', { class: 'fine' }, task === null ? '–' : nameTag(task), testsOf(tests)),
    h('td', { class: 'number' }, number(reopened)),
    h('td', { class: 'number' }, number(rounds.length)),
  )
}

/** @param {number[]} tests from 1 */
function testsOf(tests) {
  if (tests.length === 0) return null
  return ` ${tests.length === 1 ? 'test' : 'tests'} ${tests.join(', ')}`
}
