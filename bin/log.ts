import pino, { type Logger } from 'pino'
import pretty from 'pino-pretty'

/** Logs go to standard error: one JSON object a line, or readable lines on a terminal. */
export function makeLog(level: string): Logger {
  if (!process.stderr.isTTY) return pino({ level, base: null }, pino.destination({ fd: 2, sync: true }))
  const stream = pretty({
    destination: 2,
    sync: true,
    translateTime: 'SYS:HH:MM:ss',
    ignore: 'pid,hostname',
    messageKey: 'event',
  })
  return pino({ level, base: null, messageKey: 'event' }, stream)
}

export const LOG_LEVELS = ['silent', 'error', 'warn', 'info', 'debug'] as const
