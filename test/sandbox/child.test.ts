import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { type ChildSpec, killGroup, runChild } from '../../sandbox/jail/child.ts'
import { patience } from '../support/patience.ts'

const { signal } = new AbortController()

function shell(script: string, change: Partial<ChildSpec> = {}): ChildSpec {
  return {
    file: '/bin/sh',
    args: ['-c', script],
    env: { PATH: '/usr/bin:/bin' },
    inputs: new Map(),
    outputs: [1, 2].map((fd) => ({ fd, maxBytes: 1000, whenFull: 'stop' })),
    wallMs: 20_000,
    ...change,
  }
}

suite('one child process', { timeout: patience(30_000) }, () => {
  test('ends by itself: its code and all it wrote', async () => {
    const end = await runChild(shell('echo out; echo err >&2; exit 3'), { signal })
    assert.deepEqual([end.stopped, end.code, String(end.outputs.get(1)), String(end.outputs.get(2))], [null, 3, 'out\n', 'err\n'])
  })

  test('reads what it is given, on any descriptor', async () => {
    const inputs = new Map([
      [0, Buffer.alloc(300_000, 'a')],
      [5, Buffer.from('five')],
    ])
    const end = await runChild(shell('wc -c; cat <&5', { inputs }), { signal })
    assert.equal(String(end.outputs.get(1)).trim(), '300000\nfive')
  })

  test('that does not read its input is no failure', async () => {
    const end = await runChild(shell('exit 0', { inputs: new Map([[0, Buffer.alloc(5_000_000)]]) }), { signal })
    assert.deepEqual([end.stopped, end.code], [null, 0])
  })

  const STOPS: { id: string; script: string; change?: Partial<ChildSpec>; stopped: string }[] = [
    { id: 'time', script: 'trap "" TERM; sleep 60 & wait; sleep 60', change: { wallMs: 100 }, stopped: 'wall' },
    { id: 'room', script: 'yes', stopped: 'full' },
    { id: 'room in another pipe', script: 'yes >&2', stopped: 'full' },
  ]
  for (const { id, script, change, stopped } of STOPS) {
    test(`over its ${id}: stopped with all its group, and the reason kept`, async () => {
      const end = await runChild(shell(script, change), { signal })
      assert.deepEqual([end.stopped, end.signal], [stopped, 'SIGKILL'])
      assert.ok((end.outputs.get(1)?.length ?? 0) <= 1000)
    })
  }

  test('a pipe that may overflow is cut and read on', async () => {
    const outputs = [{ fd: 1, maxBytes: 10, whenFull: 'discard' as const }]
    const end = await runChild(shell('head -c 1000000 /dev/zero; exit 4', { outputs }), { signal })
    assert.deepEqual([end.stopped, end.code, end.outputs.get(1)?.length], [null, 4, 10])
  })

  test('the first reason to stop is the one that counts', async () => {
    const controller = new AbortController()
    const kill: ChildSpec['kill'] = async (child) => {
      controller.abort()
      await killGroup(child)
    }
    const end = await runChild(shell('sleep 60', { wallMs: 50, kill }), { signal: controller.signal })
    assert.equal(end.stopped, 'wall')
  })

  test('that is not there is a fault', async () => {
    await assert.rejects(runChild({ ...shell(''), file: '/not/there' }, { signal }), { code: 'jail' })
  })

  test('an aborted signal stops it at once', async () => {
    const end = await runChild(shell('sleep 60'), { signal: AbortSignal.abort() })
    assert.equal(end.stopped, 'abort')
  })
})
