import type { Environment } from '../../protocol/index.ts'
import type { CellVote } from '../rules/ballot.ts'

/** Distinct environments and classes held at once; beyond that all are forgotten, and those still in use are met again. */
const MOST_SHARED = 10_000

const NO_FINDINGS: CellVote['findings'] = []

/** Lets what is said alike be held once: environments over all votes, judgements over all cases, cells over the votes of one task. */
export class Interning {
  readonly #environments = new Map<string, Environment>()
  readonly #words = new Map<string, string>()
  readonly #sayings = new Map<string, unknown>()

  environment(environment: Environment): Environment {
    return shared(this.#environments, JSON.stringify(environment), environment)
  }

  word(word: string): string {
    return shared(this.#words, word, word)
  }

  /** Something that is never changed and that many cases have alike, such as that all their tests passed. */
  saying<T>(said: T): T {
    return shared(this.#sayings, JSON.stringify(said), said) as T
  }

  /** A vote's cells, those that an earlier vote has said in the same words being that vote's. */
  cells(said: readonly CellVote[], votes: readonly { cells: readonly CellVote[] }[]): readonly CellVote[] {
    const found = said.map((cell, test) => votes.find(({ cells }) => isAlike(cells[test], cell))?.cells[test] ?? this.#cell(cell))
    return (
      votes.find(({ cells }) => cells.length === found.length && cells.every((cell, test) => cell === found[test]))?.cells ??
      found
    )
  }

  /** A cell that holds nothing twice: most print no addresses, so that both forms are one, and most have nothing found. */
  #cell({ status, output, compat, masked, findings }: CellVote): CellVote {
    return {
      status: this.word(status) as CellVote['status'],
      output,
      compat,
      masked: masked === compat ? compat : masked,
      findings: findings.length === 0 ? NO_FINDINGS : findings,
    }
  }
}

/** Whether two cells hold the same, to the last word. */
export function isAlike(a: CellVote | undefined, b: CellVote): boolean {
  if (a === undefined || a.status !== b.status || a.output !== b.output) return false
  if (a.compat !== b.compat || a.masked !== b.masked || a.findings.length !== b.findings.length) return false
  return a.findings === b.findings || a.findings.length === 0 || JSON.stringify(a.findings) === JSON.stringify(b.findings)
}

function shared<T>(held: Map<string, T>, key: string, value: T): T {
  const known = held.get(key)
  if (known !== undefined) return known
  if (held.size >= MOST_SHARED) held.clear()
  held.set(key, value)
  return value
}
