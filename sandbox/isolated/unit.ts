import type { Program } from '../../protocol/index.ts'
import { applyEdits } from '../source/edits.ts'
import type { Composition } from '../source/settings.ts'
import { tokenize } from '../source/tokens.ts'
import { findTampering } from './checks.ts'

/** A program's texts in C++, the tests those of `indices`. */
export interface UnitParts {
  prelude: string
  /** Lines after it: macros of ours. */
  archLine: string
  knownKernels: string
  code: string
  wrapper: string
  tests: readonly string[]
  indices: readonly number[]
}

/** How the unit calls itself where no program can: see `unitFlags`. */
const UNIT = '__ks_secret(unit)'
const testName = (index: number) => `__ks_secret(test_${index})`

/**
 * One translation unit of the isolated pass, or why there is none. The program comes first, so that templates, macros and
 * variables mean to the tests what they do in the reference; what stands after it is named by names it cannot know, and what
 * it could change of that is looked for before.
 */
export function isolatedUnit(program: Program, parts: UnitParts): Composition {
  const own = parts.indices.map((index) => program.tests[index] ?? '')
  const reason = findTampering({ ...program, tests: own })
  if (reason !== null) return { kind: 'unsupported', reason }
  const tests: string[] = []
  for (const [at, index] of parts.indices.entries()) {
    const body = callsOurs(parts.tests[at] ?? '')
    if (body === null) return { kind: 'unsupported', reason: 'a test that names wrapper without calling it' }
    tests.push(testFunction(index, body))
  }
  const text = [
    `#include "${parts.prelude}"`,
    parts.archLine,
    section('code', freshShared(parts.code, 'code')),
    section('wrapper', freshShared(parts.wrapper, 'wrapper')),
    '#line 1 "harness"',
    // Ends whatever declaration the program left without one.
    `; namespace { struct ${UNIT} { static inline const ::__ks::Table *table = nullptr; }; }`,
    parts.knownKernels,
    ...tests,
    entry(parts.indices),
  ].join('\n')
  return { kind: 'unit', text }
}

/** What translation leaves behind every declaration of arrays that a block shares, in a function. */
const SHARED = /__KS_USE_SHARED\(((?:sizeof\(\w+\)(?: \+ )?)+)\);/g

/** Has such arrays filled when a block comes to them. */
function freshShared(text: string, part: string): string {
  let count = 0
  return text.replace(SHARED, (told, sizes: string) => {
    const names = [...sizes.matchAll(/\w+(?=\))/g)].map(([name]) => name)
    return told + names.map((name) => ` ::__ks::FreshShared __ks_fresh_${part}_${count++}(${name}, sizeof(${name}));`).join('')
  })
}

function section(name: string, text: string): string {
  return `#line 1 "${name}"\n${text}\n\n`
}

function testFunction(index: number, body: string): string {
  const leave = `::__ks::Call<${UNIT}>::leave();`
  return `#line 1 "harness"\nstatic int ${testName(index)}() { {\n${section(`test ${index + 1}`, body)}#line 2 "harness"\n} ${leave} }`
}

function entry(indices: readonly number[]): string {
  const cases = indices.map((index) => `case ${index}: return ${testName(index)}; `).join('')
  return [
    '#line 1 "main"',
    'extern "C" __attribute__((visibility("default")))',
    `::__ks::TestFunction __ks_entry(const ::__ks::Table *table, int index) { ${UNIT}::table = table; switch (index) { ${cases}} return nullptr; }`,
    '',
  ].join('\n')
}

/** The test with our name where it calls wrapper, and the line of the call; null where it does something else with the name. */
function callsOurs(test: string): string | null {
  const { tokens } = tokenize(test)
  const named = tokens.flatMap((token, at) => (token.kind === 'identifier' && token.text === 'wrapper' ? [at] : []))
  const called = named.every((at) => {
    const [before, after] = [tokens[at - 1]?.text ?? ';', tokens[at + 1]?.text]
    return after === '(' && !['.', '->', '::', '##', '#'].includes(before)
  })
  if (!called) return null
  const edits = named.map((at) => {
    const { start = 0, end = 0 } = tokens[at] ?? {}
    return { start, end, text: ` ::__ks::Call<${UNIT}>{${lineOf(test, start)}}` }
  })
  return applyEdits(test, edits)
}

/** From 1. */
export function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length
}
