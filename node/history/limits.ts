/** Numbers only the node's history knows: name with unit, value, reason. */

/** How long what ran is kept unless its owner says otherwise. */
export const HISTORY_MS = 30 * 24 * 60 * 60_000
/** Most bytes of it: some ten thousand programs with what they put out. */
export const HISTORY_BYTES = 256 * 1024 * 1024
/** Most bytes of receipts; they are kept however old they are: a hundred bytes a verdict. */
export const RECEIPT_BYTES = 32 * 1024 * 1024
/** Of what one test wrote, bytes kept. */
export const EXCERPT_BYTES = 4 * 1024
/** Verdicts of which it is waited to learn what became of them, those of last; beyond it nobody asks. */
export const OPEN_VERDICTS = 4_096
/** Changes that wait to be written; more than that are dropped, and counted: a disk that fails must not fill memory. */
export const WAITING_CHANGES = 1_024
/** Records deleted in one batch when it is pruned. */
export const PRUNED_AT_ONCE = 64
