import { fileURLToPath } from 'node:url'
import type { Attack, Control } from './attack.ts'
import { ATTACKS } from './attacks.ts'
import { GPU_ATTACKS } from './gpu.ts'

/**
 * The table of docs/sandbox.md, from the attacks themselves:
 *
 *     node test/hostile/table.ts
 */
export const TABLE_HEAD = [
  '| id | attempt | what it is after | contained as | outside the jail |',
  '|---|---|---|---|---|',
] as const

export function tableRows(attacks: readonly Attack[] = ATTACKS): string[] {
  return attacks.map(
    (attack) =>
      `| ${[attack.id, attack.name, attack.tries, endsOf(attack), outsideOf(attack.control)].map(escaped).join(' | ')} |`,
  )
}

/** The second table: what the isolated pass says of rows against the harness. */
export const ISOLATED_HEAD = ['| id | attempt | in the isolated pass |', '|---|---|---|'] as const

export function isolatedRows(attacks: readonly Attack[] = ATTACKS): string[] {
  return attacks.flatMap(({ id, name, isolated }) => {
    if (isolated === undefined) return []
    const ends = new Set(isolated).size === 1 ? isolated.slice(0, 1) : isolated
    return [`| ${[id, name, ends.join('; ')].map(escaped).join(' | ')} |`]
  })
}

function endsOf({ ends }: Attack): string {
  const each = ends.map((statuses) => [...statuses].sort().join(' or '))
  return [...new Set(each)].length === 1 ? (each[0] ?? '') : each.join('; ')
}

function outsideOf(control: Control): string {
  switch (control.outside) {
    case 'harms':
      return control.needs === undefined ? 'works' : `works for ${control.needs}`
    case 'runs on':
      return 'stays after SIGTERM'
    case 'not shown':
      return `not shown: ${control.because}`
    default:
      return control satisfies never
  }
}

function escaped(cell: string): string {
  return cell.replaceAll('|', '\\|')
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  console.log(
    [
      ...[...TABLE_HEAD, ...tableRows(), '', ...ISOLATED_HEAD, ...isolatedRows(), ''],
      ...[...TABLE_HEAD, ...tableRows(GPU_ATTACKS), '', ...ISOLATED_HEAD, ...isolatedRows(GPU_ATTACKS)],
    ].join('\n'),
  )
