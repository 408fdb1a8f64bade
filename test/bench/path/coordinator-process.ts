/** A coordinator, forked by `coordinator.ts`, whose rounds are answered at once. */
import { generateKeyPair } from '@libp2p/crypto/keys'
import { pino } from 'pino'
import { Coordinator } from '../../../coordinator/coordinator.ts'
import { LongestTurn } from '../longest-turn.ts'
import { answerAll } from './answers.ts'

/** What it is told to do. */
export type Told = { t: 'answer'; round: string } | { t: 'watch' } | { t: 'seen' }
/** What it says. */
export type Said =
  | { t: 'ready'; address: string }
  | { t: 'answered'; verdicts: number }
  | { t: 'watching'; heapBytes: number }
  | { t: 'seen'; longestTurnMs: number; peakHeapBytes: number; cpuSeconds: number }

/** How often the heap is looked at while it is watched. */
const LOOK_MS = 100

const [data = ''] = process.argv.slice(2)
const log = pino({ level: 'error' }, pino.destination(2))
await using coordinator = await Coordinator.start({
  ...{ data, listen: ['/ip4/127.0.0.1/tcp/0'], http: null, singleOperator: true, localResearchers: true, agent: 'bench', log },
  pruneAfterMs: null,
})
const key = await generateKeyPair('Ed25519')
const say = (said: Said) => process.send?.(said)
const watched: ReturnType<typeof watch>[] = []
process.on('message', (told: Told) => {
  switch (told.t) {
    case 'answer':
      return void answer(told.round)
    case 'watch':
      watched.pop()?.stop()
      globalThis.gc?.()
      watched.push(watch())
      return void say({ t: 'watching', heapBytes: process.memoryUsage().heapUsed })
    case 'seen': {
      const seen = watched.pop()?.stop()
      if (seen !== undefined) say({ t: 'seen', ...seen })
    }
  }
})
say({ t: 'ready', address: coordinator.addresses()[0] ?? '' })
await new Promise((resolve) => process.once('disconnect', resolve))
watched.pop()?.stop()

async function answer(name: string): Promise<void> {
  const round = coordinator.ledger.state.rounds.get(name)
  if (round === undefined) throw new Error(`no round ${name}`)
  say({ t: 'answered', verdicts: await answerAll(coordinator.ledger, round, key) })
}

function watch() {
  const turns = new LongestTurn()
  const from = process.cpuUsage()
  let peakHeapBytes = 0
  const look = setInterval(() => (peakHeapBytes = Math.max(peakHeapBytes, process.memoryUsage().heapUsed)), LOOK_MS)
  return {
    stop: () => {
      clearInterval(look)
      const { user, system } = process.cpuUsage(from)
      return { longestTurnMs: Math.round(turns.stop()), peakHeapBytes, cpuSeconds: (user + system) / 1e6 }
    },
  }
}
