/** Letters to change, at most, for a word to be taken for a slip of another. */
const MOST_CHANGES = 3
/** What is longer is a slip of nothing, and would take long to compare. */
const LONGEST_WORD = 64

/** The word that is most like this one; null where none is like it. */
export function nearest(word: string, words: readonly string[]): string | null {
  if (word.length > LONGEST_WORD) return null
  const near = words.map((other) => ({ other, changes: changesBetween(word, other) })).sort((a, b) => a.changes - b.changes)[0]
  if (near === undefined || near.changes > Math.min(MOST_CHANGES, Math.ceil(word.length / 2))) return null
  return near.other
}

/** How many letters are to be put in, taken out or changed: Levenshtein's distance. */
function changesBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at)
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1]
    for (let j = 1; j <= b.length; j++) {
      const changed = (row[j - 1] as number) + (letter === b[j - 1] ? 0 : 1)
      next.push(Math.min(changed, (row[j] as number) + 1, (next[j - 1] as number) + 1))
    }
    row = next
  }
  return row[b.length] as number
}
