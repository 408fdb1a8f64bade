/** What happened, as one line: its name, and what belongs to it. */
export interface JournalLine {
  event: string
  /** Why, as one word of a fixed set. */
  code?: string
  [detail: string]: unknown
}

type Write = (line: JournalLine) => void

/** Where the coordinator says what happens: one object a line. A pino logger is one. */
export interface Journal {
  debug: Write
  info: Write
  warn: Write
  error: Write
}

/**
 * A journal that also counts what it is told, whatever level is written. Lines of `debug` repeat others with their details
 * and are not counted.
 */
export function counted(journal: Journal, count: (event: string, code: string) => void): Journal {
  const counting =
    (write: Write): Write =>
    (line) => {
      count(line.event, line.code ?? '')
      write(line)
    }
  return {
    debug: (line) => journal.debug(line),
    info: counting((line) => journal.info(line)),
    warn: counting((line) => journal.warn(line)),
    error: counting((line) => journal.error(line)),
  }
}
