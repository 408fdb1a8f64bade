import {
  cidOf,
  classOf,
  compatForm,
  DOMAINS,
  type Environment,
  open,
  ProtocolError,
  type RejectCode,
  type UnsignedVerdict,
  UnsignedVerdict as VerdictSchema,
} from '../../protocol/index.ts'
import type { CellVote } from '../rules/ballot.ts'
import type { VerdictRecord } from '../state/events.ts'
import type { OpenAssignment, TaskEntry } from '../state/model.ts'

/** A verdict that may be recorded, with the content it names. */
export interface CheckedVerdict {
  record: VerdictRecord
  blobs: Map<string, Uint8Array>
}

/** Why a verdict is not taken. */
export class Rejected extends Error {
  readonly code: RejectCode
  constructor(code: RejectCode, detail: string) {
    super(detail)
    this.code = code
  }
}

/**
 * Reads what a node returned for an assignment of its own:
 *  1. the signature is the node's and the statement is a verdict in canonical form (`signature`, `schema`);
 *  2. it is about this task, nonce and executor, from an environment the node announced (`mismatch`);
 *  3. every output is what its digest says, within the limits (`output`).
 * @throws Rejected
 */
export async function checkVerdict(init: {
  envelope: Uint8Array
  outputs: ReadonlyMap<number, Uint8Array>
  assignment: OpenAssignment
  entry: TaskEntry
  announced: readonly Environment[]
}): Promise<CheckedVerdict> {
  const { envelope, outputs, assignment, entry, announced } = init
  const { signer, value, payloadCid } = await open(envelope, DOMAINS.verdict, VerdictSchema).catch(asRejected)
  if (signer !== assignment.node)
    throw new Rejected('signature', `signed by ${signer}, not by the node that holds the assignment`)
  const wrong = mismatch(value, assignment, entry, announced)
  if (wrong !== null) throw new Rejected('mismatch', wrong)
  const blobs = new Map([[payloadCid, envelope]])
  const cells: CellVote[] = []
  for (const [test, outcome] of value.tests.entries()) {
    const bytes = outputs.get(test) ?? new Uint8Array()
    if (bytes.byteLength !== outcome.outputBytes || (await cidOf(bytes, 'raw')) !== outcome.output) {
      throw new Rejected('output', `output of test ${test + 1} is not what the verdict names`)
    }
    blobs.set(outcome.output, bytes)
    cells.push({ status: outcome.status, output: outcome.output, compat: await cidOf(compatForm(bytes), 'raw') })
  }
  const { nonce, environment, resources } = value
  return { record: { nonce, verdict: payloadCid, class: classOf(environment), environment, cells, resources }, blobs }
}

function mismatch(
  value: UnsignedVerdict,
  assignment: OpenAssignment,
  entry: TaskEntry,
  announced: readonly Environment[],
): string | null {
  if (value.nonce !== assignment.nonce) return 'another nonce'
  if (value.task !== entry.id) return 'another task'
  if (value.tests.length !== entry.tests) return `${value.tests.length} tests, the program has ${entry.tests}`
  if (value.environment.executor !== entry.task.executor) return `executor ${value.environment.executor}`
  const own = classOf(value.environment)
  return announced.some((environment) => classOf(environment) === own) ? null : `class ${own} was not announced`
}

function asRejected(error: Error): never {
  throw new Rejected(error instanceof ProtocolError && error.code === 'signature' ? 'signature' : 'schema', error.message)
}
