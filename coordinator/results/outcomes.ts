import { type Flag, outputText, SIDES, type Side, type TestStatus } from '../../protocol/index.ts'
import type { Content } from './content.ts'
import { flagsIn } from './findings.ts'
import { cellWords, type Item, judgementWords, type Snapshot } from './snapshot.ts'

/**
 * One side of one test in `outcomes.jsonl`:
 * - decided: its status, its output as text, the flags that strict passes gave it;
 * - undecided, or the case is pending: `{"status":null,"output":null,"flags":[]}`.
 */
interface SideOutcome {
  status: TestStatus | null
  output: string | null
  flags: Flag[]
}

/**
 * `outcomes.jsonl`: a line a case. A line is given out test by test and side by side, so that one output is held at a
 * time. Judgement and cells of a case that is not judged yet, or may not be shown yet, are `pending`.
 */
export async function* outcomes({ items }: Snapshot, content: Content): AsyncGenerator<string> {
  for await (const item of content.readFor(items, outputsIn)) {
    const { id, problem, tests } = item.entry
    yield `${JSON.stringify({ line: item.line, id, problem, judgement: judgementWords(item) }).slice(0, -1)},"tests":[`
    for (let test = 0; test < tests; test++) {
      yield test === 0 ? '{' : ',{'
      for (const side of SIDES) yield `"${side}":${JSON.stringify(await sideOutcome(item, side, test, content))},`
      yield JSON.stringify(cellWords(item, test)).slice(1)
    }
    yield ']}\n'
  }
}

/** The outputs that a case's line has. */
function* outputsIn({ entry, judgement, tasks }: Item): Generator<string> {
  if (judgement === null || tasks === null) return
  for (let test = 0; test < entry.tests; test++) {
    for (const side of SIDES) {
      const output = tasks[side].cell(test)?.output
      if (output !== undefined) yield output
    }
  }
}

async function sideOutcome(item: Item, side: Side, test: number, content: Content): Promise<SideOutcome> {
  const cell = item.judgement === null ? null : (item.tasks?.[side].cell(test) ?? null)
  if (cell === null) return { status: null, output: null, flags: [] }
  return { status: cell.status, output: outputText(await content.bytes(cell.output)), flags: flagsIn(item, side, test) }
}
