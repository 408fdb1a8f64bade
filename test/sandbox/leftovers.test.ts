import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename } from 'node:path'
import { before, suite, test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Sandbox } from '../../sandbox/index.ts'
import { CACHE } from '../support/cache.ts'
import { patience } from '../support/patience.ts'
import { LIMITS, plainSandbox, processesNamed, programOf, runOne } from './fixture.ts'

suite('nothing is left', { timeout: patience(60_000) }, () => {
  let sandbox: Sandbox
  before(async () => {
    sandbox = await plainSandbox()
    // Whatever Node opens for good on first use is open after this.
    await runOne(sandbox, 'puts("first");')
  })

  test('after fifty runs: descriptors, processes, cgroups, temporary files', async () => {
    const tests = [
      'puts("x");',
      'abort();',
      'for (;;) putchar(1);',
      'if (fork() == 0) { setpgid(0, 0); for (;;) pause(); }',
      'puts("y");',
    ]
    const earlier = await inventory()
    const { signal } = new AbortController()
    for (let round = 0; round < 5; round++) {
      await Promise.all([1, 2].map(() => sandbox.execute(programOf('', tests), 'host', LIMITS, { signal })))
    }
    assert.deepEqual(await inventory(), earlier)
  })

  test('after an abort: in the compiler, in a run, and before either', async () => {
    const earlier = await inventory()
    const endless = 'puts("x"); fflush(stdout); signal(SIGTERM, SIG_IGN); for (;;) if (fork() == 0) pause();'
    const slow = `${'#include <regex>\n'}template <int N> struct T { std::regex r; T<N - 1> t; }; template <> struct T<0> {}; T<900> t;`
    await runOne(sandbox, endless, { ...LIMITS, wallMs: 200 })
    for (const [code, afterMs] of [
      ['', 0],
      ['', 3],
      ['', 10],
      ['', 60],
      [slow, 1],
      [slow, 40],
    ] as const) {
      const reason = new Error('withdrawn')
      const signal = afterMs === 0 ? AbortSignal.abort(reason) : abortAfter(afterMs, reason)
      const run = sandbox.execute(programOf(code, [endless]), 'host', LIMITS, { signal })
      await assert.rejects(run, reason, `after ${afterMs} ms`)
      assert.deepEqual(await inventory(), earlier, `after ${afterMs} ms`)
    }
  })

  for (const cgroups of ['where-possible', 'never'] as const) {
    test(`after a crash of this side (cgroups ${cgroups}): no process at once, no cgroup after the next start`, async () => {
      const mark = `kernelswarm-victim-${process.pid}-${Date.now()}`
      const script = fileURLToPath(new URL('crash-victim.ts', import.meta.url))
      const victim = spawn(process.execPath, [script, mark, cgroups], { stdio: 'inherit' })
      await until(async () => (await processesNamed(mark)).length > 0)
      const gone = once(victim, 'exit')
      victim.kill('SIGKILL')
      await until(async () => (await processesNamed(mark)).length === 0)
      // Its processes may be gone before all its threads are, and a maker that is still there keeps its cgroups.
      await gone
      await plainSandbox()
      assert.deepEqual(await groupsOf(victim.pid), [])
    })
  }

  test('listeners of the signal', async () => {
    const controller = new AbortController()
    const { signal } = controller
    let listening = 0
    const add = signal.addEventListener.bind(signal)
    const remove = signal.removeEventListener.bind(signal)
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listening += 1
      add(...args)
    }
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listening -= 1
      remove(...args)
    }
    await sandbox.execute(programOf('', ['puts("x");', 'puts("y");']), 'host', LIMITS, { signal })
    assert.equal(listening, 0)
  })
})

function abortAfter(ms: number, reason: Error): AbortSignal {
  const controller = new AbortController()
  setTimeout(() => controller.abort(reason), ms)
  return controller.signal
}

/** What this process holds and has made, after what was closed has had its turn. */
async function inventory(): Promise<Record<string, unknown>> {
  await turn()
  const products = (await readdir(`${CACHE}/products`)).filter((entry) => entry.includes(`.tmp-${process.pid}-`))
  return {
    descriptors: (await readdir('/proc/self/fd')).length,
    children: await childrenOf(process.pid),
    groups: await groupsOf(process.pid),
    products,
    temporary: (await readdir(tmpdir())).filter((entry) => entry.includes(`${process.pid}`)),
  }
}

async function groupsOf(pid: number | undefined): Promise<string[]> {
  const groups = await readdir('/sys/fs/cgroup', { recursive: true }).catch(() => [])
  return groups.filter((entry) => basename(entry).startsWith(`kernelswarm-${pid}-`))
}

/** Looks again until it is so; the suite's time limit bounds it. */
async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await turn()
}

async function childrenOf(pid: number): Promise<string[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '')
  return text.split(' ').filter((entry) => entry !== '')
}
