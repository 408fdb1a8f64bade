import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { chmod, copyFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { scratch } from '../support/scratch.ts'

const run = promisify(execFile)
const BIN = fileURLToPath(new URL('../../bin/kernelswarm', import.meta.url))
const FLAG = '--heap-growing-percent=100'
const MEMORY = '--max-old-space-size-percentage=70'

/** An engine that knows all flags but one, and says what it was begun with, a word a line. */
const ENGINE = `#!/bin/sh
for word; do [ "$word" != "$REFUSED" ] || { echo "node: bad option: $word" >&2; exit 9; }; done
case "$*" in *--version) echo "$VERSION" ;; *arenas) echo "$MALLOC_ARENA_MAX" ;; *) printf '%s\\n' "$@" ;; esac
`

/** What a command begins, on a machine that has such an engine and nothing else. */
async function begun(
  t: TestContext,
  args: string[],
  engine: { version: string; refused?: string; arenas?: string },
): Promise<string[]> {
  const folder = await scratch(t)
  const bin = join(folder, 'bin')
  await mkdir(bin)
  await mkdir(join(folder, 'node_modules', 'libp2p'), { recursive: true })
  await copyFile(BIN, join(bin, 'kernelswarm'))
  await writeFile(join(bin, 'main.ts'), '')
  await writeFile(join(bin, 'node'), ENGINE)
  await chmod(join(bin, 'node'), 0o755)
  const env = { PATH: `${bin}:/usr/bin:/bin`, VERSION: engine.version, REFUSED: engine.refused ?? '' }
  const own = engine.arenas === undefined ? {} : { MALLOC_ARENA_MAX: engine.arenas }
  const { stdout } = await run('/bin/sh', [join(bin, 'kernelswarm'), ...args], { env: { ...env, ...own } })
  return stdout.trimEnd().split('\n')
}

describe('bin/kernelswarm', () => {
  it('tells the engine of a coordinator how much memory it has, and of others not', async (t) => {
    const words = await begun(t, ['coordinator', '--data', 'a b'], { version: 'v24.1.0' })
    assert.ok(words.includes(FLAG) && words.includes(MEMORY), words.join(' '))
    assert.deepEqual(words.slice(-3), ['coordinator', '--data', 'a b'])
    const [main = '', ...rest] = await begun(t, ['submit', 'x.jsonl'], { version: 'v24.1.0' })
    assert.match(main, /main\.ts$/)
    assert.deepEqual(rest, ['submit', 'x.jsonl'])
  })

  it('begins an engine without what it does not know, and with the rest', async (t) => {
    const all = await begun(t, ['coordinator', 'bans'], { version: 'v26.0.0' })
    const words = await begun(t, ['coordinator', 'bans'], { version: 'v26.0.0', refused: FLAG })
    const isFlag = (word: string) => word.startsWith('-')
    assert.ok(words.includes(MEMORY), words.join(' '))
    assert.deepEqual(
      words.filter(isFlag),
      all.filter((word) => isFlag(word) && word !== FLAG),
    )
    assert.deepEqual(words.slice(-2), ['coordinator', 'bans'])
  })

  it("tells the C library what to do with a coordinator's memory, where its operator has not", async (t) => {
    const version = 'v24.1.0'
    assert.deepEqual(await begun(t, ['coordinator', 'arenas'], { version }), ['4'])
    assert.deepEqual(await begun(t, ['coordinator', 'arenas'], { version, arenas: '9' }), ['9'])
    assert.deepEqual(await begun(t, ['submit', 'arenas'], { version }), [''])
  })

  it('wants one that can run it', async (t) => {
    await assert.rejects(begun(t, ['submit'], { version: 'v22.17.9' }), { code: 2, stderr: /needs Node 22\.18 or later/ })
    assert.match((await begun(t, ['submit'], { version: 'v22.18.0' }))[0] ?? '', /main\.ts$/)
  })
})
