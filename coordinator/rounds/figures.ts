import type { ExecutorName, KindFigures, Pass, RoundSpec, SwarmFigures } from '../../protocol/index.ts'
import type { Ledger } from '../ledger.ts'
import { costOf } from '../rules/spending.ts'
import { exposure } from '../sight.ts'
import { type RoundEntry, type TaskEntry, taskKeys } from '../state/model.ts'
import type { Presence } from '../view.ts'
import { recalled } from '../views/recalled.ts'

/** The latest rounds that are looked at, and judged cases of them all together: enough for a mean, and read in a moment. */
const MOST_ROUNDS = 20
const MOST_CASES = 1_000

/**
 * What a round with these terms has come to cost here: from the judged cases of the latest rounds with the same executor and passes.
 * Of rounds that hide that they are there only the owner's own are looked at.
 */
export async function figuresFor(
  ledger: Ledger,
  owner: string,
  spec: RoundSpec,
  present: readonly Presence[],
): Promise<SwarmFigures> {
  const able = present.filter(({ executors }) => executors.has(spec.executor) || executors.has('host'))
  const tally = new Tally(spec)
  for (const round of latestLike(ledger, owner, spec)) {
    if (tally.cases >= MOST_CASES) break
    await tally.look(ledger, round)
  }
  return { ...tally.figures(), nodes: able.length, slots: able.reduce((sum, { slots }) => sum + slots, 0) }
}

function latestLike({ state }: Ledger, owner: string, spec: RoundSpec): RoundEntry[] {
  const passes = [...spec.passes].sort().join()
  const like = state
    .allRounds()
    .filter((round) => round.spec.executor === spec.executor && [...round.spec.passes].sort().join() === passes)
    .filter((round) => round.judged > 0 && (round.owner === owner || exposure(round) !== 'nothing'))
  return like.reverse().slice(0, MOST_ROUNDS)
}

/** Sums over tasks, each counted once. */
class Tally {
  readonly #policy: string
  readonly #seen = new Set<string>()
  readonly #kinds = new Map<string, KindFigures>()
  readonly #same = { tasks: 0, verdicts: 0 }
  #rounds = 0
  cases = 0

  constructor({ policy }: RoundSpec) {
    this.#policy = JSON.stringify(Object.entries(policy).sort())
  }

  async look(ledger: Ledger, round: RoundEntry): Promise<void> {
    const { round: whole, source } = await recalled(ledger, round, { from: 0, to: MOST_CASES - this.cases })
    const isSame = JSON.stringify(Object.entries(round.spec.policy).sort()) === this.#policy
    const before = this.cases
    for (const item of whole.cases) {
      if (this.cases >= MOST_CASES) break
      if (item === undefined || item.judgement === null) continue
      this.cases++
      for (const key of taskKeys(item)) this.#add(source.tasks.get(key), isSame)
    }
    if (this.cases > before) this.#rounds++
  }

  figures(): Pick<SwarmFigures, 'rounds' | 'cases' | 'kinds' | 'samePolicy'> {
    return { rounds: this.#rounds, cases: this.cases, kinds: [...this.#kinds.values()], samePolicy: { ...this.#same } }
  }

  #add(entry: TaskEntry | undefined, isSame: boolean): void {
    if (entry === undefined || entry.givenUp !== null || this.#seen.has(entry.key)) return
    this.#seen.add(entry.key)
    const kind = this.#kindOf(entry.task)
    kind.tasks++
    kind.verdicts += entry.votes.length
    for (const { givenAt, deadlineAt, at, resources } of entry.votes) {
      const cost = costOf({ executor: kind.executor, givenAt, deadlineAt, endedAt: at, said: resources })
      kind.cpuMs += Math.round(cost.cpuMs)
      kind.gpuMs += Math.round(cost.gpuMs)
    }
    if (!isSame) return
    this.#same.tasks++
    this.#same.verdicts += entry.votes.length
  }

  #kindOf({ executor, pass }: { executor: ExecutorName; pass: Pass }): KindFigures {
    const name = `${executor}/${pass}`
    const known = this.#kinds.get(name)
    if (known !== undefined) return known
    const fresh = { executor, pass, tasks: 0, verdicts: 0, cpuMs: 0, gpuMs: 0 }
    this.#kinds.set(name, fresh)
    return fresh
  }
}
