import { get, paths, Trouble } from '../api.js'
import { fromBase64 } from '../check/bytes.js'
import { checkVerdict } from '../check/verdict.js'
import { h } from '../dom.js'
import { badge } from '../parts.js'
import { counted } from '../words.js'

const STATES = {
  ok: { word: 'right', sign: '✓', kind: 'pass' },
  wrong: { word: 'wrong', sign: '✗', kind: 'fail' },
  open: { word: 'cannot be seen here', sign: '?', kind: 'unknown' },
}

/**
 * "Check this verdict": takes the stored bytes and works out in this browser whether they are what they are said to be,
 * each step shown as it is done.
 * @param {any} verdict
 * @param {{ now: boolean, signal: AbortSignal }} how `now`: without waiting for the button
 */
export function checkPanel(verdict, { now, signal }) {
  const steps = h('ol', { class: 'steps' })
  const end = h('p', { class: 'check-end', role: 'status' })
  const button = h('button', { type: 'button' }, 'Check this verdict')
  const run = async () => {
    button.setAttribute('disabled', '')
    steps.replaceChildren()
    end.replaceChildren('Checking…')
    const result = await check(verdict, steps, signal)
    if (signal.aborted) return
    end.replaceChildren(...result)
    button.removeAttribute('disabled')
  }
  button.addEventListener('click', () => void run())
  if (now) void run()
  return h(
    'section',
    { class: 'panel check', 'aria-labelledby': 'check' },
    h('h2', { id: 'check' }, 'Is it genuine?'),
    h(
      'p',
      { class: 'fine' },
      'Your browser takes the bytes below apart and works out signature and digests by itself: it needs nobody’s word for it.',
    ),
    h('p', null, button),
    steps,
    end,
  )
}

/**
 * @param {any} verdict
 * @param {HTMLElement} steps
 * @param {AbortSignal} signal
 * @returns {Promise<(Node | string)[]>} what it comes to
 */
async function check(verdict, steps, signal) {
  const counts = { ok: 0, wrong: 0, open: 0 }
  try {
    const { cid, envelope, signer, task } = verdict
    const stated = { cid, envelope, signer, task, use: await useOf(verdict, signal) }
    for await (const step of checkVerdict(stated, (test) => outputOf(cid, test, signal))) {
      counts[step.state]++
      steps.append(stepItem(step))
    }
  } catch (error) {
    if (!signal.aborted)
      return [badge(STATES.open), ` The check came to no end: ${error instanceof Error ? error.message : error}`]
  }
  if (counts.wrong > 0)
    return [
      badge({ ...STATES.wrong, word: 'not genuine' }),
      ` ${counted(counts.wrong, 'step')} failed: these bytes are not what they are said to be.`,
    ]
  const rest = counts.open > 0 ? ` ${counted(counts.open, 'step')} could not be looked at.` : ''
  return [badge({ ...STATES.ok, word: 'genuine' }), ` ${counted(counts.ok, 'step')} checked, in this browser.${rest}`]
}

/**
 * @param {string} cid
 * @param {number} test
 * @param {AbortSignal} signal
 * @returns {Promise<Uint8Array<ArrayBuffer> | null>} null where it is not given out, or not any more
 */
async function outputOf(cid, test, signal) {
  try {
    return fromBase64((await get(paths.output(cid, test), signal)).bytes)
  } catch (error) {
    if (error instanceof Trouble && error.code !== 'unreachable') return null
    throw error
  }
}

/** @param {import('../check/verdict.js').Step} step */
function stepItem({ title, state, lines }) {
  return h(
    'li',
    { 'data-state': state },
    h(
      'details',
      { open: state !== 'ok' },
      h('summary', null, badge(STATES[state]), ` ${title}`),
      lines.map((line) => h('p', { class: 'fine' }, h('code', null, line))),
    ),
  )
}

/**
 * Where it counts, and what is shown there, to be held against what was signed. Null where no such case can be shown.
 * @param {any} verdict
 * @param {AbortSignal} signal
 * @returns {Promise<import('../check/verdict.js').Use | null>}
 */
async function useOf({ cid, uses }, signal) {
  const [use] = uses
  if (use === undefined) return null
  const { round: id, line, side } = use
  const item = await get(paths.case(id, line), signal)
  const votes = (item.ballots?.[side] ?? []).flatMap((/** @type {any} */ { verdicts }) => verdicts)
  const listed = votes.find((/** @type {any} */ { verdict }) => verdict === cid)
  if (listed === undefined || item.code === null) return null
  const wrapper = side === 'cuda' ? item.code.wrapper : ''
  return {
    program: { v: 1, side, code: item.code[side], wrapper, tests: item.inputs.map((/** @type {any} */ input) => input[side]) },
    listed: listed.tests,
  }
}
