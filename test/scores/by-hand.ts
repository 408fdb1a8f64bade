import type { Prior } from '../../coordinator/results/scores/choose.ts'

/** B4's score by its formula, counting cell by cell, with beta functions of whole numbers as sums of logarithms. */
export function byHand(rows: readonly string[], pattern: string, { a, b }: Prior): number {
  const others = rows.filter((row) => row !== pattern)
  const counts = { e1: 0, n1: 0, e0: 0, n0: 0 }
  for (const row of others) {
    for (const [test, cell] of [...row].entries()) {
      if (cell === '?') continue
      const inside = pattern[test] === '1'
      counts[inside ? 'n1' : 'n0']++
      if (cell === '1') counts[inside ? 'e1' : 'e0']++
    }
  }
  const [x, y] = [rows.length - others.length, [...pattern].filter((cell) => cell === '1').length]
  const tests = [...pattern].filter((_, test) => rows.some((row) => row[test] !== '?')).length
  const { e1, n1, e0, n0 } = counts
  return lnB(x + a, rows.length - x + 1) + lnB(y + a, tests - y + 1) + lnB(e1 + 1, n1 - e1 + 1) + lnB(e0 + 1, n0 - e0 + b)
}

/** B(m, n) = (m-1)! (n-1)! / (m+n-1)!, the smaller factorial cancelled. */
function lnB(m: number, n: number): number {
  const [small, large] = [Math.min(m, n), Math.max(m, n)]
  let sum = 0
  for (let i = 1; i < small; i++) sum += Math.log(i)
  for (let i = 0; i < small; i++) sum -= Math.log(large + i)
  return sum
}
