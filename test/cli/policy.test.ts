import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { Command } from 'commander'
import { POLICY_FIELDS, withPolicy } from '../../bin/flow/policy-file.ts'
import { addCapOptions, priorityOption, visibilityOption } from '../../bin/flow/terms.ts'
import { addRoundOptions, type RoundOptions, specOf } from '../../bin/options.ts'
import { ROUND_DEFAULTS, type RoundSpec } from '../../protocol/index.ts'
import { scratch } from '../support/scratch.ts'

/** The terms that `submit` makes of a policy file and what is typed beside it. */
async function specFrom(t: TestContext, yaml: string, flags: string[] = []): Promise<RoundSpec> {
  const file = join(await scratch(t), 'policy.yaml')
  await writeFile(file, yaml)
  const command = addCapOptions(addRoundOptions(new Command().exitOverride(), { policy: '' }))
  command.addOption(priorityOption()).addOption(visibilityOption())
  command.parse([...flags, '--policy', file], { from: 'user' })
  return specOf(await withPolicy(command.opts<RoundOptions>(), command), 'cases.jsonl', ROUND_DEFAULTS.policy)
}

const ALL = `# all there is
name: night run
replicas: 5
quorum: 3
executor: gpu
rule: compat
passes: [isolated, races]
wall: 20
give-up-after: 7
compare: numeric
float-tolerance: [1e-5, 1e-3]
double-tolerance: [1e-10, 1e-8]
priority: 8
max-cpu-seconds: 3600
max-gpu-seconds: 60
max-program-seconds: 600
visibility: embargoed
prompts:
  translator: Translate.
`

describe('a policy file', () => {
  it('says everything that options say, and the prompts', async (t) => {
    const spec = await specFrom(t, ALL)
    assert.deepEqual(spec, {
      v: 1,
      name: 'night run',
      policy: { kind: 'majority', quorum: 3, replicas: 5 },
      executor: 'gpu',
      rule: 'compat',
      passes: ['isolated', 'races'],
      limits: { ...ROUND_DEFAULTS.limits, wallMs: 20_000 },
      giveUpAfter: 7,
      compare: { kind: 'numeric', float: { absolute: 1e-5, relative: 1e-3 }, double: { absolute: 1e-10, relative: 1e-8 } },
      priority: 8,
      caps: { cpuSeconds: 3600, gpuSeconds: 60, programSeconds: 600 },
      visibility: 'embargoed',
      prompts: { translator: 'Translate.', tester: ROUND_DEFAULTS.prompts.tester },
    })
  })

  it('has a field for every option of a round but itself', () => {
    const command = addCapOptions(addRoundOptions(new Command(), { policy: '' }))
    command.addOption(priorityOption()).addOption(visibilityOption())
    const options = command.options.map(({ long }) => long?.slice(2)).filter((name) => name !== 'policy')
    assert.deepEqual([...options, 'prompts'].sort(), [...POLICY_FIELDS].sort())
  })

  const flags = [
    { id: 'a flag', typed: ['--priority', '2'], has: { priority: 2 } },
    { id: 'a flag with the default value', typed: ['--executor', 'emulated'], has: { executor: 'emulated' } },
    { id: 'the quorum alone', typed: ['--quorum', '5'], has: { policy: { kind: 'majority', quorum: 5, replicas: 5 } } },
    {
      id: 'a confidence, in place of a majority',
      typed: ['--confidence', '.99'],
      has: { policy: { kind: 'confidence', theta: 0.99, f: 0.1, replicas: 32 } },
    },
  ]
  for (const { id, typed, has } of flags) {
    it(`counts less than the command line: ${id}`, async (t) => {
      const spec = await specFrom(t, ALL, typed)
      assert.deepEqual({ ...spec, ...has }, spec)
    })
  }

  it('in which passes are "none"', async (t) => {
    assert.deepEqual((await specFrom(t, 'rule: compat\npasses: none\n')).passes, [])
  })

  const bad = [
    { id: 'no YAML', yaml: 'a: [\n', says: /policy\.yaml, line \d: / },
    { id: 'a field twice', yaml: 'wall: 1\nwall: 2\n', says: /policy\.yaml, line 2: / },
    { id: 'a field there is not', yaml: 'wall: 1\nreplica: 3\n', says: /policy\.yaml, line 2, field replica: no such field/ },
    {
      id: 'a word for a number',
      yaml: '\n\nquorum: two\n',
      says: /policy\.yaml, line 3, field quorum: expected number, received string/,
    },
    { id: 'a pass there is not', yaml: 'passes: [isolated, all]\n', says: /line 1, field passes.*: expected "none", or a list/ },
    { id: 'a number for words', yaml: 'prompts: { translator: 5 }\n', says: /prompts\.translator: expected string, received/ },
    { id: 'one tolerance of two', yaml: 'float-tolerance: [1]\n', says: /line 1, field float-tolerance/ },
    { id: 'a quorum that is no majority', yaml: 'replicas: 4\nquorum: 2\n', says: /line 2, field quorum: .*more than half/ },
    { id: 'a quorum and a confidence', yaml: 'confidence: 0.9\nquorum: 2\n', says: /line 2, field quorum: cannot be used with/ },
    { id: 'saboteurs alone', yaml: '\nassumed-saboteurs: 0.1\n', says: /line 2, field assumed-saboteurs: is for --confidence/ },
    { id: 'a confidence of 1', yaml: 'confidence: 1\n', says: /line 1, field confidence: / },
    { id: 'a tolerance for exact', yaml: 'compare: exact\ndouble-tolerance: [1, 1]\n', says: /line 2, field double-tolerance: / },
    { id: 'strict without passes', yaml: 'passes: none\n', says: /line 1, field passes: the strict rule needs/ },
    { id: 'a priority of 10', yaml: 'priority: 10\n', says: /line 1, field priority: / },
    { id: 'nothing', yaml: '# nothing\n', says: /policy\.yaml: missing; expected object/ },
    { id: 'a list', yaml: '- wall\n', says: /policy\.yaml.*expected object/ },
    {
      id: 'aliases that unfold without end',
      yaml: `a: &a [x]\n${'bcdefghij'.replace(/./g, (to, at: number) => `${to}: &${to} [${`*${'abcdefghij'[at]},`.repeat(9)}]\n`)}`,
      says: /policy\.yaml/,
    },
  ]
  for (const { id, yaml, says } of bad) {
    it(`${id}: file, line and field`, async (t) => {
      await assert.rejects(specFrom(t, yaml), (error: { code: string; message: string }) => {
        assert.match(error.message, says)
        assert.match(error.code, /^(option|plan)$/)
        return true
      })
    })
  }

  it('that is not there', async () => {
    const command = addRoundOptions(new Command(), { policy: '' })
    const options = { policy: '/none/policy.yaml' } as RoundOptions
    await assert.rejects(withPolicy(options, command), { code: 'file', message: /policy\.yaml: no such file/ })
  })
})
