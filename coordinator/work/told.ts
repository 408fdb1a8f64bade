import type { PrivateKey } from '@libp2p/interface'
import {
  type FromNode,
  MAX_ORIGINS,
  type Origin,
  type Outcome,
  type Receipted,
  type Reputation,
  signReceipt,
  type ToNode,
} from '../../protocol/index.ts'
import type { Ledger } from '../ledger.ts'
import { disagrees } from '../rules/ballot.ts'
import { mayShowOf } from '../sharing.ts'
import { exposure } from '../sight.ts'
import type { TaskEntry } from '../state/model.ts'
import type { State } from '../state/state.ts'

/** Who asks. */
export interface Asker {
  node: string
  operator: string
}

type Asked = Extract<FromNode, { t: 'ask' }>['verdicts']

/**
 * What a node is told that asks how it stands and what became of its verdicts:
 *
 * 1. its own counts, as the page shows them, and its operator's standing;
 * 2. of each verdict, whether it is what was decided, once that may be shown to anybody: before, two nodes that know each other
 *    could learn from it what others have said;
 * 3. one receipt for those of them that it returned and that were accepted.
 */
export async function answerAsk(
  { ledger, key, now }: { ledger: Ledger; key: PrivateKey; now: number },
  asker: Asker,
  asked: Asked,
): Promise<Extract<ToNode, { t: 'told' }>> {
  const accepted: Receipted[] = []
  for (const { nonce } of asked) {
    const past = await ledger.past(nonce)
    if (past?.node === asker.node && past.verdict !== undefined) accepted.push({ nonce, verdict: past.verdict })
  }
  const receipt =
    accepted.length === 0 ? {} : { receipt: await signReceipt(key, { v: 1, node: asker.node, at: now, verdicts: accepted }) }
  const left = await ledger.recall(new Map(asked.map(({ task }) => [task, task])))
  // Nothing is waited for from here: what may be shown is judged as of now.
  const outcomes = asked.map((one) => outcomeOf(ledger.state, asker, one, left))
  return { t: 'told', reputation: reputationOf(ledger.state, asker), outcomes, ...receipt }
}

function outcomeOf(state: State, { node }: Asker, { nonce, task }: Asked[number], left: readonly TaskEntry[]): Outcome {
  const live = [...(state.named.get(task) ?? [])].flatMap((one) => state.tasks.get(one) ?? [])
  for (const entry of [...live, ...left]) {
    if (entry.arrivals.some(({ vote }) => vote.nonce === nonce && vote.node === node))
      return { nonce, outcome: 'open', tests: [] }
    const vote = entry.votes.find((one) => one.nonce === nonce && one.node === node)
    if (vote === undefined) continue
    const { state: stands, cells } = entry.ballot
    if ((stands !== 'decided' && stands !== 'undecided') || !mayTell(state, entry)) return { nonce, outcome: 'open', tests: [] }
    const tests = disagrees(vote, cells)
    if (tests.length > 0) return { nonce, outcome: 'disagreed', tests }
    return { nonce, outcome: cells.every((cell) => cell === null) ? 'undecided' : 'agreed', tests: [] }
  }
  return { nonce, outcome: 'unknown', tests: [] }
}

function mayTell(state: State, entry: TaskEntry): boolean {
  const isExposed = entry.rounds.some((id) => {
    const round = state.roundNamed(id)
    return round !== undefined && exposure(round) !== 'nothing'
  })
  return isExposed && mayShowOf(state, entry)
}

function reputationOf({ nodes, trust }: State, { node, operator }: Asker): Reputation {
  const { verdicts = 0, agreed = 0, disagreed = 0, declined = 0, expired = 0 } = nodes.get(node) ?? {}
  return { standing: trust.operators.standingOf(operator), verdicts, agreed, disagreed, declined, expired }
}

/** The rounds an assignment is named with: those of which others may know that there are. */
export function originsOf(state: Pick<State, 'roundNamed'>, { rounds }: Pick<TaskEntry, 'rounds'>): Origin[] {
  const origins: Origin[] = []
  for (const id of rounds) {
    const round = state.roundNamed(id)
    if (round === undefined || exposure(round) === 'nothing') continue
    const { owner: researcher, spec } = round
    if (!origins.some((one) => one.label === spec.name && one.researcher === researcher)) {
      origins.push({ label: spec.name, researcher })
    }
    if (origins.length === MAX_ORIGINS) break
  }
  return origins
}
