/** Numbers only the HTTP side knows: name with unit, value, reason. */

/** Rounds, cases or nodes of one answer when the visitor does not say. */
export const DEFAULT_PAGE = 50
/** Most of them in one answer, whatever is asked for. */
export const MAX_PAGE = 200
/** Cases looked at for one filtered page: bounds the cost of a filter that matches nothing; the answer says where to go on. */
export const SCAN_LIMIT = 20_000
/** The same of a round that has left memory, of which these are read each way, with their tasks: 15 KB each. */
export const CLOSED_SCAN_LIMIT = 1_000
/** Bytes of one output that a case page shows; whole outputs are in the round's files. */
export const OUTPUT_EXCERPT_BYTES = 16 * 1024
/** Bytes of outputs read from the store for one case page; what is beyond is said to be left out. */
export const OUTPUT_READ_BYTES = 8 * 1024 * 1024
/** Case pages being put together at once: each may hold a program of 4 MiB and what `OUTPUT_READ_BYTES` allows. */
export const MAX_CASE_PAGES = 8

/** Cases looked at without letting others in: a few milliseconds; of a closed round so many are held at a time, 15 KB each. */
export const WALK_CASES = 200
/** Cases of one tile of a round's matrix: a hundred thousand cases of five tests are 25 answers of 27 KB before compression. */
export const TILE_CASES = 4_096
/** Of a round of no more cases than these, figures are made anew for every answer; those of larger ones are kept a while. */
export const CHEAP_CASES = 1_000
/** How long, by case: ten times what a pass over it takes, so that counting takes a tenth of the time at most. */
export const KEPT_MS_A_CASE = 0.15
/** Answers of each such kind that are kept: a tile is at most 350 KB, most are under 30. */
export const MAX_KEPT = 64
/** Places of a kind (disagreements, flaky tests) that a round's summary names; the rest are counted. */
export const SUMMARY_PLACES = 50

/** Rounds of a lineage that are named, before and after. */
export const MAX_RELATIVES = 50
/** Things that happened lately that are told. */
export const MAX_HAPPENINGS = 30
/** Incidents that the page of a node tells; all are in the incident log. */
export const MAX_NODE_INCIDENTS = 20

/** Result files being given out at once: each is a pass over a round, whose outputs are read anew. */
export const MAX_RESULT_READERS = 2
/** Cases of a round whose files are given out here: all of them are held meanwhile, 15 KB each. Larger ones are exported by their owner. */
export const MAX_RESULT_CASES = 20_000
/** After so long a file is cut: a reader who takes nothing would keep others waiting. */
export const RESULT_MS = 600_000

/** People watching at once. Each costs a socket and at most `VIEWER_BUFFER_BYTES`. */
export const MAX_VIEWERS = 1000
/** Of these, those from one address: a household or a class room has so many. This machine's own are not counted. */
export const MAX_VIEWERS_OF_VISITOR = 32
/** Connections beside the viewers': pages, scripts, JSON. */
export const MAX_OTHER_CONNECTIONS = 500
/** Bytes waiting for a viewer beyond which it is cut: several full messages, so only who reads nothing gets there. */
export const VIEWER_BUFFER_BYTES = 256 * 1024
/** Messages kept for viewers whose connection broke: half a minute of a busy round. */
export const MAX_KEPT_MESSAGES = 64
/** Bytes of these, all together. */
export const KEPT_MESSAGES_BYTES = 1024 * 1024
/** Lengthens the time between two messages, by viewer: writing to a thousand of them takes some 20 ms, so a fiftieth of the time at most. */
export const FEED_MS_A_VIEWER = 1
/** Least time between two messages to the viewers: at most two a second. */
export const FEED_INTERVAL_MS = 500
/** A beat when nothing else was said, so that both ends notice a dead connection. */
export const HEARTBEAT_MS = 15_000
/** Rounds of one message; a viewer asks for others. */
export const MAX_FEED_ROUNDS = 20
/** How long a page is to wait between two readings of what changed: so much a viewer, so that all of them together read at most a hundred times a second. */
export const REFRESH_MS_A_VIEWER = 10
/** And never less than this. */
export const LEAST_REFRESH_MS = 1_500
/** When a viewer's browser tries again. */
export const RECONNECT_MS = 2000

/** Counting a round is cheap enough to be done anew for every answer up to here; costlier counts are reused a while. */
export const CHEAP_COUNT_MS = 5
/** A costly count is reused for this many times what it cost, so that counting takes a tenth of the time at most. */
export const COUNT_REUSE = 10

/** Requests a second of one address (of the newer kind: of one network), on the long run. */
export const VISITOR_PER_SECOND = 20
/** And so many at once: a page and what it loads are some forty, a class room behind one address opens several. */
export const VISITOR_BURST = 200
/** Addresses of which account is kept: some 200 bytes each. */
export const MAX_VISITORS = 20_000
/** Shorter answers are not compressed: they are one packet anyway. */
export const COMPRESS_BYTES = 1_024

/** A request has no body; this is what is taken before it is refused. */
export const MAX_BODY_BYTES = 1024
/** Request line and headers. */
export const MAX_HEADER_BYTES = 16 * 1024
/** Longest parameter of a path; a CID has 59 characters. */
export const MAX_PARAM_CHARS = 128
/** Whole request, from its first byte. */
export const REQUEST_MS = 10_000
/** Silence on a connection; more than two heartbeats. */
export const IDLE_MS = 60_000
