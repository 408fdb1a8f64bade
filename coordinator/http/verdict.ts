import { DOMAINS, open, type Side, UnsignedVerdict } from '../../protocol/index.ts'
import type { Ledger } from '../ledger.ts'
import { secrecy } from '../rules/secrecy.ts'
import { casesWith } from '../sharing.ts'
import { everybody } from '../sight.ts'
import type { TaskEntry } from '../state/model.ts'
import type { Catalogue } from './catalogue.ts'
import { Refusal } from './refusal.ts'

/** Uses of a verdict that are listed; a program shared by thousands of cases needs no more of them here. */
const MAX_USES = 20

export interface VerdictDetail {
  cid: string
  /** Peer id of the node that signed. */
  signer: string
  at: number
  /** The signed envelope, byte for byte as it came, in base64. */
  envelope: string
  /** What the envelope says. */
  value: UnsignedVerdict
  program: string
  uses: { round: string; line: number; side: Side }[]
}

/**
 * A signed verdict by the name of its payload.
 * @throws Refusal `not-found` when no accepted verdict of a round that shows its content has this name, `sealed` while it may not be shown
 */
export async function verdictDetail(ledger: Ledger, catalogue: Catalogue, cid: string): Promise<VerdictDetail> {
  const envelope = await ledger.store.blob(cid)
  const opened = envelope === undefined ? null : await open(envelope, DOMAINS.verdict, UnsignedVerdict).catch(() => null)
  const named = opened === null ? [] : await catalogue.tasksNamed(opened.value.task)
  // Nothing is waited for from here: what may be shown is judged as of now.
  const { sees } = everybody(ledger.state)
  const entry = taskIn(named, cid, sees)
  if (envelope === undefined || opened === null || entry === undefined) {
    throw new Refusal('not-found', 'no accepted verdict has this name')
  }
  const mayShow = secrecy(casesWith(ledger.state, entry))
  if (entry.ballot.state === 'open' || !mayShow(entry.task.program)) {
    throw new Refusal('sealed', 'shown when all cases that share its program are judged')
  }
  const vote = entry.votes.find(({ verdict }) => verdict === cid)
  return {
    cid,
    signer: opened.signer,
    at: vote?.at ?? 0,
    envelope: Buffer.from(envelope).toString('base64'),
    value: opened.value,
    program: entry.task.program,
    uses: usesOf(entry, sees).map(({ round, index, side }) => ({ round, line: index + 1, side })),
  }
}

/** Those in rounds that show their content. */
function usesOf({ users }: TaskEntry, sees: (round: string) => boolean): TaskEntry['users'] {
  const uses: TaskEntry['users'] = []
  for (const user of users) {
    if (uses.length === MAX_USES) break
    if (sees(user.round)) uses.push(user)
  }
  return uses
}

/** Programs and outputs are content of the same store; only what counts as a vote is a verdict. */
function taskIn(named: readonly TaskEntry[], cid: string, sees: (round: string) => boolean): TaskEntry | undefined {
  return named.find(({ votes, rounds }) => rounds.some(sees) && votes.some(({ verdict }) => verdict === cid))
}
