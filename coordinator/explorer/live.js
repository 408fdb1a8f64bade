/**
 * What changes, as the coordinator tells it. The browser reconnects by itself when a connection breaks; when it gives up
 * (the coordinator answered, but not with events) or nothing was heard for long, a new one is made here.
 *
 * @typedef {{ status: any, rounds: any[] }} Message
 * @typedef {'connecting' | 'live' | 'stale'} State
 */

/** Three heartbeats of the coordinator. */
const SILENCE_MS = 45_000
/** First and longest wait before trying again. */
const RETRY_MS = 2000
const LONGEST_RETRY_MS = 30_000

/**
 * @param {{ onState: (state: State) => void, onSnapshot: (message: Message) => void, onChange: (message: Message) => void }} told
 */
export function watch(told) {
  let retry = RETRY_MS
  /** @type {EventSource | null} */
  let source = null
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let silence
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let again

  const heard = () => {
    clearTimeout(silence)
    silence = setTimeout(reconnect, SILENCE_MS)
  }
  const reconnect = () => {
    source?.close()
    clearTimeout(silence)
    clearTimeout(again)
    told.onState('stale')
    again = setTimeout(connect, retry)
    retry = Math.min(2 * retry, LONGEST_RETRY_MS)
  }
  const connect = () => {
    const mine = new EventSource('api/v1/events')
    source = mine
    heard()
    mine.addEventListener('snapshot', (event) => {
      retry = RETRY_MS
      heard()
      told.onState('live')
      told.onSnapshot(JSON.parse(event.data))
    })
    mine.addEventListener('change', (event) => {
      heard()
      told.onChange(JSON.parse(event.data))
    })
    // The connection broke for a moment: what was missed comes next, and everything else stands.
    mine.addEventListener('resumed', () => {
      retry = RETRY_MS
      heard()
      told.onState('live')
    })
    mine.addEventListener('beat', heard)
    mine.addEventListener('error', () => {
      if (mine !== source) return
      told.onState('stale')
      if (mine.readyState === EventSource.CLOSED) reconnect()
    })
  }
  connect()
}
