import { fromOf, get, links, paths } from '../api.js'
import { h, patch } from '../dom.js'
import { badge, bar, empty, foreign, judgedWords, judgementParts, legend, moment, pager } from '../parts.js'
import { counted, duration, number, stateOf } from '../words.js'
import { refresher } from '../world.js'
import { happenings } from './happenings.js'
import { joining } from './join.js'
import { throughputChart } from './throughput.js'

/** Rounds of one page. */
const PAGE = 20

/**
 * The swarm now, what it did lately, its rounds, and how to join.
 * @type {import('../routes.js').Show}
 */
export async function showHome(params, world, signal) {
  const from = fromOf(params.from)
  const read = async () => {
    const [list, activity] = await Promise.all([
      get(paths.rounds(from), signal),
      from === 0 ? get(paths.activity(), signal) : null,
    ])
    return { list, activity }
  }
  let data = await read()
  const chart = data.activity === null ? null : throughputChart(data.activity.throughput, signal)
  const node = draw(data, world, from)
  if (chart !== null) node.querySelector('[data-key=chart]')?.append(chart.node)
  const redraw = () => patch(node, draw(data, world, from))
  const refresh = refresher({
    read,
    draw: (next) => {
      data = next
      if (data.activity !== null) chart?.update(data.activity.throughput)
      redraw()
    },
    everyMs: () => world.everyMs(),
    signal,
  })
  return {
    title: '',
    node,
    onMessage({ rounds }) {
      const newer = new Map(rounds.map((round) => [round.round, round]))
      const items = data.list.items.map((/** @type {any} */ item) => newer.get(item.round) ?? item)
      data = { ...data, list: { ...data.list, items } }
      redraw()
      refresh()
    },
  }
}

/**
 * @param {{ list: any, activity: any }} data
 * @param {import('../world.js').World} world
 * @param {number} from
 */
function draw({ list, activity }, world, from) {
  const { status } = world
  if (from > 0) return h('div', null, trouble(status), rounds(list, world, from))
  return h(
    'div',
    null,
    welcome(),
    trouble(status),
    figures(status),
    h(
      'div',
      { class: 'beside' },
      h(
        'section',
        { class: 'panel', 'aria-labelledby': 'throughput' },
        h('h2', { id: 'throughput' }, 'Throughput'),
        h('div', { 'data-key': 'chart', 'data-island': '' }),
      ),
      happenings(activity.recent, world),
    ),
    rounds(list, world, from),
    joining(status),
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
        'Here volunteers’ machines do that in a sandbox, sign what they saw, and decide by majority: every decision below can be opened and checked, down to the signed verdicts.',
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
  const models = status.gpus.map((/** @type {any} */ { model, nodes }) => `${number(nodes)} × ${model}`)
  const gpus = status.gpus.reduce((/** @type {number} */ sum, /** @type {any} */ { nodes }) => sum + nodes, 0)
  const hidden = rounds.embargoed > 0 ? `; ${number(rounds.embargoed)} more, not shown before they end` : ''
  return h(
    'section',
    { 'aria-labelledby': 'now' },
    h('h2', { id: 'now', class: 'hidden' }, 'The swarm now'),
    h(
      'dl',
      { class: 'figures' },
      figure('Nodes connected', number(connected), connected === 0 ? 'nobody is here just now' : able.join(' · ')),
      figure('Nodes with a GPU', number(gpus), foreign(models.slice(0, 3).join(', ') || 'CUDA is emulated on processors')),
      figure(
        'Tasks a second',
        pace(status.tasksPerSecond),
        `over the last minute; ${number(tasks.running)} running, ${number(tasks.ready)} ready`,
      ),
      figure('Decided today', number(status.decidedToday), 'tasks, in the last 24 hours'),
      figure(
        'Decided ever',
        number(tasks.decided),
        tasks.undecided === 0
          ? `of ${number(tasks.total)} tasks`
          : `of ${number(tasks.total)} tasks, ${number(tasks.undecided)} without a majority`,
      ),
      figure(
        'Signed verdicts',
        number(status.verdicts),
        `in ${counted(rounds.total, 'round')}, ${number(rounds.live)} under way${hidden}`,
      ),
    ),
  )
}

/** @param {number} perSecond */
function pace(perSecond) {
  return perSecond >= 10 ? number(Math.round(perSecond)) : String(perSecond)
}

/**
 * @param {string} name
 * @param {string} value
 * @param {import('../dom.js').Child} more
 */
function figure(name, value, more) {
  return h('div', { class: 'figure' }, h('dt', null, name), h('dd', { class: 'value' }, value), h('dd', { class: 'more' }, more))
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

/** @param {any} round */
function toGo({ toGoMs }) {
  return toGoMs === null ? '' : `about ${duration(toGoMs)} to go · `
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
      `${judgedWords(round.judged, round.cases)} · ${toGo(round)}${counted(round.verdicts, 'verdict')} · opened `,
      moment(round.openedAt, world.now()),
    ),
    round.unserved === null ? null : h('p', { class: 'notice small' }, 'Waiting for nodes.'),
  )
}
