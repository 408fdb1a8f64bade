import type { CellVote } from '../../../coordinator/rules/ballot.ts'
import { fixed } from '../engine/random.ts'
import { type Asked, type Behaviour, honest, lieAbout } from './behaviour.ts'

/** Who attacks, by the names the scenarios use. A ring's members are made by one call, so that they may share what they know. */
export const ADVERSARIES = {
  /** N1: another answer every time. */
  random: () => liar(randomLie),
  /** N2: all tell the same lie about the same task. */
  collusion: () => liar(agreedLie),
  /** N3: says what the first vote on the task says, as if secrecy had failed; guesses where there is none. */
  copier: () => ({
    ...honest,
    healthy: false,
    effort: 0.02,
    answer: ({ entry, guess }: Asked) => entry.votes[0]?.cells ?? guess,
  }),
  /** N4: runs nothing and says that the translation does what the original does. */
  lazy: () => ({ ...honest, healthy: false, effort: 0.02, answer: ({ guess }: Asked) => guess }),
  /** N5: honest for a while, then lies, each by itself. */
  turncoat: () => liar((asked) => (asked.answered < HONEST_FOR ? asked.ran : randomLie(asked))),
  /** N5: honest for a while, then all of the ring tell the same lie from the same moment on. */
  'turncoat-ring': () => turncoatRing(),
  /** N5: honest for a while, then one lie in so many answers: as many as get past the checks most often. */
  sly: () => liar((asked) => (asked.answered < HONEST_FOR || !asked.random.chance(SLY_SHARE) ? asked.ran : agreedLie(asked))),
  /** N6: lies about one researcher's programs only, whose names begin with what `TARGET` says. */
  targeted: () => liar((asked) => (asked.entry.task.program.startsWith(TARGET) ? agreedLie(asked) : asked.ran)),
  /** N7: takes work and never answers. */
  silent: () => ({ ...honest, healthy: false, answer: () => null }),
  /** N8: answers once, then sends that verdict again for every task. */
  replayer: () => ({ ...honest, healthy: false, wire: 'replayed' as const }),
  /** N9: signs with a key that is not the node's. */
  'wrong-key': () => ({ ...honest, healthy: false, wire: 'foreign-key' as const }),
  /** N10: honest, and its memory turns some cell over now and then. */
  'bad-memory': () => ({ ...honest, healthy: false, answer: flipping }),
  /** N11: another compiler than it says: the same wrong answer for some programs, on every such machine. */
  'wrong-toolchain': () => ({ ...honest, healthy: false, answer: miscompiled }),
  /** N12: one operator, hundreds of keys: the lie is the same under each. The population gives them one operator. */
  sybil: () => liar(agreedLie),
  /** N13: frames that are malformed, oversized or nested without end. */
  garbage: () => ({ ...honest, healthy: false, wire: 'garbage' as const }),
  /** N14: a clock that is hours off; what it says is right. */
  'wrong-clock': () => ({ ...honest, wire: 'sealed' as const, clockOffMs: 5 * 3_600_000 }),
} satisfies Record<string, () => Behaviour>

export type AdversaryName = keyof typeof ADVERSARIES

/** Answers before a turncoat lies: beyond the 200 checks that TRUST's sleeper waits for. */
const HONEST_FOR = 200
/** With m checks a batch, lying in about one answer of m pays most; m is 21 at f = .05. */
const SLY_SHARE = 0.05
const FLIPPED_SHARE = 0.02
const MISCOMPILED_SHARE = 0.1
/** Programs of the second round, which another researcher owns, begin so. */
export const TARGET = 'target'

function liar(answer: Behaviour['answer']): Behaviour {
  return { ...honest, healthy: false, answer }
}

function randomLie({ ran, random }: Asked): CellVote[] {
  return ran.map((cell) => lieAbout(cell, `lie ${random.integer(2 ** 31)}`))
}

function agreedLie({ ran, entry }: Asked): CellVote[] {
  return ran.map((cell, test) => lieAbout(cell, `lie/${entry.id}/${test}`))
}

function turncoatRing(): Behaviour {
  const members = new Map<string, number>()
  return liar((asked) => {
    members.set(asked.node, asked.answered)
    const together = [...members.values()].every((answered) => answered >= HONEST_FOR)
    return together ? agreedLie(asked) : asked.ran
  })
}

function flipping({ ran, random }: Asked): CellVote[] {
  return ran.map((cell) => (random.chance(FLIPPED_SHARE) ? lieAbout(cell, `flipped ${random.integer(2 ** 31)}`) : cell))
}

function miscompiled({ ran, entry }: Asked): readonly CellVote[] {
  const { program } = entry.task
  return fixed(`${program}/miscompiled`) < MISCOMPILED_SHARE
    ? ran.map((cell, test) => lieAbout(cell, `other/${program}/${test}`))
    : ran
}
