import { cidOf, DOMAINS, encodeCanonical, open, type Side, UnsignedVerdict } from '../../protocol/index.ts'
import type { Ledger } from '../ledger.ts'
import { mayShowOf } from '../sharing.ts'
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
  /** The canonical bytes of the task, in base64: their name is the task in the verdict, and they name the program. */
  task: string
  uses: { round: string; line: number; side: Side }[]
}

/** Bytes by their name, which is their digest: for whoever wants to see that they are what was signed. */
export interface NamedBytes {
  cid: string
  length: number
  /** In base64. */
  bytes: string
}

/**
 * A signed verdict by the name of its payload.
 * @throws Refusal `not-found` when no accepted verdict of a round that shows its content has this name, `sealed` while it may not be shown
 */
export async function verdictDetail(ledger: Ledger, catalogue: Catalogue, cid: string): Promise<VerdictDetail> {
  const { envelope, opened, entry, sees } = await shownVerdict(ledger, catalogue, cid)
  const vote = entry.votes.find(({ verdict }) => verdict === cid)
  return {
    cid,
    signer: opened.signer,
    at: vote?.at ?? 0,
    envelope: base64(envelope),
    value: opened.value,
    program: entry.task.program,
    task: base64(encodeCanonical(entry.task)),
    uses: usesOf(entry, sees).map(({ round, index, side }) => ({ round, line: index + 1, side })),
  }
}

/**
 * The output of a test (from 1) that a verdict names.
 * @throws Refusal as `verdictDetail`, and `not-found` where there is no such test, or its output is not kept
 */
export async function verdictOutput(ledger: Ledger, catalogue: Catalogue, cid: string, test: number): Promise<NamedBytes> {
  const { opened } = await shownVerdict(ledger, catalogue, cid)
  const said = opened.value.tests[test - 1]
  if (said === undefined) throw new Refusal('not-found', `the verdict is on ${opened.value.tests.length} tests, counted from 1`)
  return await named(ledger, said.output)
}

/**
 * The program that a verdict is on.
 * @throws Refusal as `verdictDetail`
 */
export async function verdictProgram(ledger: Ledger, catalogue: Catalogue, cid: string): Promise<NamedBytes> {
  const { entry } = await shownVerdict(ledger, catalogue, cid)
  return await named(ledger, entry.task.program)
}

/** Called when it is known that this may be shown. */
async function named({ store }: Ledger, cid: string): Promise<NamedBytes> {
  const bytes = cid === NO_BYTES ? new Uint8Array() : await store.content(cid)
  if (bytes === undefined) throw new Refusal('not-found', 'these bytes are not kept here any more')
  return { cid, length: bytes.byteLength, bytes: base64(bytes) }
}

/** The name of no bytes at all, which nobody needs to keep. */
const NO_BYTES = await cidOf(new Uint8Array(), 'raw')

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64')
}

/** A verdict that may be shown now; nothing is waited for after that has been judged. */
async function shownVerdict(ledger: Ledger, catalogue: Catalogue, cid: string) {
  const envelope = await ledger.store.blob(cid)
  const opened = envelope === undefined ? null : await open(envelope, DOMAINS.verdict, UnsignedVerdict).catch(() => null)
  const named = opened === null ? [] : await catalogue.tasksNamed(opened.value.task)
  // Nothing is waited for from here: what may be shown is judged as of now.
  const { sees } = everybody(ledger.state)
  const entry = taskIn(named, cid, sees)
  if (envelope === undefined || opened === null || entry === undefined) {
    throw new Refusal('not-found', 'no accepted verdict has this name')
  }
  if (entry.ballot.state === 'open' || !mayShowOf(ledger.state, entry)) {
    throw new Refusal('sealed', 'shown when all cases that share its program are judged')
  }
  return { envelope, opened, entry, sees }
}

/** Those in rounds that show their content. */
function usesOf({ users }: TaskEntry, sees: (round: string) => boolean): TaskEntry['users'] {
  const uses: TaskEntry['users'][number][] = []
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
