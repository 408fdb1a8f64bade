import { downloadOf, fileOf } from './paths.js'

export { PAGES, paths } from './paths.js'

/** Answers that take longer than this count as failed. */
const ANSWER_MS = 20_000

/** What went wrong, in words a reader can do something with. */
export class Trouble extends Error {
  /**
   * @param {string} code
   * @param {string} message
   */
  constructor(code, message) {
    super(message)
    this.code = code
  }
}

/**
 * Reads one answer.
 * @param {string} path under api/v1
 * @param {AbortSignal} signal
 * @returns {Promise<any>}
 */
export async function get(path, signal) {
  const response = await ask(path, signal)
  const body = await response.json().catch(() => null)
  // In an exported folder a refusal is a file like any other.
  if (response.ok && body !== null && body.error === undefined) return body
  // A host of files has no words of its own for what is not there.
  if (response.status === 404 && body?.error === undefined) throw new Trouble('not-found', 'It is not in this folder.')
  throw new Trouble(body?.error?.code ?? 'internal', body?.error?.message ?? `the coordinator answered ${response.status}`)
}

/**
 * @param {string} path
 * @param {AbortSignal} signal
 */
async function ask(path, signal) {
  try {
    return await fetch(jsonLink(path), { signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]) })
  } catch (error) {
    if (signal.aborted) throw error
    throw new Trouble('unreachable', 'The coordinator does not answer.')
  }
}

/** @param {string | number} part */
const part = (part) => encodeURIComponent(String(part))

/** The JSON itself, for whoever wants to read it. @param {string} path */
export const jsonLink = (path) => `api/v1/${fileOf(path)}`

/**
 * @param {string} round
 * @param {string} file
 */
export const downloadLink = (round, file) => `api/v1/${downloadOf(round, file)}`

export const links = {
  home: '#/',
  /** @param {number} from */
  rounds: (from) => (from === 0 ? '#/' : `#/?from=${from}`),
  /**
   * @param {string} round
   * @param {{ show?: string, from?: number }} [page]
   */
  round: (round, { show = 'all', from = 0 } = {}) => {
    const query = [show === 'all' ? '' : `show=${part(show)}`, from === 0 ? '' : `from=${from}`].filter((text) => text !== '')
    return `#/round/${part(round)}${query.length > 0 ? `?${query.join('&')}` : ''}`
  },
  /**
   * @param {string} round
   * @param {number} line
   */
  case: (round, line) => `#/round/${part(round)}/case/${line}`,
  /** @param {string} cid */
  verdict: (cid) => `#/verdict/${part(cid)}`,
  /** @param {string} cid */
  check: (cid) => `#/verdict/${part(cid)}?check=now`,
  /** @param {number} from */
  nodes: (from) => (from === 0 ? '#/nodes' : `#/nodes?from=${from}`),
  /** @param {string} node */
  node: (node) => `#/node/${part(node)}`,
  /** @param {number} from */
  trust: (from) => (from === 0 ? '#/trust' : `#/trust?from=${from}`),
}

/**
 * A place in a list as the address says it; anything odd is the beginning.
 * @param {string | undefined} text
 */
export function fromOf(text) {
  return /^\d{1,9}$/.test(text ?? '') ? Number(text) : 0
}
