import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { getPriority } from 'node:os'
import { describe, it } from 'node:test'
import { promisify } from 'node:util'
import { Disk } from '../../coordinator/store/disk.ts'
import { scratch } from '../support/scratch.ts'

const run = promisify(execFile)
const NICE = 15
const skip =
  process.platform !== 'linux'
    ? 'only Linux has priorities of threads'
    : getPriority() >= NICE && 'this process stands as far back itself'

/** A process that opens the database of a folder, writes something to it, and says how far back those of its threads are that are. */
const SESSION = `
import { readdirSync, readFileSync } from 'node:fs'
import { Disk } from ${JSON.stringify(new URL('../../coordinator/store/disk.ts', import.meta.url))}
const disk = await Disk.open(process.argv[1])
const put = (at) => ({ type: 'put', key: 'blob/' + at, value: process.pid + ' '.repeat(99), valueEncoding: 'utf8' })
await disk.batch(Array.from({ length: 99 }, (_, at) => put(at)))
const nice = (thread) => readFileSync('/proc/self/task/' + thread + '/stat', 'utf8').split(') ').at(-1).split(' ')[16]
console.log(readdirSync('/proc/self/task').map(nice).filter((one) => one !== '${getPriority()}').join())
await disk.close()
`

/** The threads of this process that stand back, and how much processor time each has had, in ticks. */
async function lowered(): Promise<Map<number, number>> {
  const found = new Map<number, number>()
  for (const thread of await readdir('/proc/self/task')) {
    const text = await readFile(`/proc/self/task/${thread}/stat`, 'utf8').catch(() => null)
    // After the name, which is in brackets and may hold anything: state is field 3, user and system time 14 and 15, nice 19.
    const fields = text
      ?.slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number)
    if (fields?.[16] === NICE) found.set(Number(thread), (fields[11] as number) + (fields[12] as number))
  }
  return found
}

/** Has tables made, and merged. */
async function fill(disk: Disk): Promise<void> {
  for (let piece = 0; piece < 8; piece++) {
    const puts = Array.from({ length: 4_000 }, (_, at) => {
      const key = `blob/${(at * 7_919 + piece * 104_729) % 32_000}`
      return { type: 'put', key, value: `${at} `.repeat(200), valueEncoding: 'utf8' } as const
    })
    await disk.batch(puts)
  }
  await disk.compact({ gte: 'blob/', lt: 'blob0' })
}

describe('merging', { skip }, () => {
  it('is done by one thread, which stands back behind all others, however many databases there are', async (t) => {
    const first = await Disk.open(await scratch(t))
    const [thread, ...others] = (await lowered()).keys()
    assert.ok(thread !== undefined, 'no thread is lowered')
    assert.deepEqual(others, [])
    const before = (await lowered()).get(thread) as number
    const second = await Disk.open(await scratch(t))
    assert.deepEqual([...(await lowered()).keys()], [thread])
    await fill(second)
    assert.ok(((await lowered()).get(thread) as number) > before, 'another thread merged')
    await first.close()
    await second.close()
  })

  it('stands back where opening a database begins with it, too', async (t) => {
    const folder = await scratch(t)
    const told: string[] = []
    // The log of each session becomes a table when the next one begins, and when there are four of them they are merged.
    for (let session = 0; session < 6; session++) {
      const { stdout } = await run(process.execPath, ['--input-type=module', '-e', SESSION, folder])
      told.push(stdout)
    }
    assert.deepEqual(told, Array(6).fill(`${NICE}\n`))
  })
})
