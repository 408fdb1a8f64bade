import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { Channel, createHost, FromResearcher, peerIdOf, ROUNDS_PROTOCOL, type ToResearcher } from '../../protocol/index.ts'
import { line, writeCases } from '../support/cases.ts'
import { Daemon, kernelswarm } from '../support/command.ts'
import { freePort } from '../support/free-port.ts'
import { scratch } from '../support/scratch.ts'
import { stableIn } from '../support/stable.ts'

const CASES = 8

async function somePeer(): Promise<string> {
  return peerIdOf(await generateKeyPair('Ed25519'))
}

describe('a command that is stopped', { timeout: 120_000 }, () => {
  it('while it still starts, ends as one that was stopped later', async (t) => {
    const home = await scratch(t)
    const node = new Daemon(t, home, ['node', 'start', '--coordinator', `/ip4/127.0.0.1/tcp/1/p2p/${await somePeer()}`])
    await node.line(/^(ok|FAIL)/)
    node.child.kill('SIGTERM')
    assert.equal(await node.ended, 0)
  })
})

describe('a coordinator that is told to stop', { timeout: 120_000 }, () => {
  it('says what it does in lines of JSON, tells monitors, and ends with 0', async (t) => {
    const home = await scratch(t)
    const [port, page] = [await freePort(), await freePort()]
    const args = ['coordinator', '--data', 'c', '--listen', `/ip4/127.0.0.1/tcp/${port}`, '--http', `127.0.0.1:${page}`]
    const daemon = new Daemon(t, home, args)
    await daemon.line(/submit cases\.jsonl/)
    const ready = await fetch(`http://127.0.0.1:${page}/ready`)
    assert.deepEqual([ready.status, await ready.json()], [200, { status: 'ready' }])
    daemon.child.kill('SIGTERM')
    assert.equal(await daemon.ended, 0)
    const lines = daemon.lines.filter((text) => text.startsWith('{')).map((text) => JSON.parse(text) as { event: string })
    assert.deepEqual(
      lines.map(({ event }) => event),
      ['state-read', 'started', 'stopping', 'stopped'],
    )
  })
})

describe('a coordinator that goes away in the middle', { timeout: 60_000 }, () => {
  it('ends a command with one line and code 1', async (t) => {
    const home = await scratch(t)
    const host = await createHost({ key: await generateKeyPair('Ed25519'), listen: ['/ip4/127.0.0.1/tcp/0'] })
    t.after(async () => await host.stop())
    await host.handle(ROUNDS_PROTOCOL, async (stream) => {
      const channel = new Channel<FromResearcher, ToResearcher>(stream, { schema: FromResearcher })
      for await (const _ of channel) {
        await channel.send({ t: 'refused', code: 'unavailable', message: 'not now' })
        await channel.close()
        await host.stop()
      }
    })
    const { code, stderr } = await kernelswarm(t, home, ['round', 'list', '--coordinator', String(host.getMultiaddrs()[0])])
    assert.equal(code, 1, stderr)
    assert.equal(stderr, 'kernelswarm: not now\n')
  })
})

describe('kernelswarm run', { timeout: 300_000 }, () => {
  it('writes all files, in input order, and the same bytes the second time', async (t) => {
    const home = await scratch(t)
    const file = await writeCases(join(home, 'cases.jsonl'), CASES)
    for (const out of ['first', 'second']) {
      const { code, stdout, stderr } = await kernelswarm(t, home, ['run', file, '--out', out, '--nodes', '2'])
      assert.equal(code, 0, stderr)
      assert.match(stdout, /judged +6 equivalent, 2 different/)
    }
    const outcomes = (await readFile(join(home, 'first', 'outcomes.jsonl'), 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    assert.deepEqual(
      outcomes.map(({ id }) => id),
      Array.from({ length: CASES }, (_, n) => n + 1),
    )
    const [first] = outcomes[0].tests
    assert.deepEqual(first.cuda, {
      status: 'success',
      output: 'Return value: void\nArguments after function call: ([ 2, 1 ], 2)\n',
      flags: [],
    })
    assert.deepEqual(outcomes[2].tests[0].cuda, { status: 'compile_error', output: '', flags: [] })
    assert.deepEqual(await stableIn(join(home, 'first')), await stableIn(join(home, 'second')))
  })

  it('interrupted and started with other cases, does not finish the old ones first', async (t) => {
    const home = await scratch(t)
    const endless = Array.from({ length: availableParallelism() + 1 }, (_, n) =>
      line(n, { tests: 1, cpp_code: `void f${n}(int *a, int n) { for (volatile int i = 0; ; i++) a[0] = i; }` }),
    )
    await writeFile(join(home, 'endless.jsonl'), endless.join('\n'))
    await writeFile(join(home, 'short.jsonl'), line(1, { tests: 1 }))
    const first = new Daemon(t, home, ['run', 'endless.jsonl', '--out', 'out', '--wall', '600'])
    await first.line(/0 of \d+ tasks|0 %/)
    first.child.kill('SIGKILL')
    await first.ended
    const second = await kernelswarm(t, home, ['run', 'short.jsonl', '--out', 'out', '--json'])
    assert.equal(second.code, 0, second.stderr)
    assert.equal(JSON.parse(second.stdout).judgements.equivalent, 1)
  })

  it('interrupted, says what to do, and goes on where it was', async (t) => {
    const home = await scratch(t)
    const file = await writeCases(join(home, 'cases.jsonl'), CASES)
    const first = new Daemon(t, home, ['run', file, '--out', 'out'])
    await first.line(/of \d+ tasks, [1-9]\d* verdicts/)
    first.child.kill('SIGINT')
    assert.equal(await first.ended, 1)
    await first.line(/stopped by SIGINT; the same command goes on where it was/)
    const second = await kernelswarm(t, home, ['run', file, '--out', 'out', '--json'])
    assert.equal(second.code, 0, second.stderr)
    assert.equal(JSON.parse(second.stdout).judgements.equivalent, 6)
  })
})
