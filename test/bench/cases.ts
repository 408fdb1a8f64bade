import { type Case, type Program, programOf, readCases, type Side } from '../../protocol/index.ts'
import { seeded } from '../support/seeded.ts'

/** As the reference's: a Tester writes so many. */
export const TESTS_PER_CASE = 5

/** A case with as many tests as the reference gives one. */
export interface BenchCase {
  name: string
  cpp: Program
  cuda: Program
}

/**
 * Cases of a file, some of them by chance, each with five tests: the first five, or all of them again and again until they are
 * five. One without a test is left out.
 */
export async function chooseCases(file: string, { count, seed }: { count: number; seed: number }): Promise<BenchCase[]> {
  const all: BenchCase[] = []
  for await (const item of readCases(file)) if (item.cppTests.length > 0) all.push(benchCase(item, all.length + 1))
  shuffle(all, seed)
  return all.slice(0, count)
}

function benchCase(item: Case, place: number): BenchCase {
  const side = (name: Side): Program => {
    const program = programOf(item, name)
    return {
      ...program,
      tests: Array.from({ length: TESTS_PER_CASE }, (_, at) => program.tests[at % program.tests.length] ?? ''),
    }
  }
  return { name: String(item.id ?? place), cpp: side('cpp'), cuda: side('cuda') }
}

/** The same program in another text, so that nothing kept of the one serves the other. */
export function distinct(program: Program, mark: string): Program {
  return { ...program, code: `// ${mark}\n${program.code}` }
}

/** In an order that follows from the seed (Fisher and Yates). */
function shuffle<T>(items: T[], seed: number): void {
  const random = seeded(seed)
  for (let at = items.length - 1; at > 0; at--) {
    const other = Math.floor(random() * (at + 1))
    const [one, two] = [items[at], items[other]]
    if (one !== undefined && two !== undefined) [items[at], items[other]] = [two, one]
  }
}
