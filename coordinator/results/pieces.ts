/** Largest piece of a file: far under a wire message, large enough that a piece's own cost does not show. */
export const PIECE_BYTES = 256 * 1024

const encoder = new TextEncoder()

/** Cuts a file's parts into pieces of equal size; small parts are gathered. At least one piece, so that an empty file is a file. */
export async function* pieces(parts: AsyncIterable<string | Uint8Array>): AsyncGenerator<Uint8Array> {
  let piece = new Uint8Array(PIECE_BYTES)
  let used = 0
  let given = false
  for await (const part of parts) {
    let rest = typeof part === 'string' ? encoder.encode(part) : part
    while (rest.length > 0) {
      const taken = rest.subarray(0, PIECE_BYTES - used)
      piece.set(taken, used)
      used += taken.length
      rest = rest.subarray(taken.length)
      if (used === PIECE_BYTES) {
        yield piece
        given = true
        piece = new Uint8Array(PIECE_BYTES)
        used = 0
      }
    }
  }
  if (used > 0 || !given) yield piece.subarray(0, used)
}

/** A JSON array with one entry a line. */
export async function* jsonArray(entries: AsyncIterable<unknown>): AsyncGenerator<string> {
  let before = '[\n'
  for await (const entry of entries) {
    yield `${before}  ${JSON.stringify(entry)}`
    before = ',\n'
  }
  yield before === '[\n' ? '[]\n' : '\n]\n'
}
