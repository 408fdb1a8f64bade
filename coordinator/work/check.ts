import {
  cidOf,
  classOf,
  DOMAINS,
  decodeCoverage,
  decodeReport,
  type Environment,
  type ExecutorName,
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
import { Lately } from './lately.ts'

/** Outputs of which it is remembered what they look like, those that came last; some hundred bytes each, and twice as many at most. */
const FORMS_REMEMBERED = 1_000
/** By pass and output. Only what follows from the bytes is kept here, so one will do for the process. */
const lately = new Lately<OutputForms>(FORMS_REMEMBERED)

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

/** What has to be known to read an answer: plain, so that another thread can be asked, and small beside the bytes. */
export interface Question {
  envelope: Uint8Array
  /** By test; of one that printed nothing they may be left out. */
  outputs: ReadonlyMap<number, Uint8Array>
  node: string
  nonce: string
  task: string
  /** How many the program has. */
  tests: number
  executor: ExecutorName
  pass: Pass
  /** Classes in which the node said it can do this pass. */
  classes: readonly string[]
}

/** What an answer is held against. */
export interface Answered {
  envelope: Uint8Array
  outputs: ReadonlyMap<number, Uint8Array>
  assignment: OpenAssignment
  entry: TaskEntry
  announced: readonly Environment[]
}

export function questionOf({ envelope, outputs, assignment, entry, announced }: Answered): Question {
  const { node, nonce } = assignment
  const { executor, pass } = entry.task
  const classes = [...new Set(announced.map((environment) => classOf(environment, pass)))]
  return { envelope, outputs, node, nonce, task: entry.id, tests: entry.tests, executor, pass, classes }
}

/** `readVerdict`, of what an assignment is known by. @throws Rejected */
export async function checkVerdict(answered: Answered): Promise<CheckedVerdict> {
  const question = questionOf(answered)
  return withContents(question, await readVerdict(question))
}

/** A verdict that was read, with the bytes it was read from. */
export function withContents({ envelope, outputs }: Question, record: VerdictRecord): CheckedVerdict {
  const blobs = new Map([[record.verdict, envelope]])
  for (const [test, { output }] of record.cells.entries()) blobs.set(output, outputs.get(test) ?? new Uint8Array())
  return { record, blobs }
}

/**
 * Reads what a node returned for an assignment of its own:
 *  1. the signature is the node's and the statement is a verdict in canonical form (`signature`, `schema`);
 *  2. it is about this task, nonce and executor, from an environment the node announced (`mismatch`);
 *  3. every output is what its digest says, within the limits (`output`).
 * @throws Rejected
 */
export async function readVerdict(question: Question): Promise<VerdictRecord> {
  const { envelope, outputs, pass } = question
  const { signer, value, payloadCid } = await open(envelope, DOMAINS.verdict, VerdictSchema).catch(asRejected)
  if (signer !== question.node) throw new Rejected('signature', `signed by ${signer}, not by the node that holds the assignment`)
  const own = classOf(value.environment, pass)
  const wrong = mismatch(value, own, question)
  if (wrong !== null) throw new Rejected('mismatch', wrong)
  const cells: CellVote[] = []
  for (const [test, outcome] of value.tests.entries()) {
    const bytes = outputs.get(test) ?? new Uint8Array()
    if (bytes.byteLength !== outcome.outputBytes || (await cidOf(bytes, 'raw')) !== outcome.output) {
      throw new Rejected('output', `output of test ${test + 1} is not what the verdict names`)
    }
    cells.push({ ...(await formsIn(bytes, outcome.output, pass, test)), ...outcomeOf(outcome) })
  }
  const { nonce, environment, resources } = value
  return { nonce, verdict: payloadCid, class: own, environment, cells, resources }
}

/** Those of an output that came lately are known: others who answer to a task mostly bring the same. @throws Rejected */
async function formsIn(bytes: Uint8Array, output: string, pass: Pass, test: number): Promise<OutputForms> {
  const name = `${pass}/${output}`
  const known = lately.get(name)
  if (known !== undefined) return known
  const forms = await formsOf(printedIn(bytes, pass, test))
  lately.set(name, forms)
  return forms
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

function mismatch(value: UnsignedVerdict, own: string, { nonce, task, tests, executor, pass, classes }: Question): string | null {
  if (value.nonce !== nonce) return 'another nonce'
  if (value.task !== task) return 'another task'
  if (value.tests.length !== tests) return `${value.tests.length} tests, the program has ${tests}`
  if (value.environment.executor !== executor) return `executor ${value.environment.executor}`
  const faulty = value.tests.findIndex(({ status, outputBytes }) => isWithoutReport(pass, status, outputBytes))
  if (faulty >= 0) return `test ${faulty + 1} has no report of its isolated run`
  const assumed = value.tests.findIndex(({ findings }) => findings.some(({ flag }) => BALLOT_FLAGS.includes(flag)))
  if (assumed >= 0) return `test ${assumed + 1} has a flag that only the votes of several nodes can give`
  return classes.includes(own) ? null : `class ${own} was not announced`
}

function asRejected(error: Error): never {
  throw new Rejected(error instanceof ProtocolError && error.code === 'signature' ? 'signature' : 'schema', error.message)
}
