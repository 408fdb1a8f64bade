import assert from 'node:assert/strict'
import { cp } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { Ledger } from '../../coordinator/ledger.ts'
import { Store } from '../../coordinator/store/store.ts'
import { planned, Recording } from '../results/recording.ts'
import { scratch } from '../support/scratch.ts'
import { closeAll, contentsOf, filesOf, long, Pruning } from './archived.ts'

/** Enough contents for three batches. */
const PLAN = Array.from({ length: 50 }, (_, n) => {
  const said = `success ${long(`output ${n}`)}`
  return planned({ id: n, cpp: long(`cpp ${n}`), cuda: long(`cuda ${n}`) }, [said], [said])
})

interface Image {
  /** When it was taken. */
  at: string
  folder: string
}

/** Copies the folder of a coordinator at every point of its pruning between two things that are on disk: what a kill there leaves. */
async function imagesOf(t: TestContext, { ledger, folder }: Recording): Promise<Image[]> {
  const images: Image[] = []
  const to = await scratch(t)
  const take = async (at: string) => {
    const image = join(to, String(images.length))
    await cp(dirname(folder), image, { recursive: true })
    images.push({ at, folder: image })
  }
  const { archives, disk } = ledger.store
  const { write } = archives
  t.mock.method(archives, 'write', async (round: string, pieces: AsyncIterable<Uint8Array>) => {
    const halfway = async function* () {
      for await (const piece of pieces) {
        yield piece.subarray(0, piece.length / 2)
        await take('half of the archive is written')
        yield piece.subarray(piece.length / 2)
      }
      await take('all of the archive is written, and has no name yet')
    }
    const bytes = await write.call(archives, round, halfway())
    await take('the archive is there, and not noted')
    return bytes
  })
  const { batch } = disk
  t.mock.method(disk, 'batch', async (operations: Parameters<typeof batch>[0]) => {
    await batch.call(disk, operations)
    await take(operations.map(({ key }) => key.split('/')[0]).join(' '))
  })
  await Pruning.run(ledger)
  t.mock.restoreAll()
  return images
}

describe('pruning that is killed', { timeout: 300_000 }, () => {
  it('at any point loses nothing, and goes on at the next start to the same end', async (t) => {
    const recording = await Recording.make(t, { plan: PLAN })
    const before = await filesOf(recording.ledger, recording.roundName)
    const all = (await contentsOf(recording.ledger)).kept
    await closeAll(recording.ledger)
    const images = await imagesOf(t, recording)
    const expected = await contentsOf(recording.ledger)
    assert.equal(expected.pruned.size, 150)
    // Half, unnamed, not noted; noted, begun; three batches; done.
    assert.ok(images.length >= 9, images.map(({ at }) => at.slice(0, 60)).join('\n'))
    const sizes = new Set<number>()
    for (const { at, folder } of images) {
      const store = await Store.open(join(folder, 'log'))
      const ledger = await Ledger.open(store)
      const found = await contentsOf(ledger)
      sizes.add(found.pruned.size)
      assert.deepEqual(new Set([...found.kept, ...found.pruned]), all, at)
      assert.deepEqual(await filesOf(ledger, recording.roundName), before, at)
      await Pruning.run(ledger)
      assert.deepEqual(await contentsOf(ledger), expected, at)
      assert.deepEqual(await filesOf(ledger, recording.roundName), before, at)
      assert.deepEqual((await Pruning.run(ledger)).said, [], at)
      await store.close()
    }
    assert.deepEqual(
      [...sizes].sort((a, b) => a - b),
      [0, 64, 128, 150],
    )
  })
})
