/**
 * Builds every program of the corpus, of the examples, of the kinds of compile errors and, where they are, of the dev cases in two
 * ways and compares them: `node test/gpu/builds/all.ts ways|headers|printing [corpus|examples|kinds|dev ...]`. Says what differs,
 * and what is not built by the fast way and why.
 */
import { availableParallelism } from 'node:os'
import { type Compared, compareHeaders, comparePrinting, compareWays } from './both.ts'
import { corpusPrograms, devPrograms, examplePrograms, kindPrograms, type NamedProgram } from './programs.ts'
import { openStage, type Stage } from './stage.ts'

const SETS: Readonly<Record<string, () => NamedProgram[]>> = {
  corpus: corpusPrograms,
  examples: examplePrograms,
  kinds: kindPrograms,
  dev: devPrograms,
}

type Compare = (stage: Stage, program: NamedProgram['program']) => Promise<Compared>
const COMPARISONS: Readonly<Record<string, Compare>> = { ways: compareWays, headers: compareHeaders, printing: comparePrinting }

const [what = 'ways', ...named] = process.argv.slice(2)
const compare = COMPARISONS[what]
if (compare === undefined) throw new Error(`what to compare is one of ${Object.keys(COMPARISONS).join(', ')}`)
const stage = await openStage()
for (const name of named.length > 0 ? named : Object.keys(SETS)) await report(stage, compare, name, SETS[name]?.() ?? [])

async function report(on: Stage, by: Compare, name: string, programs: readonly NamedProgram[]): Promise<void> {
  const counts = { equal: 0, own: 0, refused: 0, differs: 0 }
  const waiting = programs.values()
  const worker = async () => {
    for (const { id, program, refused } of waiting) {
      const found = asRecorded(await by(on, program), refused)
      counts[found.kind]++
      if (found.kind === 'equal') continue
      console.log(
        `${id}: ${found.kind}: ${found.kind === 'differs' ? found.what : found.kind === 'own' ? found.reason : found.detail}`,
      )
      if (found.kind === 'differs') process.exitCode = 1
    }
  }
  await Promise.all(Array.from({ length: availableParallelism() }, worker))
  console.log(JSON.stringify({ compared: what, set: name, programs: programs.length, ...counts }))
}

/** What nvcc refuses on record may be built by no way, and what it accepts by each. */
function asRecorded(found: Compared, refused: boolean | undefined): Compared {
  if (refused === undefined || refused === (found.kind === 'refused')) return found
  return { kind: 'differs', what: `nvcc ${refused ? 'refuses' : 'accepts'} it: ${JSON.stringify(found)}` }
}
