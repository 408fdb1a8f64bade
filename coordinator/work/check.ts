import {
  cidOf,
  classOf,
  DOMAINS,
  decodeCoverage,
  decodeReport,
  type Environment,
  formsOf,
  type IsolatedReport,
  type OutputForms,
  open,
  type Pass,
  ProtocolError,
  type RejectCode,
  type TestOutcome,
  type TestStatus,
  type UnsignedVerdict,
  UnsignedVerdict as VerdictSchema,
} from '../../protocol/index.ts'
import { BALLOT_FLAGS, type CellVote } from '../rules/ballot.ts'
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
  const own = classOf(value.environment, entry.task.pass)
  const wrong = mismatch(value, own, assignment, entry, announced)
  if (wrong !== null) throw new Rejected('mismatch', wrong)
  const blobs = new Map([[payloadCid, envelope]])
  const cells: CellVote[] = []
  for (const [test, outcome] of value.tests.entries()) {
    const bytes = outputs.get(test) ?? new Uint8Array()
    if (bytes.byteLength !== outcome.outputBytes || (await cidOf(bytes, 'raw')) !== outcome.output) {
      throw new Rejected('output', `output of test ${test + 1} is not what the verdict names`)
    }
    blobs.set(outcome.output, bytes)
    const forms = formsIn(entry, test, outcome.output) ?? (await formsOf(printedIn(bytes, entry.task.pass, test)))
    cells.push({ ...forms, ...outcomeOf(outcome) })
  }
  const { nonce, environment, resources } = value
  return {
    record: { nonce, verdict: payloadCid, class: own, environment, cells, resources },
    blobs,
  }
}

/** The forms of an output that another answer to the task has brought already, or null. */
function formsIn({ votes, arrivals }: TaskEntry, test: number, output: string): OutputForms | null {
  const waiting = arrivals.map(({ vote }) => vote)
  for (const { cells } of [...votes, ...waiting]) {
    const cell = cells[test]
    if (cell?.output === output) return { compat: cell.compat, masked: cell.masked }
  }
  return null
}

/** A test that succeeded in the isolated pass has a report. */
function isWithoutReport(pass: Pass, status: TestStatus, outputBytes: number): boolean {
  return pass === 'isolated' && status === 'success' && outputBytes === 0
}

function outcomeOf({ status, output, findings }: TestOutcome): Pick<CellVote, 'status' | 'output' | 'findings'> {
  return { status, output, findings }
}

/** What was printed; in the isolated pass that is a part of the output, which must be a report. A coverage must be one. @throws Rejected */
function printedIn(bytes: Uint8Array, pass: Pass, test: number): Uint8Array {
  if (pass === 'coverage' && bytes.byteLength > 0 && decodeCoverage(bytes) === null) {
    throw new Rejected('output', `output of test ${test + 1} is no coverage`)
  }
  return pass === 'isolated' && bytes.byteLength > 0 ? reportIn(bytes, test).printed : bytes
}

function reportIn(bytes: Uint8Array, test: number): IsolatedReport {
  try {
    return decodeReport(bytes)
  } catch (error) {
    throw new Rejected('output', `output of test ${test + 1}: ${(error as Error).message}`)
  }
}

function mismatch(
  value: UnsignedVerdict,
  own: string,
  assignment: OpenAssignment,
  entry: TaskEntry,
  announced: readonly Environment[],
): string | null {
  if (value.nonce !== assignment.nonce) return 'another nonce'
  if (value.task !== entry.id) return 'another task'
  if (value.tests.length !== entry.tests) return `${value.tests.length} tests, the program has ${entry.tests}`
  if (value.environment.executor !== entry.task.executor) return `executor ${value.environment.executor}`
  const faulty = value.tests.findIndex(({ status, outputBytes }) => isWithoutReport(entry.task.pass, status, outputBytes))
  if (faulty >= 0) return `test ${faulty + 1} has no report of its isolated run`
  const assumed = value.tests.findIndex(({ findings }) => findings.some(({ flag }) => BALLOT_FLAGS.includes(flag)))
  if (assumed >= 0) return `test ${assumed + 1} has a flag that only the votes of several nodes can give`
  const { pass } = entry.task
  return announced.some((environment) => classOf(environment, pass) === own) ? null : `class ${own} was not announced`
}

function asRejected(error: Error): never {
  throw new Rejected(error instanceof ProtocolError && error.code === 'signature' ? 'signature' : 'schema', error.message)
}
