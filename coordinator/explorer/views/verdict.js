import { get, jsonLink, links, paths } from '../api.js'
import { h } from '../dom.js'
import { fact, moment, nodeLink, scroller } from '../parts.js'
import { duration, flagWord, number, SIDES, size, statusWord } from '../words.js'
import { checkPanel } from './checking.js'

/**
 * One signed statement, as it came, and a check of it in the reader's own browser.
 * @type {import('../routes.js').Show}
 */
export async function showVerdict(params, world, signal) {
  const verdict = await get(paths.verdict(params.cid ?? ''), signal)
  return { title: 'Verdict', node: draw(verdict, world, checkPanel(verdict, { now: params.check === 'now', signal })) }
}

/**
 * @param {any} verdict
 * @param {import('../world.js').World} world
 * @param {HTMLElement} check
 */
function draw(verdict, world, check) {
  const { value } = verdict
  return h(
    'div',
    null,
    h(
      'header',
      { class: 'page-head' },
      h('p', { class: 'crumbs' }, h('span', null, h('a', { href: links.home }, 'Swarm'), ' / Verdict')),
      h('h1', null, 'Signed verdict'),
      h('p', { class: 'lead' }, 'What one node says one program did, test by test, under its own signature.'),
    ),
    check,
    facts(verdict, world),
    h('h2', null, 'Tests'),
    scroller('What it says of each test', testTable(value)),
    h('h2', null, 'The bytes'),
    h(
      'p',
      null,
      'The envelope below is exactly what the node sent: key, domain, payload and signature. It was checked when it was taken, and can be checked here again. ',
      h('a', { href: jsonLink(paths.verdict(verdict.cid)) }, 'The same as JSON'),
      '.',
    ),
    h('pre', { class: 'code', tabindex: '0', 'aria-label': 'Signed envelope in base64' }, verdict.envelope),
  )
}

/**
 * @param {any} verdict
 * @param {import('../world.js').World} world
 */
function facts({ cid, signer, at, program, value, uses }, world) {
  const { environment, resources } = value
  const { gpu } = environment
  const made = [environment.executor, `sandbox ${environment.sandbox}`, environment.compiler, environment.nvcc, environment.cpu]
  const card = gpu === null ? [] : [fact('GPU', `${gpu.model} (${gpu.arch}), driver ${gpu.driver}, CUDA ${gpu.toolkit}`)]
  const kernels = resources.kernelMs === null ? '' : `, kernels ${resources.kernelMs} ms`
  return h(
    'dl',
    { class: 'facts' },
    fact('Name', h('code', null, cid)),
    fact('Signed by', nodeLink(signer, signer)),
    fact('Taken', moment(at, world.now())),
    fact('Program', h('code', null, program)),
    fact('Made with', made.filter((text) => text !== null).join(', ')),
    ...card,
    fact('Limits held by', environment.limits.join(', ') || 'not said'),
    fact('Time, by its own word', `compile ${duration(resources.compileMs)}, run ${duration(resources.runMs)}${kernels}`),
    fact(
      'Used for',
      h(
        'ul',
        { class: 'plain' },
        uses.map((/** @type {any} */ { round, line, side }) =>
          h('li', null, h('a', { href: links.case(round, line) }, `line ${number(line)}`), `, ${SIDES[side] ?? side}`),
        ),
      ),
    ),
  )
}

/** @param {any} value */
function testTable(value) {
  return h(
    'table',
    null,
    h('caption', { class: 'hidden' }, 'Tests'),
    h(
      'thead',
      null,
      h(
        'tr',
        null,
        ...['Test', 'Status', 'Output', 'Name of the output', 'Flags'].map((word) => h('th', { scope: 'col' }, word)),
      ),
    ),
    h(
      'tbody',
      null,
      value.tests.map((/** @type {any} */ { status, output, outputBytes, findings }, /** @type {number} */ test) =>
        h(
          'tr',
          null,
          h('th', { scope: 'row' }, test + 1),
          h('td', null, statusWord(status)),
          h('td', { class: 'number' }, size(outputBytes)),
          h('td', null, h('code', { class: 'fine' }, output)),
          h('td', null, findings.map((/** @type {any} */ { flag }) => flagWord(flag)).join(', ') || 'none'),
        ),
      ),
    ),
  )
}
