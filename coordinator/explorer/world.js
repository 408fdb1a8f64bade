/**
 * What every page is given: the coordinator's last word on the swarm, its clock, and how to speak to those who listen.
 *
 * @typedef {object} World
 * @property {any} status as `api/v1/status`
 * @property {() => number} now by the coordinator's clock
 * @property {() => number} everyMs how long to wait between two readings: longer the more people watch
 * @property {(text: string) => void} announce read aloud by screen readers, politely and not too often
 *
 * @typedef {object} View a page that is on the screen
 * @property {string} title
 * @property {HTMLElement} node
 * @property {(message: import('./live.js').Message, fresh: boolean) => void} [onMessage] something changed; `fresh` after a reconnect, when anything may have
 */

/** Least time between two readings of one page. */
const LEAST_EVERY_MS = 1500

/** Least time between two announcements; of several in between, the last is made. */
const ANNOUNCE_MS = 10_000

/**
 * @param {any} status
 * @param {HTMLElement} speaker
 * @returns {World & { take: (status: any) => void }}
 */
export function createWorld(status, speaker) {
  let offset = status.now - Date.now()
  let saidAt = 0
  let next = ''
  let waiting = false
  const say = () => {
    waiting = false
    saidAt = Date.now()
    if (speaker.textContent !== next) speaker.textContent = next
  }
  return {
    status,
    now() {
      return this.status.exportedAt ?? Date.now() + offset
    },
    everyMs() {
      return Math.max(LEAST_EVERY_MS, this.status.refreshMs ?? 0)
    },
    announce(text) {
      next = text
      if (waiting) return
      waiting = true
      setTimeout(say, Math.max(0, saidAt + ANNOUNCE_MS - Date.now()))
    },
    take(newer) {
      this.status = newer
      offset = newer.now - Date.now()
    },
  }
}

/**
 * Asks again when something changed, but never more often than `everyMs` says, nor while nobody looks; what comes of it
 * is drawn over what is there. A failure leaves the page as it is: the header says when the coordinator is away.
 * @template T
 * @param {{ read: () => Promise<T>, draw: (data: T) => void, everyMs: () => number, signal: AbortSignal }} how
 * @returns {() => void}
 */
export function refresher({ read, draw, everyMs, signal }) {
  let waiting = false
  let last = Date.now()
  const run = async () => {
    last = Date.now()
    waiting = false
    try {
      const data = await read()
      if (!signal.aborted) draw(data)
    } catch {
      // Nothing to say that the header does not say.
    }
  }
  const later = () => {
    if (signal.aborted) return
    if (document.hidden) document.addEventListener('visibilitychange', later, { once: true, signal })
    else void run()
  }
  return () => {
    if (waiting || signal.aborted) return
    waiting = true
    setTimeout(later, Math.max(0, last + everyMs() - Date.now()))
  }
}
