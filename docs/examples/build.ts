/**
 * Builds the example round from its readable sources: first-round/NN-name/ -> first-round.jsonl, one line a case, and the
 * table of README.md. Run it after a change: `node docs/examples/build.ts`.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { z } from 'zod'

const folder = new URL('first-round/', import.meta.url)
export const linesFile = new URL('first-round.jsonl', import.meta.url)
export const readmeFile = new URL('README.md', import.meta.url)

const word = z.enum(['equivalent', 'different', 'invalid', 'undecided'])
const text = z.string().min(1)

/** What case.json says of a case. */
const Sheet = z.strictObject({
  /** The name of the folder. */
  id: z.string().regex(/^\d\d-[a-z0-9-]+$/),
  /** Files that this folder lacks are those of that one. */
  from: text.optional(),
  title: text,
  kind: text,
  /** How the translation is wrong; absent where it is right. */
  wrong: text.optional(),
  /** The way of cheating or failing, by its id in the project's list of hostile programs. */
  hostile: z
    .string()
    .regex(/^[HW]\d+$/)
    .optional(),
  /** The side that is the original; CPP where absent. */
  source: z.enum(['CPP', 'CUDA']).default('CPP'),
  /** What replaces FUNCTION in the tests, on either side. */
  functions: z.strictObject({ cpp: text, cuda: text }),
  expect: z.strictObject({ compat: word, strict: word }),
  why: text,
})
export type Sheet = z.infer<typeof Sheet>

/** A line of the round: what the formats ask for, and what this round says of itself. */
export interface ExampleLine {
  id: string
  title: string
  kind: string
  wrong: string | null
  hostile: string | null
  source: 'CPP' | 'CUDA'
  cpp_code: string
  cuda_code: string
  cuda_wrapper: string
  consistent_cpp_inputs: string[]
  consistent_cuda_inputs: string[]
  expect: Sheet['expect']
  why: string
}

export function readExamples(): ExampleLine[] {
  return readdirSync(folder).sort().map(readExample)
}

function readExample(name: string): ExampleLine {
  const sheet = Sheet.parse(JSON.parse(readFileSync(new URL(`${name}/case.json`, folder), 'utf8')))
  if (sheet.id !== name) throw new Error(`${name}/case.json: id is ${sheet.id}`)
  const own = new Set(readdirSync(new URL(`${name}/`, folder)))
  const read = (file: string) => {
    const home = own.has(file) ? name : sheet.from
    if (home === undefined) throw new Error(`${name}: no ${file}`)
    return readFileSync(new URL(`${home}/${file}`, folder), 'utf8')
  }
  const tests = read('tests.txt').split(/^---\n/m)
  const callsOf = (called: string) => tests.map((test) => test.replaceAll(/\bFUNCTION\b/g, called))
  return {
    id: sheet.id,
    title: sheet.title,
    kind: sheet.kind,
    wrong: sheet.wrong ?? null,
    hostile: sheet.hostile ?? null,
    source: sheet.source,
    cpp_code: read('function.cpp'),
    cuda_code: read('kernel.cu'),
    cuda_wrapper: read('wrapper.cu'),
    consistent_cpp_inputs: callsOf(sheet.functions.cpp),
    consistent_cuda_inputs: callsOf(sheet.functions.cuda),
    expect: sheet.expect,
    why: sheet.why,
  }
}

export function formatLines(examples: readonly ExampleLine[]): string {
  return examples.map((example) => `${JSON.stringify(example)}\n`).join('')
}

const tableStart = '<!-- cases: written by build.ts -->\n'
const tableEnd = '<!-- end of cases -->'

/** The README with its table of cases made anew. */
export function fillReadme(readme: string, examples: readonly ExampleLine[]): string {
  const start = readme.indexOf(tableStart)
  const end = readme.indexOf(tableEnd)
  if (start < 0 || end < start) throw new Error('README.md: the marks around the table of cases are missing')
  return readme.slice(0, start + tableStart.length) + formatTable(examples) + readme.slice(end)
}

function formatTable(examples: readonly ExampleLine[]): string {
  const rows = [
    ['case', 'kind', 'wrong how', 'compat says', 'strict says'],
    ...examples.map(({ id, kind, wrong, hostile, expect }) => {
      const how = [wrong, hostile && `(${hostile})`].filter(Boolean).join(' ')
      return [id, kind, how, expect.compat, expect.strict]
    }),
  ]
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const format = (row: string[]) => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |\n`
  const [head = [], ...body] = rows
  const rule = widths.map((width) => '-'.repeat(width))
  return `\n${[head, rule, ...body].map(format).join('')}\n`
}

if (import.meta.main) {
  const examples = readExamples()
  writeFileSync(linesFile, formatLines(examples))
  writeFileSync(readmeFile, fillReadme(readFileSync(readmeFile, 'utf8'), examples))
  console.log(`${examples.length} cases`)
}
