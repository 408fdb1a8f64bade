import assert from 'node:assert/strict'
import { cp, readdir, readFile, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { before, suite, test } from 'node:test'
import { DiskCompileCache } from '../../sandbox/executor/compile-cache.ts'
import type { Sandbox } from '../../sandbox/index.ts'
import { CACHE } from '../support/cache.ts'
import { patience } from '../support/patience.ts'
import { scratch } from '../support/scratch.ts'
import { plainSandbox, runAll, runOne } from './fixture.ts'

/** Programs that reach for the host, or for all of the machine, while they are compiled. */
const HOSTILE: { id: string; code: string; ends: string[] }[] = [
  { id: 'includes /etc/passwd', code: '#include "/etc/passwd"', ends: ['compile_error'] },
  { id: 'includes what its path leads to', code: '#include "../../../etc/passwd"', ends: ['compile_error'] },
  { id: 'takes in a host file', code: 'asm(".incbin \\"/etc/passwd\\"");', ends: ['compile_error'] },
  {
    id: 'asks for /proc',
    code: '#if __has_include("/proc/self/environ") || __has_include("/etc/hostname")\n#else\n#error hidden\n#endif',
    ends: ['compile_error'],
  },
  { id: 'a gigabyte of data', code: 'int x[1 << 28] = {1};', ends: ['output_limit', 'memory_limit'] },
  { id: 'endless input', code: '#include "/dev/zero"', ends: ['memory_limit', 'compile_error'] },
  {
    id: 'a flood of errors',
    code: '#define A a; a; a; a; a; a; a; a;\n#define B A A A A A A A A\n#define C B B B B B B B B\nvoid f() { C C C C C C C C }',
    ends: ['compile_error', 'output_limit'],
  },
  {
    id: 'endless templates',
    code: 'template <int N> struct T { static const int v = T<N + 1>::v; };\nint x = T<0>::v;',
    ends: ['compile_error', 'memory_limit'],
  },
]

suite('compiling', { timeout: patience(60_000) }, () => {
  let sandbox: Sandbox
  before(async () => {
    sandbox = await plainSandbox()
  })

  for (const { id, code, ends } of HOSTILE) {
    test(`${id}: ${ends.join(' or ')}`, async () => {
      const run = await runOne(sandbox, 'puts("ran");', undefined, code)
      assert.ok(ends.includes(run.status), `${run.status}: ${run.detail}`)
      assert.doesNotMatch(run.detail, /root:|nologin/)
      assert.equal(run.text, '')
    })
  }

  test('a test whose own text breaks out of its place hurts only itself', async () => {
    const runs = await runAll(sandbox, '', ['puts("a");', '} } int oops() { {', 'puts("c");'])
    assert.deepEqual(
      runs.map((run) => run.status),
      ['success', 'compile_error', 'success'],
    )
  })
})

suite('kept products', { timeout: patience(60_000) }, () => {
  test('a program seen before is not compiled again; a damaged product is', async (t) => {
    const cacheDir = await scratch(t)
    await shareEquipment(cacheDir)
    const sandbox = await plainSandbox({ cacheDir })
    const execute = async () => {
      const program = { v: 1 as const, side: 'cpp' as const, code: '', wrapper: '', tests: ['puts("kept");'] }
      const limits = { wallMs: 10_000, memoryBytes: 128 * 1024 ** 2, outputBytes: 1024 }
      const { signal } = new AbortController()
      const { tests, compileMs } = await sandbox.execute(program, 'host', limits, { signal })
      assert.equal(Buffer.from(tests[0]?.output ?? []).toString(), 'kept\n')
      return compileMs
    }
    assert.ok((await execute()) > 0)
    assert.equal(await execute(), 0)
    await damage(join(cacheDir, 'products'))
    assert.ok((await execute()) > 0)
    assert.equal(await execute(), 0)
  })

  test('a file that is not what its digest says is dropped', async (t) => {
    const folder = await scratch(t)
    const cache = await DiskCompileCache.open(folder, { maxBytes: 1000 })
    await cache.put('key', Buffer.from('product'))
    assert.equal(String(await cache.get('key')), 'product')
    for (const bytes of ['', 'short', 'x'.repeat(100)]) {
      await writeFile(join(folder, 'key'), bytes)
      assert.equal(await cache.get('key'), null, bytes)
      assert.deepEqual(await readdir(folder), [])
    }
  })

  test('the least recently used go first', async (t) => {
    const folder = await scratch(t)
    const cache = await DiskCompileCache.open(folder, { maxBytes: 1000 })
    for (const [age, key] of ['c', 'b', 'a'].entries()) {
      await cache.put(key, Buffer.alloc(200))
      await utimes(join(folder, key), 1000 - age, 1000 - age)
    }
    assert.notEqual(await cache.get('b'), null)
    await cache.put('d', Buffer.alloc(400))
    assert.deepEqual((await readdir(folder)).sort(), ['b', 'd'])
  })

  test('what another process left half written is swept, what one writes now is not', async (t) => {
    const folder = await scratch(t)
    const gone = `key.tmp-${2 ** 22 + 1}-0123456789ab`
    const alive = `key.tmp-${process.pid}-0123456789ab`
    for (const name of [gone, alive]) await writeFile(join(folder, name), 'half')
    await DiskCompileCache.open(folder, { maxBytes: 1000 })
    assert.deepEqual(await readdir(folder), [alive])
  })

  test('a folder that cannot be written is a fault of the disk', async (t) => {
    const folder = await scratch(t)
    await writeFile(join(folder, 'file'), '')
    await assert.rejects(DiskCompileCache.open(join(folder, 'file', 'x'), { maxBytes: 1 }), { code: 'disk' })
  })
})

/** Precompiled headers take seconds: take those the other tests use. */
async function shareEquipment(cacheDir: string): Promise<void> {
  await plainSandbox()
  await cp(join(CACHE, 'equipment'), join(cacheDir, 'equipment'), { recursive: true })
}

async function damage(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const file = join(folder, name)
    const bytes = await readFile(file)
    const middle = bytes.length >> 1
    bytes[middle] = (bytes[middle] ?? 0) ^ 1
    await writeFile(file, bytes)
  }
}
