import { createHash } from 'node:crypto'
import { type Case, parseCaseLine } from './case.ts'
import { type CaseSource, fileSource, unpacked } from './case-source.ts'
import { UsageError } from './errors.ts'
import { MAX_LINE_BYTES } from './limits.ts'

const NEWLINE = 0x0a

/** What a first reading of a case file found: every line is a case. */
export interface CaseFileSummary {
  cases: number
  /** SHA-256 of its text, hex: the same cases asked twice are the same round, gzipped or not. */
  digest: string
}

/** How cases are read. */
export interface ReadOptions {
  /** Cases to pass over at the beginning. */
  skip?: number
  /** Hears the text, piece by piece. */
  onBytes?: (bytes: Uint8Array) => void
  /** Ends the reading with its reason. */
  signal?: AbortSignal | undefined
}

/**
 * Reads cases through once, so that nothing is begun for a file with a bad line in it.
 * @param options.onCase hears every case
 * @throws UsageError naming file, line, field and what was expected
 */
export async function checkCaseFile(
  file: string | CaseSource,
  options: { signal?: AbortSignal; onCase?: (item: Case) => void | Promise<void> } = {},
): Promise<CaseFileSummary> {
  const hash = createHash('sha256')
  const source = sourceOf(file)
  let cases = 0
  for await (const item of readCases(source, { onBytes: (bytes) => hash.update(bytes), signal: options.signal })) {
    cases++
    await options.onCase?.(item)
  }
  if (cases === 0) throw new UsageError('case', `${source.name}: no cases in it; expected one JSON object a line`)
  return { cases, digest: hash.digest('hex') }
}

/**
 * The cases of a file or other source, gzipped or not, one after the other, in constant memory; blank lines are passed over.
 * @throws UsageError as `parseCaseLine`, or `file` when it cannot be read
 */
export async function* readCases(file: string | CaseSource, options: ReadOptions = {}): AsyncGenerator<Case> {
  const source = sourceOf(file)
  let index = 0
  for await (const { text, number } of readLines(source, options)) {
    if (text.trim() === '') continue
    if (index++ < (options.skip ?? 0)) continue
    yield parseCaseLine(text, { file: source.name, line: number }, hashText)
  }
}

function sourceOf(file: string | CaseSource): CaseSource {
  return typeof file === 'string' ? fileSource(file) : file
}

/** A problem without a name is named by its original code. */
function hashText(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}

/** Lines with their numbers from 1. A line over the limit is refused before it is held. */
async function* readLines(
  source: CaseSource,
  { onBytes, signal }: ReadOptions,
): AsyncGenerator<{ text: string; number: number }> {
  const file = source.name
  const pieces: Uint8Array[] = []
  let held = 0
  let number = 1
  const take = (piece: Uint8Array) => {
    held += piece.byteLength
    if (held > MAX_LINE_BYTES) {
      throw new UsageError(
        'case',
        `${file}, line ${number}: longer than ${MAX_LINE_BYTES} bytes, which is the most a line may have`,
      )
    }
    pieces.push(piece)
  }
  const finish = () => {
    const text = decode(Buffer.concat(pieces), file, number)
    pieces.length = 0
    held = 0
    return { text, number: number++ }
  }
  for await (const chunk of unpacked(source.chunks(), file)) {
    signal?.throwIfAborted()
    onBytes?.(chunk)
    let from = 0
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
      // Nothing but line ends may go on for long: they are passed over here.
      if (end === from && held === 0) number++
      else {
        take(chunk.subarray(from, end))
        yield finish()
      }
      from = end + 1
    }
    if (from < chunk.length) take(chunk.subarray(from))
  }
  if (held > 0) yield finish()
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

function decode(bytes: Uint8Array, file: string, line: number): string {
  try {
    return utf8.decode(bytes)
  } catch {
    throw new UsageError('case', `${file}, line ${line}: not UTF-8 text`)
  }
}
