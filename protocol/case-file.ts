import { createHash } from 'node:crypto'
import { open, stat } from 'node:fs/promises'
import { type Case, parseCaseLine } from './case.ts'
import { UsageError } from './errors.ts'
import { MAX_LINE_BYTES } from './limits.ts'

const NEWLINE = 0x0a
const READ_BYTES = 256 * 1024

/** What a first reading of a case file found: every line is a case. */
export interface CaseFileSummary {
  cases: number
  /** SHA-256 of the file, hex: the same file asked twice is the same round. */
  digest: string
}

/**
 * Reads a case file through once, so that nothing is begun for a file with a bad line in it.
 * @throws UsageError naming file, line, field and what was expected
 */
export async function checkCaseFile(file: string): Promise<CaseFileSummary> {
  const hash = createHash('sha256')
  let cases = 0
  for await (const _ of readCases(file, { onBytes: (bytes) => hash.update(bytes) })) cases++
  if (cases === 0) throw new UsageError('case', `${file}: no cases in it; expected one JSON object a line`)
  return { cases, digest: hash.digest('hex') }
}

/**
 * The cases of a file, one after the other, in constant memory; blank lines are passed over.
 * @param options.skip cases to pass over at the beginning
 * @throws UsageError as `parseCaseLine`, or `file` when it cannot be read
 */
export async function* readCases(
  file: string,
  options: { skip?: number; onBytes?: (bytes: Uint8Array) => void } = {},
): AsyncGenerator<Case> {
  let index = 0
  for await (const { text, number } of readLines(file, options.onBytes)) {
    if (text.trim() === '') continue
    if (index++ < (options.skip ?? 0)) continue
    yield parseCaseLine(text, { file, line: number }, hashText)
  }
}

/** A problem without a name is named by its original code. */
function hashText(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}

/** Lines with their numbers from 1. A line over the limit is refused before it is held. */
async function* readLines(file: string, onBytes?: (bytes: Uint8Array) => void): AsyncGenerator<{ text: string; number: number }> {
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
  for await (const chunk of readChunks(file)) {
    onBytes?.(chunk)
    let from = 0
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
      take(chunk.subarray(from, end))
      yield finish()
      from = end + 1
    }
    if (from < chunk.length) take(chunk.subarray(from))
  }
  if (held > 0) yield finish()
}

async function* readChunks(file: string): AsyncGenerator<Uint8Array> {
  const readable = (error: NodeJS.ErrnoException) => {
    const why = error.code === 'ENOENT' ? 'no such file' : error.code === 'EISDIR' ? 'a folder, not a file' : error.message
    return new UsageError('file', `${file}: ${why}; expected a file of cases, one JSON object a line`)
  }
  // It is read twice, first to check all of it; and opening a pipe that nobody writes to would never end.
  const stats = await stat(file).catch((error) => {
    throw readable(error)
  })
  if (!stats.isFile() && !stats.isDirectory()) {
    throw new UsageError('file', `${file}: a pipe or device, which cannot be read twice; write the cases to a file first`)
  }
  await using handle = await open(file, 'r').catch((error) => {
    throw readable(error)
  })
  for (;;) {
    // A fresh buffer each time: lines hold parts of it until they are complete.
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(READ_BYTES), 0, READ_BYTES).catch((error) => {
      throw readable(error)
    })
    if (bytesRead === 0) return
    yield buffer.subarray(0, bytesRead)
  }
}

function decode(bytes: Uint8Array, file: string, line: number): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new UsageError('case', `${file}, line ${line}: not UTF-8 text`)
  }
}
