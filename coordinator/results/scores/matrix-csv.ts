import { RULES } from '../../../protocol/index.ts'
import { cellWords, judgementWords, type Snapshot } from '../snapshot.ts'
import { Problems } from './problems.ts'
import { Turns } from './turns.ts'

/**
 * `matrix.csv`: translations by tests, problem by problem (RFC 4180, a head line). Of each translation a line a rule:
 *
 *     problem,tests,line,id,rule,judgement,test 1,test 2,...
 *
 * `tests` names the original with its list of tests: where it is the same, `test n` is the same test. Cells are `pass`, `fail`, `void`,
 * `unknown` or `pending`, and empty past a translation's last test.
 */
export async function* matrixCsv(snapshot: Snapshot): AsyncGenerator<string> {
  const width = snapshot.items.reduce((most, { entry }) => Math.max(most, entry.tests), 0)
  const columns = Array.from({ length: width }, (_, test) => `test ${test + 1}`)
  yield row(['problem', 'tests', 'line', 'id', 'rule', 'judgement', ...columns])
  const turns = new Turns()
  for (const { name, items } of await Problems.of(snapshot)) {
    if (turns.due) await turns.end()
    for (const item of items) {
      const { id, tests, programs, source } = item.entry
      const words = Array.from({ length: tests }, (_, test) => cellWords(item, test))
      for (const rule of RULES) {
        const cells = columns.map((_, test) => words[test]?.[rule] ?? '')
        const head = [name, programs[source], String(item.line), id === null ? '' : String(id)]
        yield row([...head, rule, judgementWords(item)[rule], ...cells])
      }
    }
  }
}

/** One record of a CSV file (RFC 4180). */
export function row(fields: readonly string[]): string {
  return `${fields.map((field) => (/[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field)).join(',')}\r\n`
}
