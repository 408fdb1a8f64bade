/**
 * The long form: so many messages to a coordinator's sessions, a node's and a researcher's, and so many inputs for each of the other decoders.
 */
import { parseArgs } from 'node:util'
import { save } from './corpus.ts'
import { DECODERS, decodeMany } from './decoders.ts'
import { Found } from './found.ts'
import { Growth } from './growth.ts'
import { Fuzzed } from './run.ts'
import { closeServers } from './servers.ts'

const HELP = `Broken messages, in conversations that begin well more often than not, against the real sessions of a coordinator (work and rounds),
a node and a researcher; their streams are in memory. Then broken inputs for every other decoder. Ends with 1 where a session does
not end, an answer is no message, a decoder fails otherwise than with an error of ours, or memory grows.

    npm run fuzz -- [options]

    --messages N    messages, all four directions together (default 1000000)
    --inputs N      inputs of each decoder (default 20000)
    --only WHAT     one direction, or "decoders"
    --seed N        what is said follows from it (default: by chance; it is printed)
`
const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '1000000' },
    inputs: { type: 'string', default: '20000' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
    only: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})

/** Of the messages, by how much each direction gets: those a coordinator hears from strangers most. */
const SHARES = { 'to-coordinator/work': 0.4, 'to-coordinator/rounds': 0.3, 'to-node': 0.2, 'to-researcher': 0.1 } as const
/** Parts into which a direction is cut; after each of them memory is looked at. */
const PARTS = 20

if (values.help) process.stdout.write(HELP)
else await fuzz(Number(values.messages), Number(values.inputs), Number(values.seed)).catch(keep)

/** What was found is said again from then on. */
async function keep(error: unknown): Promise<never> {
  if (error instanceof Found) {
    const bytes = error.bytes.map((piece) => Buffer.from(piece).toString('hex'))
    const file = await save({ to: error.to, why: String(error.cause), bytes }, `found ${error.to} ${Date.now()}`)
    process.stdout.write(`kept in test/fuzz/corpus/${file}\n`)
  }
  throw error
}

async function fuzz(messages: number, inputs: number, seed: number): Promise<void> {
  process.stdout.write(`seed ${seed}\n`)
  await using fuzzed = await Fuzzed.start()
  let all = 0
  for (const [direction, share] of Object.entries(SHARES) as [keyof typeof SHARES, number][]) {
    if (values.only !== undefined && values.only !== direction) continue
    const growth = new Growth()
    const from = performance.now()
    let said = 0
    for (let part = 0; part < PARTS; part++) {
      const one = { messages: Math.ceil((messages * share) / PARTS), seed: seed + part * 1_000_003 }
      said += (await fuzzed.sayMany(direction, one)).messages
      growth.look()
    }
    all += said
    const seconds = Math.round((performance.now() - from) / 1000)
    process.stdout.write(`${direction.padEnd(24)} ${said} messages in ${seconds} s; ${growth.say()}\n`)
    if (growth.grew) process.exitCode = 1
  }
  process.stdout.write(`${'all'.padEnd(24)} ${all} messages, no crash, no hang, no answer that is no message\n`)
  for (const decoder of values.only === undefined || values.only === 'decoders' ? DECODERS : []) {
    const { inputs: tried, refused } = await decodeMany(decoder, { inputs, seed })
    process.stdout.write(`${decoder.id.padEnd(24)} ${tried} inputs, ${refused} refused\n`)
  }
  await closeServers()
}
