import pc from 'picocolors'
import { figure } from '../scenarios/scenario.ts'
import type { Result } from '../simulate.ts'

const COLUMNS = ['scenario', 'decisions', 'error', 'up to', 'undecided', 'replicas', 'wasted', 'makespan', 'suspended', 'bars']

/** A table for people: a line a scenario, and under those that missed a bar which one it was. */
export function table(results: readonly Result[], { colour = pc.isColorSupported }: { colour?: boolean } = {}): string {
  const paint = pc.createColors(colour)
  const rows = [COLUMNS, ...results.map(row)]
  const widths = COLUMNS.map((_, column) => Math.max(...rows.map((cells) => (cells[column] ?? '').length)))
  return rows
    .flatMap((cells, index) => {
      const text = cells
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] as number) : cell.padStart(widths[column] as number)))
        .join('  ')
      const { bars = [] } = results[index - 1] ?? {}
      const missed = bars.filter(({ met }) => !met).map(({ says }) => paint.red(`    missed: ${says}`))
      return [index === 0 ? paint.bold(text) : text, ...missed]
    })
    .join('\n')
}

function row({ figures, bars }: Result): string[] {
  return [
    figures.name,
    String(figures.decisions),
    figure(figures.error),
    figure(figures.error_upper95),
    String(figures.undecided),
    figures.replicas_per_task.toFixed(2),
    figures.wasted_ratio.toFixed(3),
    figures.makespan_ratio.toFixed(2),
    String(figures.healthy_suspended),
    bars.every(({ met }) => met) ? 'met' : `${bars.filter(({ met }) => !met).length} missed`,
  ]
}
