/**
 * `open`: a vote on one of its programs may still come in; `judged`: both sides are decided and nobody runs them any more;
 * `abandoned`: its round was cancelled before it was judged, and nobody runs it any more.
 */
export type Standing = 'open' | 'judged' | 'abandoned'

/** A case as the secrecy rule sees it. */
export interface SharedCase {
  programs: readonly string[]
  standing: Standing
}

/** The cases, of all rounds, that use a program. */
export type CasesOf = (program: string) => Iterable<SharedCase>

/** Tells whether what is known of a program's runs (outputs, digests, statuses, votes) may be shown. */
export type MayShow = (program: string) => boolean

/**
 * The secrecy rule: nothing of either side of a case is shown before both sides of every case that shares the
 * program are decided. Sharing is followed to its end: samples of one problem share the original, so the output of a
 * decided sample would tell what the others must print, although they share no translation.
 *
 *     A = original + first translation      judged
 *     B = original + second translation     open      -> nothing of A is shown either
 *
 * A case nobody will finish hides nothing, and shows nothing by itself. Content only: the counts of a round are public.
 * Pure; the function returned remembers what it found and is good for one moment, that is, one answer.
 */
export function secrecy(casesOf: CasesOf): MayShow {
  const known = new Map<string, boolean>()
  const shown = new Map<string, boolean>()
  return (program) => {
    if (!known.has(program)) spread(program, casesOf, known)
    if (!shown.has(program)) shown.set(program, known.get(program) === true && hasJudged(casesOf(program)))
    return shown.get(program) === true
  }
}

/** Walks everything connected with a program, and notes for all of it whether some case is open. */
function spread(start: string, casesOf: CasesOf, known: Map<string, boolean>): void {
  const reached = new Set([start])
  let settled = true
  for (const program of reached) {
    for (const { programs, standing } of casesOf(program)) {
      if (standing === 'open') settled = false
      for (const other of programs) reached.add(other)
    }
  }
  for (const program of reached) known.set(program, settled)
}

function hasJudged(cases: Iterable<SharedCase>): boolean {
  for (const { standing } of cases) if (standing === 'judged') return true
  return false
}
