import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { cruise, type ICruiseResult } from 'dependency-cruiser'
// @ts-expect-error a configuration file has no types
import rules from '../.dependency-cruiser.cjs'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const ROOMS = ['bin', 'protocol', 'sandbox', 'node', 'coordinator']

describe('the rooms', async () => {
  process.chdir(ROOT)
  const { output } = await cruise(ROOMS, { ruleSet: rules, validate: true, ...rules.options })
  const { modules, summary } = output as ICruiseResult
  const edges = new Set(
    modules.flatMap(({ source, dependencies }) => dependencies.map(({ resolved }) => `${source} -> ${resolved}`)),
  )

  it('know only whom they may know, by their faces, without cycles', () => {
    assert.deepEqual(
      summary.violations.map(({ from, to, rule }) => `${rule.name}: ${from} -> ${to}`),
      [],
    )
  })

  it('are really read: imports that are there are seen', () => {
    assert.ok(edges.has('node/volunteer.ts -> protocol/index.ts'))
    assert.ok(edges.has('sandbox/types.ts -> protocol/index.ts'))
  })

  it('what moves work knows nothing of what is verified', () => {
    const moving = /^(coordinator\/(work|dispatch|store)\/|node\/|protocol\/(channel|host|gather|envelope|messages))/
    const meaning = /-> coordinator\/(workload|rules\/judge)\.ts$/
    assert.deepEqual(
      [...edges].filter((edge) => moving.test(edge) && meaning.test(edge)),
      [],
    )
    assert.ok(edges.has('coordinator/workload.ts -> coordinator/rules/judge.ts'))
  })

  it('coordinator/audit may import nothing of the room but itself', () => {
    const rule = rules.forbidden.find(({ name }: { name: string }) => name === 'audit-knows-nothing-that-decides')
    assert.ok([...edges].some((edge) => /^coordinator\/audit\/.* -> protocol\//.test(edge)))
    for (const file of ['rules/ballot.ts', 'state/model.ts', 'trust/trust.ts', 'results/archive.ts']) {
      const to = `coordinator/${file}`
      assert.ok(new RegExp(rule.to.path).test(to) && !new RegExp(rule.to.pathNot).test(to), to)
    }
  })

  for (const [from, to] of [
    ['coordinator', 'sandbox'],
    ['coordinator', 'node'],
    ['node', 'coordinator'],
    ['sandbox', 'node'],
    ['protocol', 'sandbox'],
    ['bin', 'sandbox'],
  ]) {
    it(`${from} may not import ${to}: a rule says so`, () => {
      const rule = rules.forbidden.find(({ name }: { name: string }) => name.startsWith(`${from}-knows-only`))
      assert.ok(new RegExp(rule.to.path).test(`${to}/index.ts`) && !new RegExp(rule.to.pathNot).test(`${to}/index.ts`))
    })
  }
})
