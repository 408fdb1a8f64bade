import {
  cidOf,
  classOf,
  compatForm,
  DOMAINS,
  decodeReport,
  type Flag,
  formsOf,
  open,
  UnsignedVerdict,
} from '../../protocol/index.ts'
import type { ArchiveFile } from './archive-file.ts'
import { AuditFailure, type AuditPlace } from './failure.ts'
import type { Saying } from './majority.ts'
import type { Answer, Cell, TaskRecord } from './records.ts'

/** What a signed verdict says to the tests, and as much of it as is voted on. */
export interface Stated {
  tests: UnsignedVerdict['tests']
  said: Saying[]
}

/** Flags that only the votes of several nodes together can give. */
export const OF_BALLOTS: readonly Flag[] = ['arch-dependent', 'numerically-unstable']

/**
 * Opens the envelope of a vote or a repeat and holds it against the record: the node's signature, the name of what was signed,
 * task, nonce, executor, class, number of tests, and that its outputs are here with the lengths it says.
 */
export async function readVerdict(
  archive: ArchiveFile,
  task: TaskRecord,
  answer: Answer & { node: string; class: string },
  place: AuditPlace,
): Promise<Stated> {
  const fail = (what: string) => new AuditFailure('verdict', place, what)
  const bytes = await archive.bytes(answer.envelope, place, 'the signed verdict')
  const { signer, value, payloadCid } = await open(bytes, DOMAINS.verdict, UnsignedVerdict).catch((error: Error) => {
    throw fail(`the signed verdict does not hold (${error.message})`)
  })
  if (signer !== answer.node) throw fail(`signed by ${signer}, not by ${answer.node}`)
  if (payloadCid !== answer.verdict) throw fail('what was signed is not what the record names')
  if (value.task !== task.name) throw fail(`it is about another task, ${value.task}`)
  if (value.nonce !== answer.nonce) throw fail('it answers another assignment: the nonces differ')
  if (value.environment.executor !== task.executor) throw fail(`it was made by the executor ${value.environment.executor}`)
  const own = classOf(value.environment, task.pass)
  if (own !== answer.class) throw fail(`it is of the class "${own}", and was counted in "${answer.class}"`)
  if (value.tests.length !== task.tests) throw fail(`it has ${value.tests.length} tests, the program has ${task.tests}`)
  for (const [test, { output, outputBytes }] of value.tests.entries()) {
    const length = archive.lengthOf(output)
    if (length === undefined)
      throw new AuditFailure('output', { ...place, test: test + 1 }, `its output ${output} is not in the archive`)
    if (length !== outputBytes)
      throw fail(`it says that the output of test ${test + 1} has ${outputBytes} bytes; it has ${length}`)
  }
  return { tests: value.tests, said: value.tests.map(sayingOf) }
}

/** Status and flags as one text, and the output. */
export function sayingOf({ status, output, findings }: Pick<Cell, 'status' | 'output' | 'findings'>): Saying {
  const flags = findings.map(({ flag }) => flag).filter((flag) => !OF_BALLOTS.includes(flag))
  return { kind: [status, ...new Set(flags.sort())].join('\n'), output }
}

/** Digest of the compat form of what a run printed. */
export async function textOf(archive: ArchiveFile, isolated: boolean, output: string, place: AuditPlace): Promise<string> {
  const bytes = await archive.bytes(output, place, 'the output')
  return await cidOf(compatForm(printedIn(bytes, isolated && bytes.byteLength > 0, place)), 'raw')
}

/** Works out the digests of what a test printed, of the bytes a decision names, and holds them against the decision. */
export async function checkForms(archive: ArchiveFile, { pass }: TaskRecord, cell: Cell, place: AuditPlace): Promise<void> {
  const bytes = await archive.bytes(cell.output, place, 'the output')
  const printed = printedIn(bytes, pass === 'isolated' && (cell.status === 'success' || bytes.byteLength > 0), place)
  const { compat, masked } = await formsOf(printed)
  if (compat !== cell.compat) {
    throw new AuditFailure('output', place, 'the digest of its compat form is not that of what was printed')
  }
  if (masked !== cell.masked) {
    throw new AuditFailure('output', place, 'its digest without addresses is not that of what was printed')
  }
}

function printedIn(bytes: Uint8Array, isReport: boolean, place: AuditPlace): Uint8Array {
  if (!isReport) return bytes
  try {
    return decodeReport(bytes).printed
  } catch (error) {
    throw new AuditFailure('output', place, `the output is no report of an isolated run (${(error as Error).message})`)
  }
}
