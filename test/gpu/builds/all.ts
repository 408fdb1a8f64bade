/**
 * Builds every program of the corpus, of the examples and, where they are, of the dev cases in both ways and compares them:
 * `node test/gpu/builds/all.ts [corpus|examples|dev ...]`. Says what differs, what is not built by the fast way, and why.
 */
import { availableParallelism } from 'node:os'
import { compareWays } from './both.ts'
import { corpusPrograms, devPrograms, examplePrograms, type NamedProgram } from './programs.ts'
import { openStage, type Stage } from './stage.ts'

const SETS: Readonly<Record<string, () => NamedProgram[]>> = {
  corpus: corpusPrograms,
  examples: examplePrograms,
  dev: devPrograms,
}

const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(SETS)
const stage = await openStage()
for (const name of names) await report(stage, name, SETS[name]?.() ?? [])

async function report(on: Stage, name: string, programs: readonly NamedProgram[]): Promise<void> {
  const counts = { equal: 0, own: 0, refused: 0, differs: 0 }
  const waiting = programs.values()
  const worker = async () => {
    for (const { id, program } of waiting) {
      const found = await compareWays(on, program)
      counts[found.kind]++
      if (found.kind === 'equal') continue
      console.log(
        `${id}: ${found.kind}: ${found.kind === 'differs' ? found.what : found.kind === 'own' ? found.reason : found.detail}`,
      )
      if (found.kind === 'differs') process.exitCode = 1
    }
  }
  await Promise.all(Array.from({ length: availableParallelism() }, worker))
  console.log(JSON.stringify({ set: name, programs: programs.length, ...counts }))
}
