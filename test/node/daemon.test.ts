import assert from 'node:assert/strict'
import { once } from 'node:events'
import { stat } from 'node:fs/promises'
import { type IncomingMessage, request } from 'node:http'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import pino from 'pino'
import { holderOf } from '../../node/daemon/claim.ts'
import {
  askDaemon,
  Daemon,
  EndedEarly,
  type MachineSandbox,
  type NodeStatus,
  pageToken,
  type RunDetail,
} from '../../node/index.ts'
import { anytime } from '../support/anytime.ts'
import { writeCases } from '../support/cases.ts'
import { FakeMachine } from '../support/fake-machine.ts'
import { scratch } from '../support/scratch.ts'
import { ended, SPEC, TestSwarm } from '../support/swarm.ts'
import { until } from '../support/until.ts'

const log = pino({ level: 'silent' })

async function daemon(t: TestContext, data: string, coordinator: string, open = async () => new FakeMachine() as MachineSandbox) {
  anytime(data)
  const init = {
    data,
    coordinator,
    slots: 2,
    cache: join(data, 'cache'),
    page: { port: 0 },
    log,
    signal: new AbortController().signal,
  }
  const started = await Daemon.start(init, open)
  t.after(async () => await started.stop())
  return started
}

async function ask(
  url: string,
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
) {
  const { hostname, port } = new URL(url)
  const { body, ...rest } = options
  const asked = request({ hostname, port, path, ...rest })
  asked.end(body)
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  return { status: response.statusCode, headers: response.headers, text: Buffer.concat(await response.toArray()).toString() }
}

describe('a node as its owner has it', { timeout: 120_000 }, () => {
  it('says what it does, keeps what ran, and does what it is told, over a socket that is his alone', async (t) => {
    const folder = await scratch(t)
    const data = await scratch(t)
    const swarm = await TestSwarm.start(t, folder)
    const node = await daemon(t, data, swarm.address)
    assert.equal((await stat(join(data, 'control.sock'))).mode & 0o777, 0o600)
    const client = await swarm.researcher()
    const one = { ...SPEC, policy: { kind: 'majority', quorum: 1, replicas: 1 } as const }
    await ended(client, await swarm.submit(client, await writeCases(join(folder, 'cases.jsonl'), 2), one))
    const status = await until(async () => {
      const now = await askDaemon<NodeStatus>(data, '/api/status')
      return now.tally?.accepted === 4 ? now : null
    }, 'its verdicts are accepted')
    assert.match(status.says, /^It waits: its coordinator has no work/)
    assert.equal(status.coordinators[0]?.state, 'connected')
    assert.match(status.notes.join(), /with one it could also run/)
    const [run] = await askDaemon<{ nonce: string }[]>(data, '/api/runs?limit=1')
    const detail = await askDaemon<RunDetail>(data, `/api/runs/${run?.nonce.slice(0, 10)}`)
    assert.match(detail.program?.code ?? '', /void/)
    await assert.rejects(askDaemon(data, '/api/runs/zz'), { code: 'refused', message: /no run of that name/ })
    const paused = await askDaemon<NodeStatus>(data, '/api/pause', {})
    assert.match(paused.says, /^It does nothing: /)
    await assert.rejects(askDaemon(data, '/api/snooze', { minutes: -1 }), { code: 'refused' })
    assert.match((await askDaemon<NodeStatus>(data, '/api/resume', {})).says, /^It waits/)
    await askDaemon(data, '/api/stop', {})
    assert.equal(await node.wanted, 'stopped by its owner')
    await node.stop()
    await assert.rejects(askDaemon(data, '/api/status'), { code: 'not-running' })
  })

  it('is one a folder: a second one is told which process has it, also while the first one tests its sandbox', async (t) => {
    const data = await scratch(t)
    const swarm = await TestSwarm.start(t, await scratch(t))
    const opened = Promise.withResolvers<MachineSandbox>()
    const first = daemon(t, data, swarm.address, () => opened.promise)
    await until(() => askDaemon<NodeStatus>(data, '/api/status').catch(() => null), 'it can be asked')
    const message = new RegExp(`process ${process.pid} runs on this folder since`)
    await assert.rejects(daemon(t, data, swarm.address), { code: 'file', message })
    assert.match((await askDaemon<NodeStatus>(data, '/api/status')).says, /tests its sandbox/)
    opened.resolve(new FakeMachine())
    await (await first).stop()
    await (await daemon(t, data, swarm.address)).stop()
  })

  it('is ended while it tests its sandbox, by a signal or when it is told, and gives its folder back', async (t) => {
    const data = await scratch(t)
    anytime(data)
    const swarm = await TestSwarm.start(t, await scratch(t))
    const never = () => new Promise<MachineSandbox>(() => {})
    const ends = [
      async (stop: AbortController) => stop.abort(),
      async () => void (await until(() => askDaemon(data, '/api/stop', {}).catch(() => null), 'it is told')),
    ]
    for (const end of ends) {
      const stop = new AbortController()
      const init = {
        data,
        coordinator: swarm.address,
        slots: 2,
        cache: join(data, 'cache'),
        page: null,
        log,
        signal: stop.signal,
      }
      const started = Daemon.start(init, never)
      await end(stop)
      await assert.rejects(started, EndedEarly)
      assert.equal(await holderOf(data), null)
    }
  })

  it('ends by itself when it has finished what it was to finish', async (t) => {
    const data = await scratch(t)
    const swarm = await TestSwarm.start(t, await scratch(t))
    const node = await daemon(t, data, swarm.address)
    await askDaemon(data, '/api/finish', {})
    assert.equal(await node.wanted, 'it has finished')
  })

  it('has a page that shows, acts only with the token, and answers to no other name', async (t) => {
    const data = await scratch(t)
    const swarm = await TestSwarm.start(t, await scratch(t))
    const node = await daemon(t, data, swarm.address)
    const url = (await node.status()).page as string
    const { host } = new URL(url)
    for (const path of ['/', '/page.js', '/page.css', '/api/status', '/api/runs?limit=3']) {
      const { status, headers } = await ask(url, path)
      assert.equal(status, 200, path)
      assert.match(String(headers['content-security-policy']), /default-src 'none'; script-src 'self'/)
      assert.equal(headers['x-content-type-options'], 'nosniff')
    }
    for (const name of ['evil.example', `evil.example:${new URL(url).port}`, '127.0.0.1']) {
      assert.equal((await ask(url, '/api/status', { headers: { host: name } })).status, 421, name)
    }
    const json = { 'content-type': 'application/json' }
    const token = await pageToken(data)
    assert.equal((await stat(join(data, 'page.token'))).mode & 0o777, 0o600)
    for (const authorization of ['', 'Bearer', `Bearer ${token}x`, token]) {
      const { status } = await ask(url, '/api/stop', { method: 'POST', headers: { ...json, authorization }, body: '{}' })
      assert.equal(status, 403)
    }
    const acts = { ...json, host, authorization: `Bearer ${token}` }
    const large = JSON.stringify({ minutes: 1, more: 'x'.repeat(10_000) })
    assert.equal((await ask(url, '/api/snooze', { method: 'POST', headers: acts, body: large })).status, 413)
    const { status, text } = await ask(url, '/api/pause', { method: 'POST', headers: acts, body: '{}' })
    assert.deepEqual([status, /It does nothing/.test(text)], [200, true])
  })
})
