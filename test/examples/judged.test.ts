import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { formatLines, readExamples } from '../../docs/examples/build.ts'
import { ROUND_DEFAULTS, type RoundSpec } from '../../protocol/index.ts'
import { createSandbox } from '../../sandbox/index.ts'
import { CACHE } from '../support/cache.ts'
import { patience } from '../support/patience.ts'
import { sample } from '../support/sample.ts'
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
/** Of those that are right under both rules, and of the others. */
const STRIDE = { right: 3, other: 2 }

/** What is judged today, in the order of the file. */
function chosen() {
  const all = readExamples()
  const isRight = ({ expect }: (typeof all)[number]) => expect.compat === 'equivalent' && expect.strict === 'equivalent'
  const today = new Set([
    ...sample(all.filter(isRight), STRIDE.right),
    ...sample(
      all.filter((one) => !isRight(one)),
      STRIDE.other,
    ),
  ])
  return all.filter((one) => today.has(one))
}

test('the example round is judged as it says, by both rules', { timeout: WITHIN_MS }, async (t) => {
  const swarm = await TestSwarm.start(t, await scratch(t))
  await swarm.join('node', await createSandbox({ cacheDir: CACHE }), availableParallelism())
  const client = await swarm.researcher('researcher', WITHIN_MS)
  const file = join(swarm.folder, 'examples.jsonl')
  const examples = chosen()
  await writeFile(file, formatLines(examples))
  const round = await swarm.submit(client, file, SPEC)
  await ended(client, round)
  const outcomes = ((await results(client, round)).get('outcomes.jsonl') ?? '').trimEnd().split('\n')
  assert.deepEqual(
    outcomes.map((line) => JSON.parse(line)).map(({ id, judgement }) => ({ id, ...judgement })),
    examples.map(({ id, expect }) => ({ id, ...expect })),
  )
})
