import assert from 'node:assert/strict'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { LOG_FILE_BYTES } from '../../node/daemon/limits.ts'
import { LogFile, lastLines, newLines } from '../../node/daemon/log-file.ts'
import { scratch } from '../support/scratch.ts'

async function logIn(t: TestContext) {
  const folder = await scratch(t)
  return { folder, log: new LogFile(folder) }
}

const line = (n: number, bytes = 10_000) => `${JSON.stringify({ n, text: 'x'.repeat(bytes) })}\n`
const numberIn = (text: string) => (JSON.parse(text) as { n: number }).n

describe('the log in a data folder', () => {
  it('is two files of bounded size, whatever is written, of which the last lines are read as one', async (t) => {
    const { folder, log } = await logIn(t)
    const lines = Math.ceil((3 * LOG_FILE_BYTES) / line(0).length)
    for (let n = 0; n < lines; n++) log.write(line(n))
    log.close()
    assert.deepEqual((await readdir(folder)).sort(), ['node.log', 'node.log.1'])
    for (const name of await readdir(folder)) {
      const { size, mode } = await stat(join(folder, name))
      assert.ok(size <= LOG_FILE_BYTES + line(0).length, `${name}: ${size}`)
      assert.equal(mode & 0o777, 0o600)
    }
    const most = Math.floor(LOG_FILE_BYTES / line(0).length)
    const last = (await lastLines(folder, most)).map(numberIn)
    assert.deepEqual(
      last,
      Array.from({ length: most }, (_, n) => lines - most + n),
    )
    assert.deepEqual((await lastLines(folder, 1)).map(numberIn), [lines - 1])
  })

  it('goes on after a restart, and is none where nothing was written', async (t) => {
    const { folder, log } = await logIn(t)
    log.write(line(1))
    log.close()
    const again = new LogFile(folder)
    again.write(line(2))
    again.close()
    assert.deepEqual((await lastLines(folder, 9)).map(numberIn), [1, 2])
    assert.deepEqual(await lastLines(await scratch(t), 9), [])
  })

  it('costs the node nothing where it cannot be written', async (t) => {
    const { log } = await logIn(t)
    log.close()
    log.write(line(1))
  })

  it('is followed from now on, also where the file is turned', async (t) => {
    const { folder, log } = await logIn(t)
    log.write(line(0))
    const stop = new AbortController()
    const following = newLines(folder, { everyMs: 5, signal: stop.signal })
    const first = following.next()
    // It looks at the end of what there is before anything is written.
    const soon = setInterval(() => log.write(line(1)), 20)
    assert.equal(numberIn(String((await first).value)), 1)
    clearInterval(soon)
    for (let n = 2; n * line(0).length < LOG_FILE_BYTES + 5 * line(0).length; n++) log.write(line(2))
    log.write(line(3))
    let seen = 0
    while (seen !== 3) seen = numberIn(String((await following.next()).value))
    stop.abort()
    assert.equal((await following.next()).done, true)
    log.close()
  })
})
