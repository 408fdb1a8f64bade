import pino, { type Logger } from 'pino'
import pretty from 'pino-pretty'

/**
 * Logs go to standard error: one JSON object a line, or readable lines on a terminal.
 * @param file gets the JSON lines as well
 */
export function makeLog(level: string, file?: { write(line: string): void }): Logger {
  const options = { level, base: null, ...(process.stderr.isTTY && { messageKey: 'event' }) }
  const shown = process.stderr.isTTY ? readable() : pino.destination({ fd: 2, sync: true })
  if (file === undefined || level === 'silent') return pino(options, shown)
  // What passes the logger's level goes to both.
  const all = { level: 'trace' } as const
  return pino(
    options,
    pino.multistream([
      { ...all, stream: shown },
      { ...all, stream: file },
    ]),
  )
}

function readable(): ReturnType<typeof pretty> {
  return pretty({
    destination: 2,
    sync: true,
    translateTime: 'SYS:HH:MM:ss',
    ignore: 'pid,hostname',
    messageKey: 'event',
  })
}

export const LOG_LEVELS = ['silent', 'error', 'warn', 'info', 'debug'] as const
