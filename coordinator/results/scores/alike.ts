import { translationOf } from '../snapshot.ts'
import type { Problem } from './problems.ts'

/** Translations of a problem that behaved alike in every test. */
export interface Alike {
  /** Their lines in the input, from 1. */
  lines: number[]
}

/** A problem's translations by what they did; what is not decided to the last test is alike to none. */
export interface Behaviours {
  /** Largest first; of equal size the one with the earliest line. */
  groups: Alike[]
  /** Translations of which something is not decided, or that have no tests. */
  unknown: number
}

/**
 * Groups translations that were run on the same tests and ended every one the same way with the same output, as printed, line ends and
 * blanks aside and every address made alike. So two wrong ones are told apart when they are wrong in different ways, which pass and
 * fail do not show. Those with the same original and the same tests are compared.
 */
export function behavioursOf({ items }: Problem): Behaviours {
  const groups = new Map<string, Alike>()
  let unknown = 0
  for (const item of items) {
    const { entry, judgement, tasks } = item
    const view = judgement === null ? undefined : tasks?.[translationOf(item)]
    const cells = Array.from({ length: entry.tests }, (_, test) => view?.cell(test) ?? null)
    if (cells.length === 0 || cells.some((cell) => cell === null || cell.status === 'unsupported')) {
      unknown++
      continue
    }
    const did = cells.map((cell) => [cell?.status, cell?.masked])
    const key = JSON.stringify([entry.programs[entry.source], did])
    const group = groups.get(key)
    if (group === undefined) groups.set(key, { lines: [item.line] })
    else group.lines.push(item.line)
  }
  return { groups: [...groups.values()].sort((a, b) => b.lines.length - a.lines.length), unknown }
}
