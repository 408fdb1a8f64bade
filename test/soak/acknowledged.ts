import { openSync, writeSync } from 'node:fs'
import pino, { type Logger } from 'pino'

/** What a node in a process of its own says to whoever started it, and may kill it. */
export type NodeSaid = { t: 'connected' } | { t: 'accepted'; nonce: string } | { t: 'heap'; bytes: number }

/**
 * The log of such a node: what was acknowledged to it is written down, a nonce a line, before the node forgets the verdict. From now on
 * the process ends with the one that started it.
 */
export function hearingLog(file: string): Logger {
  const fd = openSync(file, 'a')
  const say = (said: NodeSaid) => process.send?.(said)
  const write = (text: string) => {
    const line = JSON.parse(text) as { event?: string; nonce?: string }
    if (line.event === 'connected') say({ t: 'connected' })
    if (line.event !== 'verdict-accepted' || line.nonce === undefined) return
    writeSync(fd, `${line.nonce}\n`)
    say({ t: 'accepted', nonce: line.nonce })
  }
  process.on('disconnect', () => process.exit())
  return pino({ level: 'debug', base: null }, { write })
}
