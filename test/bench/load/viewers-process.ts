import { connect, type Socket } from 'node:net'

/** What a process of viewers is told. */
export type ToldViewers = { t: 'watch'; url: string; viewers: number } | { t: 'leave' } | { t: 'report' }

/** What its viewers have seen since the last report. */
export interface Watched {
  watching: number
  /** Connections that the other side ended. */
  lost: number
  /** Changes that came, over all viewers, and bytes. */
  changes: number
  bytes: number
}

/** Connections that are opened at the same time. */
const OPENED_TOGETHER = 50
const CHANGE = 'event: change\n'

const open = new Set<Socket>()
const counted = { lost: 0, changes: 0, bytes: 0 }

/** Live events as a browser asks for them, over a connection of its own. Resolves when the first one is here. */
async function watch(url: URL): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const socket = connect(Number(url.port), url.hostname)
  socket.write(`GET /api/v1/events HTTP/1.1\r\nHost: ${url.host}\r\nAccept: text/event-stream\r\n\r\n`)
  let tail = ''
  socket.setEncoding('latin1')
  socket.on('data', (text: string) => {
    counted.bytes += text.length
    const all = tail + text
    for (let at = all.indexOf(CHANGE); at >= 0; at = all.indexOf(CHANGE, at + 1)) counted.changes++
    // What may be the beginning of the next one; a whole one would be counted twice.
    tail = all.slice(-(CHANGE.length - 1))
    if (all.startsWith('HTTP/1.1 200') || all.includes('event: ')) resolve()
    else reject(new Error(`not live events: ${all.slice(0, 200)}`))
  })
  socket.on('error', reject)
  socket.on('close', () => {
    if (open.delete(socket)) counted.lost++
  })
  open.add(socket)
  await promise
}

async function obey(told: ToldViewers): Promise<void> {
  if (told.t === 'leave') {
    for (const socket of [...open]) {
      open.delete(socket)
      socket.destroy()
    }
  }
  if (told.t !== 'watch') return
  const url = new URL(told.url)
  for (let at = 0; at < told.viewers; at += OPENED_TOGETHER) {
    await Promise.all(Array.from({ length: Math.min(OPENED_TOGETHER, told.viewers - at) }, () => watch(url)))
  }
}

process.on('message', (told: ToldViewers) => {
  obey(told).then(
    () => {
      process.send?.({ watching: open.size, ...counted } satisfies Watched)
      Object.assign(counted, { lost: 0, changes: 0, bytes: 0 })
    },
    (error: Error) => {
      process.stderr.write(`${error.stack}\n`)
      process.exit(1)
    },
  )
})
process.on('disconnect', () => process.exit())
