import { z } from 'zod'
import type { Coverage } from '../../protocol/index.ts'

/**
 * What is read of `gcov --json-format --stdout --branch-probabilities`; later versions say more beside it. It was made from
 * what a stranger's program has left: numbers may be any, and what does not fit measures nothing.
 */
const Branch = z.object({ count: z.number(), throw: z.boolean(), fallthrough: z.boolean() })
type Branch = z.infer<typeof Branch>
const Line = z.object({
  line_number: z.int(),
  count: z.number(),
  function_name: z.string().default(''),
  branches: z.array(Branch),
})
const Answer = z.object({ files: z.array(z.object({ file: z.string(), lines: z.array(Line) })) })

/** The program's code under its name; a compiler may put a folder before it. */
const CODE = /(?:^|\/)code$/

interface Gathered {
  reached: boolean
  parts: { name: string; branches: string }[]
}

/**
 * Reads gcov's answer: the lines of the code that can be reached, once each, whatever instances of a template, or functions beside each
 * other, share them.
 * @returns null where it is none, or says nothing of the code
 */
export function readAnswer(text: string): Coverage | null {
  const answer = Answer.safeParse(parsed(text))
  const files = answer.success ? answer.data.files.filter(({ file }) => CODE.test(file)) : []
  if (files.length === 0) return null
  const lines = new Map<number, Gathered>()
  for (const { line_number: number, count, function_name: name, branches } of files.flatMap((file) => file.lines)) {
    const known = lines.get(number) ?? { reached: false, parts: [] }
    lines.set(number, known)
    known.reached ||= count > 0
    const ways = waysOf(branches).map((way) => (way.count > 0 ? '1' : '0'))
    known.parts.push({ name, branches: ways.join('') })
  }
  return [...lines]
    .sort(([a], [b]) => a - b)
    .map(([line, { reached, parts }]) => ({
      line,
      reached,
      branches: parts
        .sort(byName)
        .map((part) => part.branches)
        .join(''),
    }))
}

/**
 * The ways out of conditions. A call that may throw has two as well, on and out, of which the one says nothing without the other: both
 * are left out. Which two belong together is not said before version 14 of gcov; they stand beside each other, and one of two
 * falls through.
 */
function waysOf(branches: readonly Branch[]): Branch[] {
  const ways: Branch[] = []
  for (let at = 0; at < branches.length; at++) {
    const [way, next] = [branches[at] as Branch, branches[at + 1]]
    if (next !== undefined && (isCall(way, next) || isCall(next, way))) at++
    else if (next !== undefined && isCondition(way, next)) ways.push(way, branches[++at] as Branch)
    else if (!way.throw) ways.push(way)
  }
  return ways
}

function isCondition(way: Branch, next: Branch): boolean {
  return !way.throw && !next.throw && way.fallthrough !== next.fallthrough
}

function isCall(on: Branch, out: Branch): boolean {
  return on.fallthrough && !on.throw && out.throw
}

function byName(a: { name: string }, b: { name: string }): number {
  return a.name < b.name ? -1 : Number(a.name > b.name)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
