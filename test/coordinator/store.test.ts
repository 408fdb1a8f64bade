import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { Store } from '../../coordinator/store/store.ts'
import type { UsageError } from '../../protocol/index.ts'
import { scratch } from '../support/scratch.ts'
import { until } from '../support/until.ts'

const event = (round: string) => ({ t: 'round-sealed', at: 1, round }) as const

describe('the store', () => {
  it('gives content that was appended a moment ago, and nothing for what never was', async (t) => {
    const store = await Store.open(await scratch(t))
    for (let n = 0; n < 50; n++) {
      const appended = store.append([event('r')], new Map([[`cid${n}`, Buffer.from([n])]]))
      assert.deepEqual([...((await store.blob(`cid${n}`)) ?? [])], [n])
      await appended
    }
    assert.equal(await store.blob('other'), undefined)
    await store.close()
  })

  it('keeps events in their order, over a restart, and goes on numbering', async (t) => {
    const folder = await scratch(t)
    const first = await Store.open(folder)
    await Promise.all(['a', 'b', 'c'].map((round) => first.append([event(round)])))
    await first.close()
    const second = await Store.open(folder)
    await second.append([event('d')])
    const rounds = []
    for await (const stored of second.events()) rounds.push(stored.t === 'round-sealed' ? stored.round : '')
    assert.deepEqual(rounds, ['a', 'b', 'c', 'd'])
    await second.close()
  })

  it('writes what is added when it is about to write in the same batch, and asks once more when nothing waits', async (t) => {
    const store = await Store.open(await scratch(t))
    const written: number[] = []
    store.onWritten = ({ appends }) => written.push(appends)
    let asked = 0
    store.onGather = () => {
      if (++asked === 1) store.append([event('what follows')]).catch(() => undefined)
    }
    const appended = store.append([event('first')])
    assert.equal(store.isWriting, true)
    await appended
    await until(() => !store.isWriting, 'nothing waits any more')
    assert.deepEqual(written, [2])
    assert.ok(asked >= 2, `asked ${asked} times`)
    assert.equal(store.last, 2)
    await store.close()
  })

  it('refuses a folder that is in use, and one that is none', async (t) => {
    const folder = await scratch(t)
    const store = await Store.open(join(folder, 'log'))
    await assert.rejects(Store.open(join(folder, 'log')), (error: UsageError) => /in use by another/.test(error.message))
    await store.close()
    await writeFile(join(folder, 'file'), '')
    await assert.rejects(Store.open(join(folder, 'file')), (error: UsageError) => error.code === 'file')
  })
})
