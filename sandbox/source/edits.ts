/** A piece of text and what is to stand in its place. */
export interface Edit {
  start: number
  end: number
  text: string
}

/**
 * Applies edits that do not overlap; those at the same place in the order given. Line ends inside what is replaced are
 * kept, so that every later line keeps its number and diagnostics point at the researcher's lines.
 */
export function applyEdits(source: string, edits: readonly Edit[]): string {
  const ordered = edits.map((edit, order) => ({ ...edit, order })).sort((a, b) => a.start - b.start || a.order - b.order)
  const pieces: string[] = []
  let at = 0
  for (const { start, end, text } of ordered) {
    pieces.push(source.slice(at, start), text, source.slice(start, end).replace(/[^\n]/g, ''))
    at = end
  }
  pieces.push(source.slice(at))
  return pieces.join('')
}
