import { fromOf, get, links, paths } from '../api.js'
import { h, patch } from '../dom.js'
import { badge, bar, empty, foreign, judgedWords, judgementParts, legend, moment, pager } from '../parts.js'
import { counted, number, stateOf } from '../words.js'
import { refresher } from '../world.js'

/** Rounds of one page. */
const PAGE = 20

/**
 * The swarm now, and its rounds.
 * @type {import('../routes.js').Show}
 */
export async function showHome(params, world, signal) {
  const from = fromOf(params.from)
  const read = () => get(paths.rounds(from), signal)
  let list = await read()
  const node = draw(list, world, from)
  const redraw = () => patch(node, draw(list, world, from))
  const refresh = refresher({
    read,
    draw: (/** @type {any} */ next) => {
      list = next
      redraw()
    },
    everyMs: 2000,
    signal,
  })
  return {
    title: '',
    node,
    onMessage({ rounds }, fresh) {
      const unknown = rounds.some(({ round }) => !list.items.some((/** @type {any} */ item) => item.round === round))
      if (fresh || (unknown && from === 0)) refresh()
      const newer = new Map(rounds.map((round) => [round.round, round]))
      list = { ...list, items: list.items.map((/** @type {any} */ item) => newer.get(item.round) ?? item) }
      redraw()
    },
  }
}

/**
 * @param {any} list
 * @param {import('../world.js').World} world
 * @param {number} from
 */
function draw(list, world, from) {
  return h(
    'div',
    null,
    from === 0 ? welcome() : null,
    trouble(world.status),
    from === 0 ? figures(world.status) : null,
    rounds(list, world, from),
  )
}

function welcome() {
  return h(
    'section',
    { class: 'hero' },
    h(
      'h1',
      null,
      h('span', null, 'Is the translated kernel right?'),
      ' ',
      h('span', null, 'A swarm of volunteers runs it and votes.'),
    ),
    h(
      'p',
      { class: 'lead' },
      'Language models translate C++ functions into CUDA, and only running both on the same inputs tells which translations are right. ' +
        'Here volunteers’ machines do that in a sandbox, sign what they saw, and decide by majority: every decision below can be opened, down to the signed verdicts.',
    ),
  )
}

/** @param {any} status */
function trouble(status) {
  return typeof status.trouble === 'string'
    ? h('p', { class: 'notice', role: 'status' }, `No work is given just now: ${status.trouble}.`)
    : null
}

/** @param {any} status */
function figures(status) {
  if (status.nodes === undefined) return null
  const { executors, connected } = status.nodes
  const kinds = [
    [executors.host, 'C++'],
    [executors.emulated, 'CUDA emulated'],
    [executors.gpu, 'CUDA on a GPU'],
  ]
  const able = kinds.filter(([count]) => count > 0).map(([count, word]) => `${word} ${number(count)}`)
  const { tasks, rounds } = status
  return h(
    'section',
    { 'aria-labelledby': 'now' },
    h('h2', { id: 'now', class: 'hidden' }, 'The swarm now'),
    h(
      'dl',
      { class: 'figures' },
      figure('Nodes connected', connected, connected === 0 ? 'nobody is here just now' : able.join(' · ')),
      figure('Tasks running', tasks.running, `${number(tasks.ready)} ready to be taken`),
      figure(
        'Tasks decided',
        tasks.decided,
        tasks.undecided === 0
          ? `of ${number(tasks.total)}`
          : `of ${number(tasks.total)}, ${number(tasks.undecided)} without a majority`,
      ),
      figure(
        'Signed verdicts',
        status.verdicts,
        `in ${counted(rounds.total, 'round')}, ${number(rounds.live)} under way${rounds.embargoed > 0 ? `; ${number(rounds.embargoed)} more, not shown before they end` : ''}`,
      ),
    ),
  )
}

/**
 * @param {string} name
 * @param {number} value
 * @param {string} more
 */
function figure(name, value, more) {
  return h(
    'div',
    { class: 'figure' },
    h('dt', null, name),
    h('dd', { class: 'value' }, number(value)),
    h('dd', { class: 'more' }, more),
  )
}

/**
 * @param {any} list
 * @param {import('../world.js').World} world
 * @param {number} from
 */
function rounds(list, world, from) {
  const last = from + list.items.length
  return h(
    'section',
    { 'aria-labelledby': 'rounds' },
    h(from === 0 ? 'h2' : 'h1', { id: 'rounds' }, 'Rounds'),
    list.items.length === 0
      ? none(list.total)
      : h(
          'ul',
          { class: 'rounds' },
          list.items.map((/** @type {any} */ round) => card(round, world)),
        ),
    pager({
      label: 'Pages of rounds',
      where: `${number(from + 1)} to ${number(last)} of ${number(list.total)}`,
      previous: from === 0 ? null : links.rounds(Math.max(0, from - PAGE)),
      next: list.next === null ? null : links.rounds(list.next),
    }),
  )
}

/** @param {number} total */
function none(total) {
  if (total > 0) return empty('There are no rounds this far back.')
  return empty(
    'No round yet.',
    h('p', null, 'A round is a file of cases that somebody wants verified. It is submitted like this:'),
    h('pre', { class: 'command' }, './bin/kernelswarm submit CASES.jsonl --coordinator MULTIADDR --watch'),
  )
}

/**
 * @param {any} round
 * @param {import('../world.js').World} world
 */
function card(round, world) {
  const state = stateOf(round)
  const parts = judgementParts(round)
  return h(
    'li',
    { class: 'card', 'data-key': round.round },
    h(
      'div',
      { class: 'card-head' },
      h('h3', null, h('a', { href: links.round(round.round) }, foreign(round.name))),
      badge(state),
    ),
    bar({ label: round.name, total: round.cases, parts }),
    legend(parts),
    h(
      'p',
      { class: 'fine' },
      `${judgedWords(round.judged, round.cases)} · ${counted(round.verdicts, 'verdict')} · opened `,
      moment(round.openedAt, world.now()),
    ),
    round.unserved === null ? null : h('p', { class: 'notice small' }, 'Waiting for nodes.'),
  )
}
