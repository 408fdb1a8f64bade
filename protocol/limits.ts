/**
 * Every number the rooms agree on, in one place: name with unit, value, reason.
 * Queues and time limits that only one room knows stay in that room.
 */

/** Longest accepted line of a case file. The longest real cases seen are under 20 KB; 4 MiB is room for generated tables. */
export const MAX_LINE_BYTES = 4 * 1024 * 1024
/** How much longer text may be than its gzip form: twenty samples of one function come to some 60 times, an empty file to 1,030. */
export const MAX_GZIP_RATIO = 250
/** Most tests one case may carry. The reference asks its Tester for five. */
export const MAX_TESTS_PER_CASE = 64
/** Largest wire message: one program as large as a line may be, and its frame. */
export const MAX_MESSAGE_BYTES = MAX_LINE_BYTES + 64 * 1024
/** Deepest nesting of a wire message or signed payload. Ours need five; the decoder would overflow the stack at about 20,000. */
export const MAX_CBOR_DEPTH = 16
/** Most bytes of standard output kept of one test; more ends it as `output_limit`. */
export const MAX_OUTPUT_BYTES = 1024 * 1024
/** Outputs travel in pieces of this size, so that verdicts of other tasks are not held up behind them. */
export const OUTPUT_CHUNK_BYTES = 256 * 1024

/** Wall time of one test, as in the reference. A round may ask for less. */
export const DEFAULT_TEST_WALL_MS = 60_000
/** Most wall time a round may ask for a test. */
export const MAX_TEST_WALL_MS = 10 * 60_000
/** Wall time of one compile: thirty times the slowest honest one seen (nvcc, 3.8 s). */
export const COMPILE_WALL_MS = 120_000
/** Memory of one test, all its processes together. */
export const DEFAULT_TEST_MEMORY_BYTES = 2 * 1024 ** 3
/** Most memory a round may ask for a test: no volunteer has more to give, and unlimited is no limit. */
export const MAX_TEST_MEMORY_BYTES = 64 * 1024 ** 3
/** Memory of one compile: cc1plus on honest cases stays under 0.4 GiB, a C3 bomb is cut here. */
export const COMPILE_MEMORY_BYTES = 2 * 1024 ** 3
/** Largest compiled program that is kept; honest ones are under 4 MiB. */
export const MAX_PRODUCT_BYTES = 64 * 1024 * 1024

/** Most replicas of one task a round may ask for. */
export const MAX_REPLICAS = 15
/** Bounds of the confidence a round may ask for: at one half a coin would do; past six nines the checks cost more than the work. */
export const MIN_CONFIDENCE = 0.5
export const MAX_CONFIDENCE = 0.999999
/** Bounds of the share of saboteurs it may assume: against none there is nothing to check, against half of all nobody can tell. */
export const MIN_SABOTEURS = 0.001
export const MAX_SABOTEURS = 0.45
/** Most answers to one task a round that asks for confidence may allow: a third of saboteurs can be outvoted with that. */
export const MAX_CONFIDENCE_REPLICAS = 64
/** Highest priority of a round; 0 is the lowest. Ten steps are more than one researcher keeps apart. */
export const MAX_PRIORITY = 9
/** Most operators a round may want to have tried before a task that none could run ends undecided. */
export const MAX_GIVE_UP_AFTER = 50
/** Added to a task's own time when its deadline is set: travel, a queue on the node, a slow disk. */
export const ASSIGNMENT_GRACE_MS = 30_000
/** A node that went away has this long to come back before its assignments are given to others. */
export const NODE_ABSENCE_MS = 10_000
/**
 * How often a node says that it is alive and what it runs, and is answered: often enough to see who is gone within a minute or
 * so, seldom enough to cost nothing. Whatever of that the coordinator does not know, or has taken back, it is told again to
 * stop: so what was withdrawn runs no longer than this, a connection given, also where the word itself was lost.
 */
export const NODE_HEARTBEAT_MS = 20_000
/** Most assignments one node may hold at a time, whatever it asks for. */
export const MAX_CREDITS = 64
/** Cases a researcher may send before waiting for an acknowledgement. */
export const CASES_WINDOW = 64

/** Most seconds a round may set itself as a limit: a thousand years of one processor, and still an exact number of milliseconds. */
export const MAX_CAP_SECONDS = 31_536_000_000
/** Files of cases that may be added to one round after its first: each is remembered, so that none is added twice. */
export const MAX_ADDITIONS = 1_000

/** Longest name that an owner may give a node, in UTF-16 units: a few words, shown in lists. */
export const MAX_NODE_NAME_CHARS = 40
/** Longest owner's certificate that is read; ours have under 250 bytes. */
export const MAX_CERTIFICATE_BYTES = 512
/** How long a certificate holds unless its owner says otherwise, and at most: a key that was lost is not believed for ever. */
export const DEFAULT_CERTIFICATE_MS = 365 * 86_400_000
export const MAX_CERTIFICATE_MS = 2 * DEFAULT_CERTIFICATE_MS
/** How far the clock of an owner's machine may be ahead of the coordinator's before the longest term is refused. */
export const CERTIFICATE_CLOCK_MS = 86_400_000

/** Whoever has said nothing for so long, node or coordinator, is gone: three heartbeats were lost. */
export const SILENCE_MS = 3 * NODE_HEARTBEAT_MS

/**
 * New connections a second a coordinator takes, from everywhere together: a handshake takes some milliseconds of its processor,
 * so this is a third of one core, and the rest is for those who are there. The others come back, each after a wait of its own.
 */
export const ARRIVALS_PER_SECOND = 50
/** Verdicts a node keeps that were not acknowledged; with more it asks for no work: its coordinator, or its line, is behind. */
export const MAX_UNACKNOWLEDGED = 2 * MAX_CREDITS

/** Verdicts whose outcome a node asks for at a time: what comes in some minutes, and one signature for all of them. */
export const MAX_ASKED = 64
/** Rounds named with an assignment: what several rounds share is of one researcher mostly. */
export const MAX_ORIGINS = 4

/** Time limits of a remote call, by phase: until it is connected and a stream is open. */
export const DIAL_MS = 10_000
/** Until a peer that is sent something takes some of it; one that does not is cut. */
export const SEND_MS = 30_000
/** Until an answer comes. */
export const REPLY_MS = 30_000
