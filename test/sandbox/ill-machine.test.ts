import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { open, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { CACHE } from '../support/cache.ts'
import { patience } from '../support/patience.ts'
import { scratch } from '../support/scratch.ts'
import { plainSandbox } from './fixture.ts'
import type { Answer, Order } from './report-runs.ts'

const SCRIPT = fileURLToPath(new URL('report-runs.ts', import.meta.url))
const PUTS = { code: 'puts("x");' }
const WAITS = 'usleep(300000); kill(getpid(), SIGKILL); pause();'

/** Runs an order where the machine looks otherwise: bubblewrap shows the same files, but for what its arguments change. */
function elsewhere(order: Order, changes: readonly string[]): Promise<Answer> {
  const args = ['--dev-bind', '/', '/', ...changes, process.execPath, SCRIPT, JSON.stringify(order)]
  const child = spawn('bwrap', args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  child.stdout.on('data', (piece) => (said += piece))
  return new Promise((resolve) => child.once('close', () => resolve(JSON.parse(said))))
}

suite('on a machine that is not well', { timeout: patience(240_000) }, () => {
  // Too small for the headers of the system, for the launcher, for precompiled headers.
  for (const mebibytes of [2, 13, 24]) {
    test(`a disk of ${mebibytes} MiB, too small to prepare what is needed, is a fault`, async (t) => {
      const cacheDir = await scratch(t)
      const changes = ['--size', `${mebibytes * 1024 ** 2}`, '--tmpfs', cacheDir]
      const { ends, says } = await elsewhere({ cacheDir, tests: [PUTS] }, changes)
      assert.deepEqual(ends, ['fault disk'], says.join())
    })
  }

  test('a disk that is full in the middle of a round costs what is kept, and no verdict', async (t) => {
    const cacheDir = await scratch(t)
    const order = { cacheDir, fill: true, tests: [PUTS, { code: 'abort();' }, { code: 'no C++' }, PUTS] }
    const { ends, says } = await elsewhere(order, ['--size', `${400 * 1024 ** 2}`, '--tmpfs', cacheDir])
    assert.deepEqual(ends, ['success', 'runtime_error', 'compile_error', 'success'], says.join())
  })

  test('where there is hardly any memory left, a run is a fault, whatever it did', async (t) => {
    await plainSandbox({ cgroups: 'never' })
    const meminfo = join(await scratch(t), 'meminfo')
    await writeFile(meminfo, 'MemTotal: 4000000 kB\nMemFree: 90000 kB\nMemAvailable: 100000 kB\n')
    const order: Order = { cacheDir: CACHE, cgroups: 'never', tests: [{ code: 'pause();' }] }
    const { ends, says } = await elsewhere(order, ['--ro-bind', meminfo, '/proc/meminfo'])
    assert.deepEqual(ends, ['fault jail'])
    assert.match(says.join(), /out of memory/)
  })

  test('a kill while the kernel killed for memory somewhere is a fault; without that it is the program’s end', async (t) => {
    await plainSandbox({ cgroups: 'never' })
    const vmstat = join(await scratch(t), 'vmstat')
    const text = () => `nr_free_pages 1\noom_kill ${Date.now()}\n`
    await writeFile(vmstat, text())
    const order: Order = { cacheDir: CACHE, cgroups: 'never', tests: [{ code: WAITS }] }
    const changes = ['--bind', vmstat, '/proc/vmstat']
    assert.deepEqual((await elsewhere(order, changes)).ends, ['runtime_error'])
    // Written over in place: a reader finds one count or another, and never none.
    await using file = await open(vmstat, 'r+')
    const counting = setInterval(() => void file.write(text(), 0), 20)
    const { ends } = await elsewhere(order, changes)
    clearInterval(counting)
    assert.deepEqual(ends, ['fault jail'])
  })

  test('as the first process of a container, which inherits orphans, it is left with none', async () => {
    await plainSandbox()
    const endless = { code: 'for (;;) if (fork() == 0) pause();', wallMs: 500 }
    const tests = [
      PUTS,
      endless,
      { code: 'for (;;) putchar(1);' },
      { code: 'if (fork() == 0) { setpgid(0, 0); pause(); }' },
      endless,
    ]
    const { ends, zombies } = await elsewhere({ cacheDir: CACHE, cgroups: 'never', tests }, [
      '--unshare-pid',
      '--as-pid-1',
      '--proc',
      '/proc',
    ])
    assert.deepEqual(ends, ['success', 'timeout', 'output_limit', 'success', 'timeout'])
    assert.equal(zombies, 0)
  })
})
