import pino, { type Logger } from 'pino'

/** What a log line of ours holds, as far as tests look at it. */
export interface Line {
  level: number
  event?: string
  code?: string
  detail?: string
  retryMs?: number
}

/** A log whose lines can be read, and waited for. */
export function listening(level = 'debug'): { log: Logger; lines: Line[]; line: (event: string) => Promise<Line> } {
  const lines: Line[] = []
  const waiting: { event: string; resolve: (line: Line) => void }[] = []
  const write = (text: string) => {
    const line = JSON.parse(text) as Line
    lines.push(line)
    for (const { event, resolve } of waiting) if (event === line.event) resolve(line)
  }
  const line = (event: string) => {
    const past = lines.find((known) => known.event === event)
    if (past !== undefined) return Promise.resolve(past)
    const { promise, resolve } = Promise.withResolvers<Line>()
    waiting.push({ event, resolve })
    return promise
  }
  return { log: pino({ level, base: null }, { write }), lines, line }
}
