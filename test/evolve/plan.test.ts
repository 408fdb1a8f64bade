import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { readPlan } from '../../bin/evolve/plan-file.ts'
import { scratch } from '../support/scratch.ts'

const PEER = '12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN'
const GOOD = `name: a loop
generate: { run: [sh, -c, 'true'] }
verify:
  options:
    rule: compat
train: { run: 'true' }
stop: { rounds: 2 }
`

const bad = [
  { id: 'no YAML', text: 'name: [', says: /plan\.yaml, line 1: / },
  { id: 'a key twice', text: `${GOOD}name: again\n`, says: /plan\.yaml, line 8: .*unique/i },
  { id: 'nothing', text: '', says: /plan\.yaml.*expected object/ },
  { id: 'a field that is missing', text: GOOD.replace(/^stop.*\n/m, ''), says: /field stop: missing; expected object/ },
  { id: 'a field that there is not', text: `${GOOD}colour: red\n`, says: /line 8, field colour: no such field/ },
  { id: 'no rounds', text: GOOD.replace('rounds: 2', 'rounds: 0'), says: /line 7, field stop\.rounds: .*>=1/ },
  { id: 'a yield that is no share', text: GOOD.replace('rounds: 2', 'rounds: 2, yield: 5'), says: /line 7, field stop\.yield: / },
  { id: 'a command without a word', text: GOOD.replace("'true' }", '[] }'), says: /line 6, field train\.run: .*>=1 items/ },
  {
    id: 'a program that is not there',
    text: GOOD.replace('[sh, -c', '[no-such-program, -c'),
    says: /line 2, field generate\.run: no-such-program: no such program/,
  },
  {
    id: 'a variable of ours',
    text: GOOD.replace("run: 'true'", "run: 'true', env: { KERNELSWARM_ROUND: 7 }"),
    says: /line 6, field train\.env\.KERNELSWARM_ROUND: names that begin with KERNELSWARM_ are taken/,
  },
  {
    id: 'a step without end',
    text: GOOD.replace("run: 'true'", "run: 'true', hours: 1000"),
    says: /field train\.hours: .*<=500/,
  },
  {
    id: 'an option that there is not',
    text: GOOD.replace('rule: compat', 'colour: red'),
    says: /line 5, field verify\.options\.colour: unknown option '--colour'/,
  },
  {
    id: 'an option with a wrong value',
    text: GOOD.replace('rule: compat', 'rule: strictest'),
    says: /line 5, field verify\.options\.rule: .*Allowed choices are compat, strict/,
  },
  {
    id: 'an option of submit, without a coordinator',
    text: GOOD.replace('rule: compat', 'priority: 3'),
    says: /line 5, field verify\.options\.priority: unknown option/,
  },
  {
    id: 'options that contradict each other',
    text: GOOD.replace('rule: compat', 'replicas: 4\n    quorum: 2'),
    says: /line 5, field verify\.options: --quorum and --replicas: the quorum must be more than half/,
  },
  {
    id: 'fewer nodes than the terms take',
    text: GOOD.replace('rule: compat', 'replicas: 3\n    nodes: 2'),
    says: /field verify\.options: nodes: 2; these terms take at least 3 nodes/,
  },
  {
    id: 'a name of its own',
    text: GOOD.replace('rule: compat', 'name: x'),
    says: /options\.name: rounds are named after the plan/,
  },
  {
    id: 'an address that is none',
    text: GOOD.replace('verify:', 'verify:\n  coordinator: localhost:4600'),
    says: /line 4, field verify\.coordinator: localhost:4600: not a multiaddr/,
  },
  {
    id: 'a key for nobody',
    text: GOOD.replace('verify:', 'verify:\n  key: my.key'),
    says: /line 4, field verify\.key: is for a coordinator/,
  },
  { id: 'aliases that grow', text: bomb(), says: /plan\.yaml, line 1: .*alias/i },
]

/** A few hundred bytes that stand for millions of values. */
function bomb(): string {
  const lines = Array.from({ length: 9 }, (_, n) => `l${n + 1}: &l${n + 1} [${Array(9).fill(`*l${n}`).join(', ')}]`)
  return `l0: &l0 [x]\n${lines.join('\n')}\n`
}

describe('a plan', () => {
  for (const { id, text, says } of bad) {
    it(`is refused with file, line and field: ${id}`, async (t) => {
      const file = join(await scratch(t), 'plan.yaml')
      await writeFile(file, text)
      await assert.rejects(readPlan(file), (error: Error & { code: string }) => {
        assert.equal(error.code, 'plan')
        assert.match(error.message, says)
        return true
      })
    })
  }

  it('that is not there is said to be missing', async (t) => {
    await assert.rejects(readPlan(join(await scratch(t), 'none.yaml')), { code: 'file', message: /none\.yaml: no such file/ })
  })

  it('without a coordinator has the terms of `run`, with one those of `submit`', async (t) => {
    const file = join(await scratch(t), 'plan.yaml')
    await writeFile(file, GOOD)
    const alone = await readPlan(file)
    assert.deepEqual(alone.terms.local, { nodes: 1, nvcc: true, gpu: undefined })
    assert.deepEqual(alone.terms.spec.policy, { kind: 'majority', quorum: 1, replicas: 1 })
    assert.equal(alone.work.path, file.replace('.yaml', '.evolve'))
    const address = `/ip4/127.0.0.1/tcp/4600/p2p/${PEER}`
    const remote = GOOD.replace('verify:', `verify:\n  coordinator: ${address}`).replace(
      'rule: compat',
      'max-cpu-seconds: 60\n    visibility: embargoed\n    passes: [isolated, races]\n    float-tolerance: [1e-6, 1e-4]',
    )
    await writeFile(file, remote)
    const { spec, local } = (await readPlan(file)).terms
    assert.equal(local, null)
    assert.deepEqual(spec.policy, { kind: 'majority', quorum: 2, replicas: 3 })
    assert.deepEqual([spec.caps, spec.visibility, spec.passes], [{ cpuSeconds: 60 }, 'embargoed', ['isolated', 'races']])
  })
})

describe('the plans of the documents', () => {
  it('the example is as it should be', async (t) => {
    const example = fileURLToPath(new URL('../../docs/examples/evolve/plan.yaml', import.meta.url))
    const file = join(await scratch(t), 'plan.yaml')
    // Whether there is a python3 here is not the plan's matter.
    await writeFile(file, (await readFile(example, 'utf8')).replaceAll('python3', 'sh'))
    assert.equal((await readPlan(file)).plan.stop.rounds, 2)
  })

  it('those of docs/researchers.md are', async (t) => {
    const text = await readFile(new URL('../../docs/researchers.md', import.meta.url), 'utf8')
    const plans = [...text.matchAll(/```yaml\n(# PLAN\.yaml[\s\S]*?)```/g)].map(([, plan = '']) => plan)
    assert.ok(plans.length > 0)
    for (const plan of plans) {
      const file = join(await scratch(t), 'plan.yaml')
      await writeFile(file, plan.replace(/\/p2p\/\S+/, `/p2p/${PEER}`).replaceAll('python3', 'sh'))
      await readPlan(file)
    }
  })
})
