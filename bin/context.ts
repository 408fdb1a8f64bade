/** What a command needs of the process. */
export interface Context {
  signal: AbortSignal
  /** Set by a command that did not finish. */
  exitCode: number
}
