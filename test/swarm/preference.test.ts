import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { Preference } from '../../coordinator/preference.ts'
import { askPreferred, compareToolchains, toolchainAdvice } from '../../node/index.ts'
import { classOf, type Environment, toolchainDifferences } from '../../protocol/index.ts'
import { writeCases } from '../support/cases.ts'
import { FakeSandbox } from '../support/fake-sandbox.ts'
import { scratch } from '../support/scratch.ts'
import { ended, TestSwarm } from '../support/swarm.ts'

const HOST = 'host / ks7 / g++ 12 / x86-64'
const HOST_13 = 'host / ks7 / g++ 13 / x86-64'
const GPU = 'gpu / ks7 / g++ 12 / nvcc 13.0 / x86-64 / sm_90'

describe('how toolchains differ', () => {
  for (const { id, own, preferred, found } of [
    { id: 'the same', own: GPU, preferred: GPU, found: [] },
    { id: 'another compiler', own: HOST_13, preferred: HOST, found: ['compiler: g++ 13, g++ 12'] },
    {
      id: 'no nvcc, another architecture',
      own: 'gpu / ks7 / g++ 12 / x86-64 / sm_80',
      preferred: GPU,
      found: ['nvcc: null, nvcc 13.0', 'GPU architecture: sm_80, sm_90'],
    },
    {
      id: 'all of it',
      own: 'host / ks6 / clang 19 / aarch64',
      preferred: HOST,
      found: ['sandbox: ks6, ks7', 'compiler: clang 19, g++ 12', 'processor: aarch64, x86-64'],
    },
  ]) {
    it(id, () => {
      const said = toolchainDifferences(own, preferred).map(({ what, own, preferred }) => `${what}: ${own}, ${preferred}`)
      assert.deepEqual(said, found)
    })
  }
})

describe('the toolchain a coordinator prefers', () => {
  for (const { id, decidedIn, stated, classes } of [
    { id: 'none while nothing is decided', decidedIn: {}, stated: [], classes: [] },
    {
      id: 'that in which most was decided, by executor',
      decidedIn: { [HOST]: 3, [HOST_13]: 4, [GPU]: 1 },
      stated: [],
      classes: [GPU, HOST_13],
    },
    { id: 'of as many the first by name', decidedIn: { [HOST_13]: 4, [HOST]: 4 }, stated: [], classes: [HOST] },
    { id: 'what its operator says goes before', decidedIn: { [HOST_13]: 4, [GPU]: 1 }, stated: [HOST], classes: [GPU, HOST] },
  ]) {
    it(id, () => {
      const preference = new Preference({ decidedIn: new Map(Object.entries<number>(decidedIn)) }, stated)
      assert.deepEqual(preference.classes(), classes)
    })
  }
})

async function swarmWith(t: TestContext, prefer: readonly string[]): Promise<{ swarm: TestSwarm; folder: string }> {
  const folder = await scratch(t)
  return { folder, swarm: await TestSwarm.start(t, folder, { prefer, http: { host: '127.0.0.1', port: 0 } }) }
}

const environments: Environment[] = (['host', 'emulated'] as const).map((executor) => new FakeSandbox().environment(executor))
const patient = () => ({ signal: AbortSignal.timeout(60_000) })

describe('a node that asks what a coordinator prefers', { timeout: 120_000 }, () => {
  it('is told by its page and at its own address alike, and holds no work for it', async (t) => {
    const { swarm } = await swarmWith(t, [HOST])
    for (const address of [swarm.coordinator.url as string, swarm.address]) {
      assert.deepEqual(await askPreferred(address, environments, patient()), [HOST], address)
    }
    assert.equal(swarm.coordinator.ledger.state.events, 0)
  })

  it('is told what most was decided in, after a round', async (t) => {
    const { swarm, folder } = await swarmWith(t, [])
    const client = await swarm.researcher()
    const file = join(folder, 'cases.jsonl')
    await writeCases(file, 3)
    const round = await swarm.submit(client, file)
    for (const name of ['a', 'b']) await swarm.addNode(name)
    await ended(client, round)
    const preferred = await askPreferred(swarm.address, environments, patient())
    assert.deepEqual(preferred, environments.map((environment) => classOf(environment, 'plain')).sort())
    const rows = compareToolchains(environments, preferred)
    for (const row of rows) assert.equal(toolchainAdvice(row), `${row.executor}: as this coordinator prefers`)
  })

  it('reads in plain words what differs and what that costs', () => {
    const [host, emulated] = compareToolchains(environments, [HOST]).map(toolchainAdvice)
    assert.match(host ?? '', /^host: sandbox fake-1 here, ks7 preferred.*pooled only with those of nodes that have the same/)
    assert.match(emulated ?? '', /^emulated: nothing was decided there yet/)
  })

  it('says so when nobody answers, or something else does', async (t) => {
    const page = createServer((_, response) => response.end('{"hello":"there"}')).listen(0, '127.0.0.1')
    t.after(() => page.close())
    await new Promise((resolve) => page.once('listening', resolve))
    const { port } = page.address() as AddressInfo
    for (const address of [`http://127.0.0.1:${port}`, 'http://127.0.0.1:9', '/ip4/127.0.0.1/tcp/9']) {
      await assert.rejects(askPreferred(address, environments, patient()), { code: 'unreachable' }, address)
    }
    await assert.rejects(askPreferred('somewhere', environments, patient()), { code: 'address' })
  })

  it('is told that its release is too old, before it joins', async (t) => {
    const swarm = await TestSwarm.start(t, await scratch(t), { leastVersion: '9.1.0' })
    const message = /works with kernelswarm 9\.1\.0 or later.*update it/
    await assert.rejects(askPreferred(swarm.address, environments, patient()), { code: 'unreachable', message })
  })
})
