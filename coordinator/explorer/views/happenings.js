import { links } from '../api.js'
import { h } from '../dom.js'
import { empty, foreign, moment, nodeLink } from '../parts.js'
import { counted, INCIDENT_KINDS, INCIDENTS } from '../words.js'

/** Of what happened lately so much is shown. */
const SHOWN = 8

/** @type {Record<string, string>} */
const WORDS = { 'round-opened': 'was opened', 'round-aggregated': 'is finished', 'round-cancelled': 'was cancelled' }

/**
 * What happened lately.
 * @param {any[]} recent the newest first
 * @param {import('../world.js').World} world
 */
export function happenings(recent, world) {
  return h(
    'section',
    { class: 'panel', 'aria-labelledby': 'lately' },
    h('h2', { id: 'lately' }, 'Lately'),
    recent.length === 0
      ? empty('Nothing has happened yet.')
      : h(
          'ol',
          { class: 'happenings' },
          recent
            .slice(0, SHOWN)
            .map((one) => h('li', null, ...words(one), ' ', h('span', { class: 'fine' }, moment(one.at, world.now())))),
        ),
  )
}

/** @param {any} one */
function words({ kind, round, name, cases, incident }) {
  if (kind !== 'incident')
    return [h('a', { href: links.round(round) }, foreign(name)), ` ${WORDS[kind] ?? kind}, ${counted(cases, 'case')}.`]
  const [first] = incident.nodes
  const others = incident.nodes.length > 1 ? ` and ${counted(incident.nodes.length - 1, 'other node')}` : ''
  const who = first === undefined ? 'An operator' : nodeLink(first, incident.names[0])
  return [
    'Node ',
    who,
    `${others} ${INCIDENT_KINDS[incident.kind]?.deed ?? incident.kind}: ${INCIDENTS[incident.reason] ?? incident.reason}.`,
  ]
}
