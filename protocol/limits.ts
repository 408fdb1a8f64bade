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
/** Longest deadline of an assignment: what a timer can wait; the longest of ours are some 32 hours. */
export const MAX_DEADLINE_MS = 2 ** 31 - 1
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
/** The same of a node that has answered nothing yet; each verdict of its is room for one more. */
export const FIRST_CREDITS = 4
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

/** Whoever has said nothing for so long, node or coordinator, is gone: two heartbeats were lost. Looked at every few seconds, that is noticed in under a minute. */
export const SILENCE_MS = 45_000

/**
 * New connections a second a coordinator takes, from everywhere together: a handshake takes some milliseconds of its processor,
 * so this is a third of one core, and the rest is for those who are there. The others come back, each after a wait of its own.
 */
export const ARRIVALS_PER_SECOND = 50
/** Connections a coordinator holds at once; each is a descriptor, and some 40 KB. */
export const MAX_CONNECTIONS = 2_000
/** Of these, those that peers who have done nothing for it yet may take all together. */
export const MAX_STRANGERS = 1_500
/** Connections from one address (IPv4) or /64 (IPv6): a household, or a lab behind one router, fits; nobody takes all there are. */
export const MAX_CONNECTIONS_PER_ADDRESS = 128
/** Connections of one key: a node and a researcher on it, direct and relayed, each with a dead one that was not noticed yet. */
export const MAX_CONNECTIONS_PER_PEER = 8
/** Handshakes under way at once. Silent ones cost memory and ten seconds of patience; `ARRIVALS_PER_SECOND` bounds those that cost more. */
export const MAX_HANDSHAKES = 512
/** The same from one address. */
export const MAX_HANDSHAKES_PER_ADDRESS = 16
/** New connections a second from one address, and as many at once. */
export const ARRIVALS_PER_ADDRESS_PER_SECOND = 10
/** A relay counts as so many addresses: all who come through it are one place. */
export const PLACES_BEHIND_RELAY = 8
/** What a visit counts as that came to nothing, in arrivals: who storms a coordinator is admitted at a fifth of the rate. */
export const IDLE_VISIT_ARRIVALS = 5
/** Streams a peer may have open on one connection, whatever they are for: ours need four. */
export const MAX_STREAMS_PER_CONNECTION = 32
/** Streams a second a peer may open on one connection, and four times as many at once. More ends the connection. */
export const STREAMS_PER_SECOND = 8
/** Messages a second that are read of one peer; ten seconds' worth are saved up. What an accepted verdict took is given back. */
export const MESSAGES_PER_SECOND = 200
/** The same of all peers together that have done nothing yet for this coordinator. */
export const STRANGERS_MESSAGES_PER_SECOND = 1_000
/** Bytes a second, as they come from the network, that are read of one peer that has done nothing yet; 16 seconds' worth are saved up. */
export const STRANGER_BYTES_PER_SECOND = 256 * 1024
/** The same of all of these together. */
export const STRANGERS_BYTES_PER_SECOND = 1024 * 1024
/** Bytes a second that are read of any other peer: eight such fill a fast line. */
export const PEER_BYTES_PER_SECOND = 32 * 1024 * 1024
/** Breaches of the protocol by one key after which it is banned for a while. One may be a fault, or another version. */
export const OFFENCES_OF_PEER = 3
/** The same from one address by keys that have done nothing yet; these alone are kept out then. */
export const OFFENCES_OF_ADDRESS = 20
/** Within so long they have to be. */
export const OFFENCE_MS = 10 * 60_000
/** How long the first ban lasts; each further one within a day twice as long as the one before. */
export const FIRST_BAN_MS = 60_000
/** And at most. */
export const LONGEST_BAN_MS = 60 * 60_000
/** Keys and addresses of which offences, bans or good deeds are remembered, those heard of last. */
export const MAX_REMEMBERED_PEERS = 10_000
/** A connection on which nobody speaks a protocol of ours is closed after so long. */
export const IDLE_CONNECTION_MS = 2 * 60_000
/** Rounds of one researcher that have not ended: more of them wait for each other anyway. */
export const MAX_LIVE_ROUNDS = 256
/** The same of all researchers together. */
export const MAX_ALL_LIVE_ROUNDS = 4_096

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

/** How often whoever is reached through a relay asks it whether it is there: with the answer's time limit, a dead path is noticed in under half a minute. */
export const RELAY_CHECK_MS = 10_000
/** Until a relay, or another peer that is asked whether it is there, answers. */
export const ANSWER_MS = 10_000
/** How long one connection through a relay lasts: a day, then the node connects anew and loses nothing. */
export const RELAYED_MS = 86_400_000
/** How much passes through one connection of a relay: some ten million programs or verdicts; a relay's traffic is paid by somebody. */
export const RELAYED_BYTES = 64 * 1024 ** 3
/** Most connections a relay hands to one peer at a time; a relayed connection is a stream there, and a muxer has a thousand of them. */
export const MAX_RELAYED = 900
/** Most peers that are reached through one relay. */
export const MAX_RESERVATIONS = 128
/** How long a place at a relay holds; libp2p renews it five minutes before. */
export const RESERVATION_MS = 2 * 60 * 60_000
/** Most addresses that one coordinator is looked for at. */
export const MAX_ADDRESSES = 16

/** Largest announcement of a coordinator: what it says of 64 rounds, with room. */
export const MAX_ANNOUNCEMENT_BYTES = 64 * 1024
/** Most rounds one announcement is about: those that go on first, then those that ended last. */
export const MAX_ANNOUNCED_ROUNDS = 64
/** No announcement follows another sooner, whatever happens; others do not pass them on. */
export const ANNOUNCE_PAUSE_MS = 5_000
/** One comes at least so often. */
export const ANNOUNCE_EVERY_MS = 15_000
/** One that is older says nothing any more. */
export const ANNOUNCEMENT_AGE_MS = 10 * 60_000
/** How far the clock of a coordinator may be ahead of a reader's. */
export const ANNOUNCEMENT_CLOCK_MS = 5 * 60_000
/** Most coordinators one reader, or relay, keeps apart; of those heard of last. */
export const MAX_ANNOUNCERS = 256
/** How long coordinators on a LAN are looked for, before they are listed. */
export const LAN_LOOK_MS = 5_000
