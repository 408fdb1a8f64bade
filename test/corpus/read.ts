import { readdirSync, readFileSync } from 'node:fs'

const folder = new URL('programs/', import.meta.url)

/** One program of the corpus: a function, its CUDA form and tests. See README.md for how a file of it reads. */
export interface CorpusProgram {
  /** The name of its file. */
  id: string
  /** What of CUDA it uses. */
  features: string[]
  /** Why the emulated executor is known not to run it rightly; absent where it does. */
  fails?: string
  /** The sequential function, named as the file with `_` for `-`. */
  sequential: string
  kernel: string
  /** Defines the same name with `_cuda` after it. */
  wrapper: string
  /** Statements, with FUNCTION where the function's name belongs. */
  tests: string[]
}

const SECTIONS = ['sequential', 'kernel', 'wrapper', 'tests'] as const

/** All programs in the order of their names. @throws Error naming the file that does not read as README.md says */
export function readPrograms(): CorpusProgram[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.cu'))
    .sort()
    .map((name) => parseProgram(name.slice(0, -'.cu'.length), readFileSync(new URL(name, folder), 'utf8')))
}

function parseProgram(id: string, text: string): CorpusProgram {
  const [head = '', ...rest] = text.split(/^\/\/\/\/ (sequential|kernel|wrapper|tests)\n/m)
  const names = rest.filter((_, index) => index % 2 === 0)
  if (names.join() !== SECTIONS.join()) throw new Error(`${id}: sections are ${names.join(', ')}`)
  const [sequential = '', kernel = '', wrapper = '', tests = ''] = rest.filter((_, index) => index % 2 === 1)
  const fields = new Map([...head.matchAll(/^\/\/\/\/ (\w+): (.+)$/gm)].map(([, name = '', value = '']) => [name, value]))
  const features = fields.get('features')
  if (features === undefined) throw new Error(`${id}: no features`)
  const fails = fields.get('fails')
  return {
    id,
    features: features.split(/[;,] /),
    ...(fails === undefined ? {} : { fails }),
    sequential,
    kernel,
    wrapper,
    tests: tests.split(/^---\n/m),
  }
}

/** What is called on the C++ side. */
export function functionOf({ id }: CorpusProgram): string {
  return id.replaceAll('-', '_')
}

/** The tests as they call that function. */
export function testsCalling({ tests }: CorpusProgram, name: string): string[] {
  return tests.map((test) => test.replaceAll(/\bFUNCTION\b/g, name))
}
