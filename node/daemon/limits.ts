/** Numbers only the daemon knows: name with unit, value, reason. */

/** A command's body: a few words. */
export const MAX_COMMAND_BYTES = 4 * 1024
/** Connections to the socket or the page at a time: a person, a script, a page in some tabs. */
export const MAX_LOCAL_CONNECTIONS = 32
/** A whole request from its first byte. */
export const LOCAL_REQUEST_MS = 10_000
/** Runs of one answer. */
export const MAX_RUNS_SHOWN = 500
/** Runs looked at for one answer: bounds the cost of a question for what is rare. */
export const RUNS_LOOKED_AT = 5_000
/** Longest answer a command waits for or reads. */
export const LOCAL_ANSWER_MS = 30_000
export const MAX_LOCAL_ANSWER_BYTES = 64 * 1024 * 1024
/** Bytes of one file of the log; there are two, the elder of which goes when the other is full. */
export const LOG_FILE_BYTES = 4 * 1024 * 1024
/** Lines of the log in one answer. */
export const MAX_LOG_LINES = 10_000
