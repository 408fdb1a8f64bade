import { readFile, writeFile } from 'node:fs/promises'
import { CarReader } from '@ipld/car/reader'
import type { CID } from 'multiformats/cid'
import { DOMAINS, decodeCanonical, type ExecutorName, open, type Pass, UnsignedVerdict } from '../../../protocol/index.ts'
import type { RecordedTimes } from './times.ts'

/**
 * Writes `times.json` beside this file: how long nodes took for tasks, from the signed verdicts in archives of rounds.
 *
 *     kernelswarm run docs/examples/first-round.jsonl --nodes 1 --out DIR     # with an empty cache, so that all is compiled
 *     node test/simulate/world/record-times.ts DIR/round.car... && npx biome format --write test/simulate/world/times.json
 */
const times: RecordedTimes = {}
for (const file of process.argv.slice(2)) {
  const car = await CarReader.fromBytes(await readFile(file))
  for (const { executor, pass, votes } of await tasksIn(car)) {
    for (const { envelope } of votes) {
      const { value } = await open(await bytesOf(car, envelope), DOMAINS.verdict, UnsignedVerdict)
      const { compileMs, runMs } = value.resources
      times[executor] ??= {}
      times[executor][pass] ??= []
      times[executor][pass].push(compileMs + runMs)
    }
  }
}
for (const passes of Object.values(times)) for (const values of Object.values(passes)) values.sort((a, b) => a - b)
await writeFile(new URL('times.json', import.meta.url), JSON.stringify(times))

interface ArchivedTask {
  executor: ExecutorName
  pass: Pass
  votes: { envelope: CID }[]
}

async function tasksIn(car: CarReader): Promise<ArchivedTask[]> {
  const [root] = await car.getRoots()
  const { manifest } = await readBlock<{ manifest: CID }>(car, root as CID)
  const { tasks } = await readBlock<{ tasks: CID[] }>(car, manifest)
  const lists = await Promise.all(tasks.map((list) => readBlock<{ records: ArchivedTask[] }>(car, list)))
  return lists.flatMap(({ records }) => records)
}

async function readBlock<T>(car: CarReader, cid: CID): Promise<T> {
  return decodeCanonical(await bytesOf(car, cid)) as T
}

async function bytesOf(car: CarReader, cid: CID): Promise<Uint8Array> {
  const block = await car.get(cid)
  if (block === undefined) throw new Error(`${cid} is not in the archive`)
  return block.bytes
}
