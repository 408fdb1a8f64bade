import { type Coverage, decodeCoverage } from '../../../protocol/index.ts'
import { isClean } from '../../rules/judge.ts'
import { measuresCoverage } from '../../state/needed.ts'
import { round6 } from '../confidence.ts'
import type { Content } from '../content.ts'
import type { Item, Snapshot } from '../snapshot.ts'

/** How much of an original was reached: lines, and ways out of conditions. */
export interface Reached {
  lines: number
  reached: number
  branches: number
  taken: number
}

/** What the tests of an original reach of it; once, however many translations share both. */
export interface CoverageOf {
  /** The first line of the input that has this original with these tests, from 1. */
  line: number
  /** By test; null where it was not measured, which is not nothing. */
  tests: (Reached | null)[]
  /** Tests on which the original runs to its end with no flag, from 1. */
  clean: number[]
  /** Those of them that were measured, all together; null where there is none. */
  together: Reached | null
  /** Lines of the code that none of these reaches, from 1. */
  missed: number[]
}

/** Coverage over all originals of a round. */
export interface CoverageScore {
  /** Originals of the C++ side with tests, of judged cases. */
  originals: number
  /** Of these, the ones with a clean test that was measured: what follows is of them. */
  measured: number
  /** Of these, the ones of which every line was reached. */
  whole: number
  /** Clean tests of all originals, and how many of them were measured. */
  cleanTests: number
  measuredTests: number
  lines: number
  reached: number
  lineShare: number | null
  /** The mean of the originals' own shares. */
  meanLineShare: number | null
  branches: number
  taken: number
  branchShare: number | null
}

/** Reads what was decided in the coverage pass, each original with its tests once. */
export class CoverageSource {
  readonly #content: Content
  readonly #seen = new Set<string>()
  readonly #spec: Snapshot['round']['spec']

  constructor(snapshot: Snapshot, content: Content) {
    this.#content = content
    this.#spec = snapshot.round.spec
  }

  /** Null where it is not measured in this round, not known yet, or was told before. */
  async of({ line, entry, evidence, strict }: Item): Promise<CoverageOf | null> {
    const { source, programs, tests } = entry
    if (!measuresCoverage(this.#spec, source) || evidence === null || tests === 0) return null
    if (this.#seen.has(programs[source])) return null
    this.#seen.add(programs[source])
    const measured: (Coverage | null)[] = []
    const clean: number[] = []
    for (let test = 0; test < tests; test++) {
      const cell = strict[source].coverage?.cell(test) ?? null
      measured.push(cell?.status === 'success' ? decodeCoverage(await this.#content.bytes(cell.output)) : null)
      if (isClean(evidence(test)[source])) clean.push(test)
    }
    const all = together(clean.flatMap((test) => [measured[test] ?? []]).filter((one) => one.length > 0))
    return {
      line,
      tests: measured.map((coverage) => coverage && countReached(coverage)),
      clean: clean.map((test) => test + 1),
      together: all && countReached(all),
      missed: (all ?? []).flatMap(({ line, reached }) => (reached ? [] : [line])),
    }
  }
}

/**
 * What several tests of one original reach together; null where there are none. A test that had to be compiled alone may have other
 * instances of a template: of ways that do not fit together those of the first test count.
 */
function together(coverages: readonly Coverage[]): Coverage | null {
  if (coverages.length === 0) return null
  const lines = new Map<number, Coverage[number]>()
  for (const one of coverages.flat()) {
    const known = lines.get(one.line)
    lines.set(one.line, known === undefined ? one : joined(known, one))
  }
  return [...lines.values()].sort((a, b) => a.line - b.line)
}

function joined(a: Coverage[number], b: Coverage[number]): Coverage[number] {
  const fit = a.branches.length === b.branches.length
  const branches = [...a.branches].map((way, at) => (way === '1' || (fit && b.branches[at] === '1') ? '1' : '0')).join('')
  return { line: a.line, reached: a.reached || b.reached, branches }
}

function countReached(coverage: Coverage): Reached {
  const ways = coverage.map(({ branches }) => branches).join('')
  return {
    lines: coverage.length,
    reached: coverage.filter(({ reached }) => reached).length,
    branches: ways.length,
    taken: ways.replaceAll('0', '').length,
  }
}

/** Adds up originals, one after the other. */
export class CoverageTally {
  readonly #sums = { originals: 0, measured: 0, whole: 0, cleanTests: 0, measuredTests: 0 }
  readonly #reached: Reached = { lines: 0, reached: 0, branches: 0, taken: 0 }
  #shares = 0

  add({ tests, clean, together }: CoverageOf): void {
    this.#sums.originals++
    this.#sums.cleanTests += clean.length
    this.#sums.measuredTests += clean.filter((test) => tests[test - 1] !== null).length
    if (together === null) return
    this.#sums.measured++
    if (together.reached === together.lines) this.#sums.whole++
    for (const part of ['lines', 'reached', 'branches', 'taken'] as const) this.#reached[part] += together[part]
    this.#shares += together.reached / together.lines
  }

  get score(): CoverageScore {
    const { lines, reached, branches, taken } = this.#reached
    const share = (part: number, whole: number) => (whole === 0 ? null : round6(part / whole))
    return {
      ...this.#sums,
      ...{ lines, reached, lineShare: share(reached, lines), meanLineShare: share(this.#shares, this.#sums.measured) },
      ...{ branches, taken, branchShare: share(taken, branches) },
    }
  }
}
