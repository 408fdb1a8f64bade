/**
 * The addresses of the JSON behind the pages, in one place: a live page asks its coordinator for them, and `explorer export`
 * writes the answers into files of the same names, so that a page never knows which of both it reads.
 * @param {string | number} part
 */
const part = (part) => encodeURIComponent(String(part))

/** How many of a list are read at once: an exported list is cut into pages of the same length. */
export const PAGES = { rounds: 20, cases: 50, nodes: 50, incidents: 50 }

export const paths = {
  status: () => 'status',
  activity: () => 'activity',
  trust: () => 'trust',
  /** @param {number} from */
  rounds: (from) => `rounds?from=${from}&limit=${PAGES.rounds}`,
  /** @param {string} round */
  round: (round) => `rounds/${part(round)}`,
  /** @param {string} round */
  summary: (round) => `rounds/${part(round)}/summary`,
  /**
   * @param {string} round
   * @param {number} tile counted from 0
   */
  matrix: (round, tile) => `rounds/${part(round)}/matrix?tile=${tile}`,
  /**
   * @param {string} round
   * @param {{ show: string, from: number }} page
   */
  cases: (round, { show, from }) => `rounds/${part(round)}/cases?show=${part(show)}&from=${from}&limit=${PAGES.cases}`,
  /**
   * @param {string} round
   * @param {string | number} line
   */
  case: (round, line) => `rounds/${part(round)}/cases/${part(line)}`,
  /** @param {string} round */
  files: (round) => `rounds/${part(round)}/files`,
  /** @param {string} cid */
  verdict: (cid) => `verdicts/${part(cid)}`,
  /**
   * @param {string} cid
   * @param {number} test counted from 1
   */
  output: (cid, test) => `verdicts/${part(cid)}/outputs/${test}`,
  /** @param {string} cid */
  program: (cid) => `verdicts/${part(cid)}/program`,
  /** @param {number} from */
  nodes: (from) => `nodes?order=credit&from=${from}&limit=${PAGES.nodes}`,
  /** @param {string} node */
  node: (node) => `nodes/${part(node)}`,
  /** @param {number} from */
  incidents: (from) => `incidents?from=${from}&limit=${PAGES.incidents}`,
}

/**
 * The name of the file that holds an answer, the same under a coordinator's `api/v1/` and in an exported folder, where no
 * address has a query: `rounds?from=20&limit=20` is `rounds,from=20,limit=20.json`.
 * @param {string} path
 */
export function fileOf(path) {
  return `${path.replace('?', ',').replaceAll('&', ',')}.json`
}

/**
 * A result file of a round that has ended, to be downloaded.
 * @param {string} round
 * @param {string} file as `paths.files` names it
 */
export function downloadOf(round, file) {
  return `rounds/${part(round)}/files/${part(file)}`
}
