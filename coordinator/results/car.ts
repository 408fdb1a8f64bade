import { CarWriter } from '@ipld/car/writer'
import { linkOf } from '../../protocol/index.ts'
import type { Block } from '../archives/aside.ts'

type Writer = ReturnType<typeof CarWriter.create>['writer']

/** A CAR with one root, as its bytes come: the next block is asked for when the last one was taken. */
export async function* carBytes(root: string, blocks: AsyncIterable<Block>): AsyncGenerator<Uint8Array> {
  const { writer, out } = CarWriter.create([linkOf(root)])
  const written = writeAll(writer, blocks)
  yield* out
  const failure = await written
  if (failure !== null) throw failure
}

/** Closes the writer also when the blocks fail, since the reader waits for the end; returns what failed, or null. */
async function writeAll(writer: Writer, blocks: AsyncIterable<Block>): Promise<Error | null> {
  let failure: Error | null = null
  try {
    for await (const { cid, bytes } of blocks) await writer.put({ cid: linkOf(cid), bytes })
  } catch (error) {
    failure = error as Error
  }
  await writer.close()
  return failure
}
