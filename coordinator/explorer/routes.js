import { Trouble } from './api.js'
import { showCase } from './views/case.js'
import { showHome } from './views/home.js'
import { showNode } from './views/node.js'
import { showNodes } from './views/nodes.js'
import { showRound } from './views/round.js'
import { showTrust } from './views/trust.js'
import { showVerdict } from './views/verdict.js'

/**
 * @typedef {Record<string, string>} Params what the address says: names from its path, and from its query
 * @typedef {(params: Params, world: import('./world.js').World, signal: AbortSignal) => Promise<import('./world.js').View>} Show
 */

/** @type {{ path: RegExp, section: string, show: Show }[]} */
const ROUTES = [
  { path: /^$/, section: 'home', show: showHome },
  { path: /^round\/(?<round>[^/]+)$/, section: 'home', show: showRound },
  { path: /^round\/(?<round>[^/]+)\/case\/(?<line>\d+)$/, section: 'home', show: showCase },
  { path: /^verdict\/(?<cid>[^/]+)$/, section: 'home', show: showVerdict },
  { path: /^nodes$/, section: 'nodes', show: showNodes },
  { path: /^node\/(?<node>[^/]+)$/, section: 'nodes', show: showNode },
  { path: /^trust$/, section: 'trust', show: showTrust },
]

/**
 * @param {string} hash of the address
 * @returns {{ show: Show, params: Params, section: string }}
 */
export function matchRoute(hash) {
  const [path = '', query = ''] = hash.replace(/^#?\/?/, '').split('?')
  for (const { path: form, section, show } of ROUTES) {
    const groups = form.exec(path)?.groups ?? (form.test(path) ? {} : null)
    if (groups !== null) return { show, section, params: { ...Object.fromEntries(new URLSearchParams(query)), ...groups } }
  }
  return { show: showNothing, section: '', params: {} }
}

/** @type {Show} */
async function showNothing() {
  throw new Trouble('not-found', 'No page has this address.')
}
