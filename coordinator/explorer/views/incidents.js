import { h } from '../dom.js'
import { badge, moment, nameTag, nodeLink, scroller } from '../parts.js'
import { INCIDENTS, number } from '../words.js'

/** @type {Record<string, { sign: string, kind: string }>} */
const KINDS = {
  suspended: { sign: '✗', kind: 'fail' },
  demoted: { sign: '↓', kind: 'unknown' },
  returned: { sign: '↑', kind: 'pass' },
}

/**
 * What the trust rules did to whom.
 * @param {any[]} incidents
 * @param {import('../world.js').World} world
 */
export function incidentTable(incidents, world) {
  const columns = ['When', 'What', 'Nodes', 'Task and tests', 'Answers opened again', 'Rounds ended before']
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
function incidentRow({ at, kind, reason, nodes, task, tests, reopened, rounds }, world) {
  return h(
    'tr',
    { 'data-key': `${at} ${kind} ${nodes[0] ?? ''}` },
    h('td', { class: 'fine' }, moment(at, world.now())),
    h('td', null, badge({ word: kind, ...(KINDS[kind] ?? { kind: 'fail' }) }), ` ${INCIDENTS[reason] ?? reason}`),
    h('td', null, ...nodes.flatMap((/** @type {string} */ node) => [nodeLink(node), ' '])),
    h('td', { class: 'fine' }, task === null ? '–' : nameTag(task), tests.length === 0 ? '' : ` ${tests.join(', ')}`),
    h('td', { class: 'number' }, number(reopened)),
    h('td', { class: 'number' }, number(rounds.length)),
  )
}
