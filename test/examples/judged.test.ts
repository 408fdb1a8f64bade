import assert from 'node:assert/strict'
import { availableParallelism } from 'node:os'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { linesFile, readExamples } from '../../docs/examples/build.ts'
import { ROUND_DEFAULTS, type RoundSpec } from '../../protocol/index.ts'
import { createSandbox } from '../../sandbox/index.ts'
import { CACHE } from '../sandbox/fixture.ts'
import { patience } from '../support/patience.ts'
import { scratch } from '../support/scratch.ts'
import { ended, results, TestSwarm } from '../support/swarm.ts'

/** One of its kernels never ends; the others need far less, on a machine that does other things beside. */
const WALL_MS = 10_000
const SPEC: RoundSpec = {
  ...ROUND_DEFAULTS,
  v: 1,
  name: 'example round',
  policy: { kind: 'majority', quorum: 1, replicas: 1 },
  limits: { ...ROUND_DEFAULTS.limits, wallMs: WALL_MS },
}

const WITHIN_MS = patience(900_000)

test('the example round is judged as it says, by both rules', { timeout: WITHIN_MS }, async (t) => {
  const swarm = await TestSwarm.start(t, await scratch(t))
  await swarm.join('node', await createSandbox({ cacheDir: CACHE }), availableParallelism())
  const client = await swarm.researcher('researcher', WITHIN_MS)
  const round = await swarm.submit(client, fileURLToPath(linesFile), SPEC)
  await ended(client, round)
  const outcomes = ((await results(client, round)).get('outcomes.jsonl') ?? '').trimEnd().split('\n')
  assert.deepEqual(
    outcomes.map((line) => JSON.parse(line)).map(({ id, judgement }) => ({ id, ...judgement })),
    readExamples().map(({ id, expect }) => ({ id, ...expect })),
  )
})
