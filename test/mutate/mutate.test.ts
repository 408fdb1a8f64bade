import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { type Case, parseCaseLine } from '../../protocol/case.ts'
import { readCases } from '../../protocol/case-file.ts'
import { formatMutant, MUTATED_SIDES, MUTATION_KINDS, type Mutant, Mutator } from '../../sandbox/index.ts'
import { balanced } from '../../sandbox/source/brackets.ts'
import { tokenize } from '../../sandbox/source/tokens.ts'
import { linesFile } from '../corpus/build.ts'
import { scratch } from '../support/scratch.ts'
import { typed } from '../support/typed.ts'

const hash = (text: string) => createHash('sha256').update(text).digest('hex')
const cases = readFileSync(linesFile, 'utf8')
  .trimEnd()
  .split('\n')
  .map((line, index) => parseCaseLine(line, { file: 'corpus.jsonl', line: index + 1 }, hash))

const PARTS = ['cpp', 'cuda', 'wrapper'] as const
const tokensOf = (text: string) => tokenize(text).tokens.map((token) => `${token.directive >= 0} ${token.text}`)
const tokensOfAll = (one: Case) => JSON.stringify(PARTS.map((part) => tokensOf(one[part])))

const options = fc.record({
  seed: fc.string({ maxLength: 20 }),
  count: fc.integer({ min: 1, max: 12 }),
  side: fc.constantFrom(...MUTATED_SIDES),
})
const someCases = fc
  .uniqueArray(fc.nat(cases.length - 1), { minLength: 1, maxLength: 4 })
  .map((list) => list.flatMap((at) => cases[at] ?? []))

/** Mutants of cases, one mutator for all, beside the case each came from. */
function mutantsOf(origins: readonly Case[], init: { seed: string; count: number }): { origin: Case; mutant: Mutant }[] {
  const mutator = new Mutator(init)
  return origins.flatMap((origin) => mutator.mutate(origin).map((mutant) => ({ origin, mutant })))
}

