/** Longest n-grams that are compared. */
const MAX_N = 4

/** Most tokens of a text that is compared: the longest real kernels have some thousands. A longer one has no score. */
export const MAX_TOKENS = 20_000

/** What BLEU is made of: how many n-grams (n from 1) match, of how many, and the lengths of both texts in tokens. */
export interface Matches {
  matched: number[]
  possible: number[]
  candidate: number
  reference: number
}

/**
 * The tokens of code: every run of letters, digits and underscores is one, and every other character that is not white space.
 * So layout says nothing, and comments are text like all other.
 */
export function* tokensOf(code: string): Generator<string> {
  for (const [token] of code.matchAll(/[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_]/gu)) yield token
}

/**
 * Counts the n-grams of a translation that stand in the reference, each as often as there at most.
 * @returns null where one of them has more than `MAX_TOKENS` tokens
 */
export function matchesOf(translation: string, reference: string): Matches | null {
  const [candidate, wanted] = [firstTokens(translation), firstTokens(reference)]
  if (candidate === null || wanted === null) return null
  const matches: Matches = { matched: [], possible: [], candidate: candidate.length, reference: wanted.length }
  for (let n = 1; n <= MAX_N; n++) {
    const known = nGrams(wanted, n)
    let matched = 0
    for (const [gram, count] of nGrams(candidate, n)) matched += Math.min(count, known.get(gram) ?? 0)
    matches.matched.push(matched)
    matches.possible.push(Math.max(0, candidate.length - n + 1))
  }
  return matches
}

/** All tokens; null where there are too many. */
function firstTokens(code: string): string[] | null {
  const tokens: string[] = []
  for (const token of tokensOf(code)) if (tokens.push(token) > MAX_TOKENS) return null
  return tokens
}

function nGrams(tokens: readonly string[], n: number): Map<string, number> {
  const grams = new Map<string, number>()
  for (let at = 0; at + n <= tokens.length; at++) {
    // No token holds a blank.
    const gram = tokens.slice(at, at + n).join(' ')
    grams.set(gram, (grams.get(gram) ?? 0) + 1)
  }
  return grams
}

/** The counts of several texts together. */
export function addMatches(a: Matches, b: Matches): Matches {
  const added = (x: readonly number[], y: readonly number[]) => x.map((value, at) => value + (y[at] ?? 0))
  return {
    matched: added(a.matched, b.matched),
    possible: added(a.possible, b.possible),
    candidate: a.candidate + b.candidate,
    reference: a.reference + b.reference,
  }
}

/**
 * BLEU-4 of one text or of a corpus, from 0 to 1 (Papineni et al., "BLEU: a Method for Automatic Evaluation of Machine Translation", ACL
 * 2002): the geometric mean of the precisions for n = 1 to 4, times exp(1 - r/c) where the translation, of c tokens, is
 * shorter than the reference, of r.
 * @param smooth adds one to both counts from n = 2 on (Lin and Och, "ORANGE", COLING 2004), for single texts, of which most would
 *   be 0 for want of one common 4-gram. A corpus is not smoothed.
 */
export function bleu({ matched, possible, candidate, reference }: Matches, { smooth }: { smooth: boolean }): number {
  if (candidate === 0) return 0
  let logarithms = 0
  for (const [at, count] of matched.entries()) {
    const added = smooth && at > 0 ? 1 : 0
    const precision = (count + added) / ((possible[at] as number) + added)
    if (!(precision > 0)) return 0
    logarithms += Math.log(precision) / MAX_N
  }
  const brevity = candidate < reference ? 1 - reference / candidate : 0
  return Math.exp(brevity + logarithms)
}
