import {
  type Case,
  checkCaseFile,
  cidOf,
  encodeCanonical,
  nameProgram,
  programOf,
  readCases,
  SIDES,
} from '../../protocol/index.ts'
import { AuditFailure } from './failure.ts'
import type { CaseRecord, Manifest } from './records.ts'
import type { Tally } from './tally.ts'

/** A file that the cases of a round came from. */
interface Part {
  digest: string
  /** How many cases the files before it have. */
  from: number
  /** How many it has itself; null where not all of it may have been sent. */
  cases: number | null
}

/** A part, and where its file is. */
type Found = Part & { file: string }

/**
 * Checks what an archive says of where its cases come from: a re-run is named by the round and the cases it is of, and files that
 * were added stand one behind the other.
 */
export async function checkOrigin({ casesDigest, parent, additions = [], counts }: Manifest): Promise<void> {
  const fail = (what: string) => new AuditFailure('record', {}, what)
  if (parent !== undefined) {
    const { round, cases } = parent
    const own = await cidOf(encodeCanonical({ rerun: round, cases }), 'dag-cbor')
    if (own !== casesDigest) throw fail('the digest of its cases is not that of the round and the cases it runs again')
    if (cases.length !== (additions[0]?.from ?? counts.cases)) throw fail(`it is said to run ${cases.length} cases again`)
  }
  for (const [at, { from, cases }] of additions.entries()) {
    const end = additions[at + 1]?.from ?? counts.cases
    const isLast = at === additions.length - 1
    if (from > end || (cases === null ? !isLast : from + cases !== end))
      throw fail('the files that were added do not follow one another')
  }
}

/**
 * Holds case files against an archive: that each is one of those it names by their digests, and that every case of it is what
 * stands there, program by program.
 * @throws UsageError when a file cannot be read as cases, AuditFailure at the first thing that does not hold
 */
export async function checkCaseFiles(
  files: readonly string[],
  manifest: Manifest,
  { records, tally }: { records: AsyncIterable<CaseRecord>; tally: Tally },
): Promise<void> {
  const left = await partsIn(files, manifest)
  let index = 0
  let part: Found | undefined
  let cases: AsyncGenerator<Case> | undefined
  try {
    for await (const record of records) {
      if (part !== undefined && index >= part.from + (part.cases ?? Number.POSITIVE_INFINITY)) {
        await cases?.return(undefined)
        part = undefined
      }
      if (left[0]?.from === index) {
        part = left.shift() as Found
        cases = readCases(part.file)
      }
      if (part !== undefined) {
        const next = await cases?.next()
        await checkCase(record, next?.value ?? null, part.file)
        tally.casesSeen++
      }
      index++
    }
  } finally {
    await cases?.return(undefined)
  }
}

/** Which part each file is, by their order in the archive; a file that is given twice counts once. */
async function partsIn(files: readonly string[], manifest: Manifest): Promise<Found[]> {
  const parts = partsOf(manifest)
  const found = new Map<string, Found>()
  for (const file of files) {
    const { digest, cases } = await checkCaseFile(file)
    const part = parts.find((one) => one.digest === digest)
    if (part === undefined) throw new AuditFailure('cases', {}, `the round has no file with the SHA-256 ${digest} (${file})`)
    if (part.cases !== null && part.cases !== cases)
      throw new AuditFailure('cases', {}, `${file} has ${cases} cases; the archive has ${part.cases} of it`)
    found.set(digest, { ...part, file })
  }
  return [...found.values()].filter(({ cases }) => cases !== 0).sort((a, b) => a.from - b.from)
}

/** The files that the archive names, in their order. What a re-run was opened with is no file. */
function partsOf({ casesDigest, parent, additions = [], counts, state }: Manifest): Part[] {
  const added = additions.map(({ casesDigest: digest, from, cases }): Part => ({ digest, from, cases }))
  if (parent !== undefined) return added
  // It may have been cancelled before all of its first file had come.
  const isCut = additions.length === 0 && (state === 'open' || state === 'cancelled')
  return [{ digest: casesDigest, from: 0, cases: isCut ? null : (additions[0]?.from ?? counts.cases) }, ...added]
}

async function checkCase(record: CaseRecord, own: Case | null, file: string): Promise<void> {
  const fail = (what: string) => new AuditFailure('cases', { line: record.line }, `${what} in ${file}`)
  if (own === null) throw fail('it is not')
  const { id, problem, source, tests } = record
  if (id !== own.id || problem !== own.problem || source !== own.source || tests !== own.cppTests.length)
    throw fail('its head is another')
  for (const side of SIDES) {
    if ((await nameProgram(programOf(own, side))).cid !== record.programs[side])
      throw fail(`its ${side === 'cpp' ? 'C++' : 'CUDA'} side is another`)
  }
}
