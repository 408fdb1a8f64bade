import { setTimeout as sleep } from 'node:timers/promises'
import { FakeSandbox } from '../../support/fake-sandbox.ts'
import { from, usePlaces } from '../../support/places.ts'
import { outputOf } from './cases.ts'
import { LoadNode, type Seen } from './volunteers.ts'

/** What a process of nodes is told. */
export type Told =
  /** `net`: each node has an address of its own, in 127.`net`/16; null: all have this machine's. */
  | { t: 'join'; address: string; nodes: number; slots: number; net: number | null }
  /** From now on a run takes about so long; 0: it answers at once. */
  | { t: 'pace'; runMs: number }
  | { t: 'report' }
/** What it says: after each order, once it is done. */
export type Said = { seen: Seen }

/** Nodes that are started at the same time: each costs a handshake, and the coordinator admits so many a second. */
const STARTED_TOGETHER = 16

/** In mean runs. */
const LONGEST_RUN = 4

usePlaces()

const seen: Seen = { welcomed: 0, lost: 0, refused: 0, acknowledged: 0, served: 0, ackMs: [] }
const nodes: LoadNode[] = []
let runMs = 0
const sandbox = new FakeSandbox(async (program, test) => {
  const wallMs = test === 0 ? runTime(runMs) : 0
  if (wallMs > 0) await sleep(wallMs)
  // Said as it is: what takes longer than nodes say that it does is given to another as well.
  return { output: Buffer.from(outputOf(program.tests[test] ?? '')), wallMs }
})

/**
 * Milliseconds of a run, before its first test: exponential, so that answers come in as they do from many who know nothing
 * of each other (Poisson), and not in the waves in which the runs were given; the longest fiftieth is cut.
 */
function runTime(mean: number): number {
  return mean * Math.min(LONGEST_RUN, -Math.log(1 - Math.random()))
}

process.on('message', (told: Told) => {
  obey(told).then(
    () => process.send?.({ seen: { ...seen, ackMs: seen.ackMs.splice(0) } } satisfies Said),
    (error: Error) => {
      process.stderr.write(`${error.stack}\n`)
      process.exit(1)
    },
  )
})
process.on('disconnect', () => process.exit())

async function obey(told: Told): Promise<void> {
  if (told.t === 'pace') runMs = told.runMs
  if (told.t !== 'join') return
  for (let at = 0; at < told.nodes; at += STARTED_TOGETHER) {
    const count = Math.min(STARTED_TOGETHER, told.nodes - at)
    const start = (n: number) => {
      const one = () => LoadNode.start(told.address, sandbox, seen, told)
      return told.net === null ? one() : from(`127.${told.net}.${n >> 8}.${(n & 255) + 1}`, one)
    }
    nodes.push(...(await Promise.all(Array.from({ length: count }, (_, n) => start(at + n)))))
  }
}
