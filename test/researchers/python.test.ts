import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { line, writeCases } from '../support/cases.ts'
import { scratch } from '../support/scratch.ts'
import { results, TestSwarm } from '../support/swarm.ts'

const EXAMPLES = fileURLToPath(new URL('../../docs/examples/python/', import.meta.url))
const KERNELSWARM = fileURLToPath(new URL('../../bin/kernelswarm', import.meta.url))

/** Runs a Python program with nothing but its standard library; null where there is no python3. */
async function python(t: TestContext, args: string[], env: NodeJS.ProcessEnv = {}) {
  const child = spawn('python3', ['-I', ...args], { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  t.after(() => child.kill('SIGKILL'))
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (text) => (stdout += text))
  child.stderr.on('data', (text) => (stderr += text))
  try {
    const [code] = (await once(child, 'close')) as [number]
    return { code, stdout, stderr }
  } catch {
    t.skip('python3 is not here')
    return null
  }
}

describe('from Python', { timeout: 600_000 }, () => {
  it('one subprocess call is co-verify: accepted pairs come back, and cases that are none raise', async (t) => {
    const folder = await scratch(t)
    const swarm = await TestSwarm.start(t, folder)
    for (const name of ['a', 'b', 'c']) await swarm.addNode(name)
    const pairs = join(folder, 'pairs.jsonl')
    await writeCases(pairs, 4)
    const env = { KERNELSWARM, HOME: folder, KERNELSWARM_OPTIONS: '--rule compat --passes none' }
    const out = join(folder, 'out')
    const ran = await python(t, [join(EXAMPLES, 'co_verify.py'), pairs, out, swarm.address], env)
    if (ran === null) return
    assert.equal(ran.code, 0, ran.stderr)
    assert.match(ran.stdout, /^3 of 4 pairs are equivalent/)
    assert.equal(JSON.parse(await readFile(join(out, 'translator_sft.json'), 'utf8')).length, 3)
    await writeFile(pairs, `${line(1, { cpp_code: '' })}\n`)
    const bad = await python(t, [join(EXAMPLES, 'co_verify.py'), pairs, join(folder, 'bad'), swarm.address], env)
    assert.match(bad?.stderr ?? '', /line 1, field cpp_code: must not be empty[\s\S]*CalledProcessError.* exit status 2/)
  })

  it('a round is followed over HTTP, and its files are those of an export', async (t) => {
    const folder = await scratch(t)
    const swarm = await TestSwarm.start(t, folder, { http: { host: '127.0.0.1', port: 0 } })
    const client = await swarm.researcher()
    const round = await swarm.submit(client, await writeCases(join(folder, 'cases.jsonl'), 5))
    const out = join(folder, 'out')
    const following = python(t, [join(EXAMPLES, 'follow_round.py'), `${swarm.coordinator.url}`, round, out])
    for (const name of ['a', 'b', 'c']) await swarm.addNode(name)
    const ran = await following
    if (ran === null) return
    assert.equal(ran.code, 0, ran.stderr)
    assert.match(ran.stdout, /aggregated: 5 of 5 cases/)
    const exported = await results(await swarm.researcher(), round)
    for (const name of ['outcomes.jsonl', 'valid_translations.jsonl', 'translator_sft.json', 'dataset_info.json', 'matrix.csv']) {
      assert.equal(await readFile(join(out, name), 'utf8'), exported.get(name), name)
    }
  })
})