describe('mutants', () => {
  test('are the same bytes for the same seed', () => {
    fc.assert(
      fc.property(options, someCases, (init, origins) => {
        const [first, second] = [mutantsOf(origins, init), mutantsOf(origins, init)]
        assert.deepEqual(
          first.map(({ mutant }) => formatMutant(mutant)),
          second.map(({ mutant }) => formatMutant(mutant)),
        )
      }),
      { numRuns: 40 },
    )
  })

  test('are others for another seed', () => {
    const ids = (seed: string) => mutantsOf(cases, { seed, count: 1 }).map(({ mutant }) => mutant.case.id)
    assert.notDeepEqual(ids('1'), ids('2'))
  })

  test('differ in tokens from their origin and from one another', () => {
    fc.assert(
      fc.property(options, someCases, (init, origins) => {
        // The same case twice: what the first gave, the second must not give again.
        const all = mutantsOf([...origins, ...origins], init)
        const texts = all.map(({ mutant }) => tokensOfAll(mutant.case))
        assert.equal(new Set(texts).size, texts.length)
        for (const [at, { origin, mutant }] of all.entries())
          assert.notEqual(texts[at], tokensOfAll(origin), String(mutant.case.id))
      }),
      { numRuns: 40 },
    )
  })

  test('change the part they name and nothing else, at the line they name', () => {
    fc.assert(
      fc.property(options, someCases, (init, origins) => {
        for (const { origin, mutant } of mutantsOf(origins, init)) {
          const { part, line, column, from, to, case: changed } = mutant
          for (const other of PARTS) if (other !== part) assert.equal(changed[other], origin[other])
          assert.equal(changed.source, origin.source)
          assert.deepEqual([changed.cppTests, changed.cudaTests], [origin.cppTests, origin.cudaTests])
          assert.ok((origin[part].split('\n')[line - 1] ?? '').slice(column - 1).startsWith(from.split('\n')[0] ?? ''))
          assert.ok(changed[part].includes(to))
          assert.equal(part === 'cpp', (init.side === 'original') === (origin.source === 'cpp'))
        }
      }),
      { numRuns: 40 },
    )
  })

  test('have balanced brackets where their origin has', () => {
    for (const { origin, mutant } of mutantsOf(cases, { seed: 'balance', count: 30 })) {
      const { part } = mutant
      if (!balanced(tokenize(origin[part]).tokens)) continue
      assert.ok(balanced(tokenize(mutant.case[part]).tokens), String(mutant.case.id))
      assert.deepEqual(tokenize(mutant.case[part]).problems, [])
    }
  })

  test('come of every kind', () => {
    const seen = new Set(mutantsOf(cases, { seed: 'kinds', count: 30 }).map(({ mutant }) => mutant.kind))
    assert.deepEqual(
      MUTATION_KINDS.filter((kind) => !seen.has(kind)),
      [],
    )
  })

  test('can be made of any text', () => {
    const word = fc.constantFrom(
      ...'( ) [ ] { } < > <<< >>> ; , = + * && if for __global__ dim3 sizeof atomicAdd a 1 "s" // # \n'.split(' '),
      '\n',
    )
    const text = fc.array(word, { maxLength: 40 }).map((words) => words.join(' '))
    fc.assert(
      fc.property(text, options, (cuda, init) => {
        const origin: Case = {
          id: null,
          problem: 'p',
          source: 'cpp',
          cpp: cuda,
          cuda,
          wrapper: cuda,
          cppTests: [],
          cudaTests: [],
        }
        for (const { mutant } of mutantsOf([origin], init)) assert.notEqual(tokensOfAll(mutant.case), tokensOfAll(origin))
      }),
      { numRuns: 300 },
    )
  })

  test('of cases without an id are named by their number', () => {
    const nameless = cases.slice(0, 2).map((one) => ({ ...one, id: null }))
    assert.deepEqual(
      mutantsOf(nameless, { seed: '1', count: 1 }).map(({ mutant }) => mutant.origin),
      ['#1', '#2'],
    )
  })
})

describe('kernelswarm mutate', () => {
  test('writes a case file, the same twice, and never over one that is there', async (t) => {
    const home = await scratch(t)
    const file = join(home, 'cases.jsonl')
    await writeFile(file, readFileSync(linesFile, 'utf8').split('\n').slice(0, 5).join('\n'))
    const mutate = (out: string, ...more: string[]) => typed(t, home, ['mutate', file, '--out', join(home, out), ...more])
    const first = await mutate('a.jsonl', '--count', '3', '--json')
    assert.equal(first.code, 0, first.stderr)
    const summary = JSON.parse(first.stdout)
    assert.deepEqual([summary.cases, summary.mutants], [5, 15])
    assert.equal((await mutate('b.jsonl', '--count', '3')).code, 0)
    assert.equal(await readFile(join(home, 'a.jsonl'), 'utf8'), await readFile(join(home, 'b.jsonl'), 'utf8'))
    assert.equal((await mutate('a.jsonl')).code, 2)
    const read: Case[] = []
    for await (const one of readCases(join(home, 'a.jsonl'))) read.push(one)
    assert.equal(read.length, 15)
    // A changed translation is one more translation of the same problem.
    assert.equal(new Set(read.map(({ problem }) => problem)).size, 5)
  })

  test('makes only the kinds that were asked for, and refuses those it does not know', async (t) => {
    const home = await scratch(t)
    const file = join(home, 'cases.jsonl')
    await writeFile(file, readFileSync(linesFile, 'utf8').split('\n').slice(0, 3).join('\n'))
    const args = ['mutate', file, '--out', join(home, 'out.jsonl'), '--kinds']
    const ran = await typed(t, home, [...args, 'copy,launch', '--count', '50', '--json'])
    assert.deepEqual(Object.keys(JSON.parse(ran.stdout).kinds).sort(), ['copy', 'launch'])
    assert.equal((await typed(t, home, [...args, 'copying'])).code, 2)
  })
})
