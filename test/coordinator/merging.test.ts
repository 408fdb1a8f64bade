import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { getPriority } from 'node:os'
import { describe, it } from 'node:test'
import { Disk } from '../../coordinator/store/disk.ts'
import { lowerMerging } from '../../coordinator/store/merging.ts'
import { scratch } from '../support/scratch.ts'

/** How much processor time each thread of this process has had, by number, in ticks; of those that are lowered only. */
async function lowered(): Promise<Map<number, number>> {
  const own = getPriority()
  const found = new Map<number, number>()
  for (const thread of await readdir('/proc/self/task')) {
    const text = await readFile(`/proc/self/task/${thread}/stat`, 'utf8').catch(() => null)
    // After the name, which is in brackets and may hold anything: state is field 3, user and system time 14 and 15, nice 19.
    const fields = text
      ?.slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number)
    if (fields !== undefined && (fields[16] as number) > own) {
      found.set(Number(thread), (fields[11] as number) + (fields[12] as number))
    }
  }
  return found
}

describe('merging', { skip: process.platform === 'linux' ? false : 'only Linux has priorities of threads' }, () => {
  it('is done by one thread, which stands back behind all others, however many databases there are', async (t) => {
    const first = await Disk.open(await scratch(t))
    const [thread, ...others] = (await lowered()).keys()
    assert.ok(thread !== undefined, 'no thread is lowered')
    assert.deepEqual(others, [])
    const before = (await lowered()).get(thread) as number
    const second = await Disk.open(await scratch(t))
    assert.deepEqual([...(await lowered()).keys()], [thread])
    // What the second one has to tidy up, it tidies up.
    for (let piece = 0; piece < 8; piece++) {
      const puts = Array.from({ length: 4_000 }, (_, at) => {
        const key = `blob/${(at * 7_919 + piece * 104_729) % 32_000}`
        return { type: 'put', key, value: `${at} `.repeat(200), valueEncoding: 'utf8' } as const
      })
      await second.batch(puts)
    }
    await second.compact({ gte: 'blob/', lt: 'blob0' })
    assert.ok(((await lowered()).get(thread) as number) > before, 'another thread merged')
    await first.close()
    await second.close()
  })

  it('is looked for once in a process', async () => {
    await lowerMerging(() => assert.fail('there is one already'))
  })
})
