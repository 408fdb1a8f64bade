import { get, paths, Trouble } from './api.js'
import { h } from './dom.js'
import { watch } from './live.js'
import { matchRoute } from './routes.js'
import { createWorld } from './world.js'

/** How long a page may take before "Loading" is shown: shorter waits would only flicker. */
const PATIENCE_MS = 200

const page = element('page')
const world = createWorld({ now: Date.now() }, element('announce'))
/** @type {import('./world.js').View | null} */
let view = null
let leaving = new AbortController()
let first = true
/** The coordinator was away when the page was asked for. */
let missed = false

/** @param {string} id */
function element(id) {
  const found = document.getElementById(id)
  if (found === null) throw new Error(`the page lacks #${id}`)
  return found
}

/** Draws the page that the address names, in place of the one before. */
async function navigate() {
  leaving.abort()
  leaving = new AbortController()
  const { signal } = leaving
  const { show, params, section } = matchRoute(location.hash)
  view = null
  missed = false
  markSection(section)
  const loading = setTimeout(() => page.replaceChildren(h('p', { class: 'loading' }, 'Loading…')), PATIENCE_MS)
  try {
    const next = await show(params, world, signal)
    if (signal.aborted) return
    view = next
    put(next.title, next.node)
  } catch (error) {
    if (signal.aborted) return
    missed = error instanceof Trouble && error.code === 'unreachable'
    put('Trouble', troublePage(error))
  } finally {
    clearTimeout(loading)
  }
}

/**
 * @param {string} title
 * @param {HTMLElement} node
 */
function put(title, node) {
  document.title = title === '' ? 'kernelswarm' : `${title.replace(/[\p{Cc}\p{Cf}]/gu, '')} · kernelswarm`
  page.replaceChildren(node)
  if (first) first = false
  else enter()
}

/** Readers by keyboard and by ear are taken to the new page's start. */
function enter() {
  scrollTo(0, 0)
  page.focus({ preventScroll: true })
}

/** @param {string} section */
function markSection(section) {
  for (const link of document.querySelectorAll('[data-page]')) {
    if (link.getAttribute('data-page') === section) link.setAttribute('aria-current', 'page')
    else link.removeAttribute('aria-current')
  }
}

/** @param {unknown} error */
function troublePage(error) {
  const known = error instanceof Trouble
  const heading = known && error.code === 'not-found' ? 'There is nothing here' : 'This page cannot be shown'
  return h(
    'div',
    { class: 'empty' },
    h('h1', null, heading),
    h('p', null, known ? error.message : 'Something went wrong in this page.'),
    h(
      'p',
      null,
      h('button', { type: 'button', onclick: navigate }, 'Try again'),
      ' ',
      h('a', { href: '#/' }, 'Back to the swarm'),
    ),
  )
}

const STATES = { connecting: 'Connecting', live: 'Live', stale: 'Connection lost' }
let since = new Date()

/** @param {import('./live.js').State} state */
function showState(state) {
  const live = element('live')
  if (state === 'live') since = new Date()
  live.dataset.state = state
  const words = state === 'stale' ? `${STATES.stale}, figures from ${since.toLocaleTimeString()}` : STATES[state]
  if (live.textContent !== words) live.textContent = words
  document.body.dataset.live = state
}

/** A page that `explorer export` wrote into a folder: nothing changes there. @param {number} at */
function showExported(at) {
  const live = element('live')
  live.dataset.state = 'exported'
  live.textContent = `As of ${new Date(at).toLocaleString()}`
}

/** @param {any} status */
function takeStatus(status) {
  world.take(status)
  element('coordinator').textContent = status.coordinator
  element('version').textContent = `· ${status.version}`
}

/**
 * @param {import('./live.js').Message} message
 * @param {boolean} fresh
 */
function take(message, fresh) {
  since = new Date()
  takeStatus(message.status)
  if (missed && fresh) void navigate()
  else view?.onMessage?.(message, fresh)
}

element('skip').addEventListener('click', (event) => {
  event.preventDefault()
  enter()
})
addEventListener('hashchange', navigate)

// The first status is asked for before anything is drawn, so that no page needs to do without it.
/** @type {number | null} */
let exportedAt = null
try {
  const status = await get(paths.status(), AbortSignal.timeout(PATIENCE_MS * 10))
  takeStatus(status)
  exportedAt = status.exportedAt
} catch {
  // The page itself will say what is wrong.
}
await navigate()
if (exportedAt === null) {
  watch({
    onState: showState,
    onSnapshot: (message) => take(message, true),
    onChange: (message) => take(message, false),
  })
} else showExported(exportedAt)
