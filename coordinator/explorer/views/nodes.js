import { fromOf, get, links, PAGES, paths } from '../api.js'
import { h, patch } from '../dom.js'
import { badge, empty, moment, nodeLink, pager, percent, scroller } from '../parts.js'
import { counted, duration, EXECUTORS_SHORT, number } from '../words.js'
import { refresher } from '../world.js'

/**
 * Who runs the tests, led by what they did.
 * @type {import('../routes.js').Show}
 */
export async function showNodes(params, world, signal) {
  const from = fromOf(params.from)
  const read = async () => await get(paths.nodes(from), signal)
  const node = draw(await read(), from, world)
  const refresh = refresher({
    read,
    draw: (list) => patch(node, draw(list, from, world)),
    everyMs: () => 2 * world.everyMs(),
    signal,
  })
  return { title: 'Nodes', node, onMessage: refresh }
}

/**
 * @param {any} list
 * @param {number} from
 * @param {import('../world.js').World} world
 */
function draw(list, from, world) {
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
      finder(),
    ),
    list.items.length === 0 ? none(list.total) : table(list, from, world),
    h(
      'p',
      { class: 'fine' },
      'Credit is what the decided tasks would have cost at the median of their class: nobody has more of it for being slow. A task counts where the node said what was decided.',
    ),
    pager({
      label: 'Pages of nodes',
      where: `${number(from + 1)} to ${number(from + list.items.length)} of ${number(list.total)}`,
      previous: from === 0 ? null : links.nodes(Math.max(0, from - PAGES.nodes)),
      next: list.next === null ? null : links.nodes(list.next),
    }),
  )
}

/** Whoever runs a node knows its peer id: `kernelswarm node status` says it. */
function finder() {
  const input = /** @type {HTMLInputElement} */ (
    h('input', {
      id: 'peer',
      name: 'peer',
      required: true,
      maxlength: 128,
      pattern: ' *[A-Za-z0-9]+ *',
      autocomplete: 'off',
      spellcheck: 'false',
    })
  )
  const form = h(
    'form',
    { class: 'finder' },
    h('label', { for: 'peer' }, 'Find your node by its peer id'),
    h('div', null, input, h('button', { type: 'submit' }, 'Find')),
  )
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    location.hash = links.node(input.value.trim())
  })
  return form
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
 * @param {number} from
 * @param {import('../world.js').World} world
 */
function table(list, from, world) {
  const columns = ['', 'Node', 'State', 'Decided tasks', 'Credit', 'Agreement', 'Since', 'Last at work', 'Runs']
  return scroller(
    'Nodes, can be scrolled sideways',
    h(
      'table',
      { class: 'nodes' },
      h('caption', { class: 'hidden' }, 'Nodes, by credit'),
      h('thead', null, h('tr', null, ...columns.map((word) => (word === '' ? h('td', null) : h('th', { scope: 'col' }, word))))),
      h(
        'tbody',
        null,
        list.items.map((/** @type {any} */ row, /** @type {number} */ at) => nodeRow(row, from + at + 1, world)),
      ),
    ),
  )
}

/**
 * @param {any} row
 * @param {number} place
 * @param {import('../world.js').World} world
 */
function nodeRow(row, place, world) {
  return h(
    'tr',
    { 'data-key': row.node },
    h('td', { class: 'number' }, number(place)),
    h('th', { scope: 'row' }, nodeLink(row.node, row.name)),
    h('td', null, h('div', { class: 'badges' }, stateBadges(row))),
    h('td', { class: 'number' }, number(row.decided)),
    h('td', { class: 'number' }, row.creditMs === 0 ? '–' : duration(row.creditMs)),
    h('td', { class: 'number' }, agreement(row)),
    h('td', { class: 'fine number' }, row.since === null ? '–' : moment(row.since, world.now())),
    h('td', { class: 'fine number' }, row.lastAt === null ? 'not yet' : moment(row.lastAt, world.now())),
    h('td', { class: 'fine' }, runs(row)),
  )
}

/** @param {any} row */
export function stateBadges(row) {
  return [
    row.connected
      ? badge({ word: row.running > 0 ? `${number(row.running)} running` : 'connected', sign: '●', kind: 'pass' })
      : badge({ word: 'away', sign: '○', kind: 'void' }),
    row.standing === 'suspended' ? badge({ word: 'suspended', sign: '✗', kind: 'fail' }) : null,
  ]
}

/** @param {any} row */
export function agreement({ agreed, disagreed }) {
  const total = agreed + disagreed
  if (total === 0) return '–'
  return h('span', { title: `${number(agreed)} of ${counted(total, 'test')} as decided` }, percent(agreed / total))
}

/** GPUs first: they are what people look for. @param {any} row */
function runs({ environments, executors }) {
  const gpus = new Set(environments.flatMap((/** @type {any} */ { gpu }) => gpu?.model ?? []))
  const words = executors
    .filter((/** @type {string} */ name) => name !== 'gpu' || gpus.size === 0)
    .map((/** @type {string} */ name) => EXECUTORS_SHORT[name] ?? name)
  return [...gpus, ...words].join(' · ') || '–'
}
