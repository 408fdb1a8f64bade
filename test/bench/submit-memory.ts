import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { Channel, createHost, FromResearcher, ROUNDS_PROTOCOL, type ToResearcher } from '../../protocol/index.ts'
import { line } from '../support/cases.ts'
import { runCommand } from './command-figures.ts'

/** Lines written at a time. */
const LINES_A_WRITE = 1_000

/** What one `submit` took. */
export interface SubmitFigures {
  cases: number
  bytes: number
  seconds: number
  /** Most memory the process ever had resident, MiB. */
  peakMib: number
  /** Cases the receiver has got. */
  received: number
}

export interface SubmitLoad {
  cases: number
  /** Characters added to each line. */
  padding?: number
  /** Most of the heap that the process may have; more ends it. */
  heapMib?: number
}

/** Writes small cases that are all different. */
async function writeLines(file: string, { cases, padding = 0 }: SubmitLoad): Promise<number> {
  await using handle = await open(file, 'w')
  let bytes = 0
  for (let from = 0; from < cases; from += LINES_A_WRITE) {
    const count = Math.min(LINES_A_WRITE, cases - from)
    const some = Array.from({ length: count }, (_, n) =>
      line(from + n, { tests: 1, problem: 'p'.repeat(8) + (from + n), ...pad(padding) }),
    )
    const text = `${some.join('\n')}\n`
    bytes += Buffer.byteLength(text)
    await handle.writeFile(text)
  }
  return bytes
}

function pad(padding: number): object {
  return padding === 0 ? {} : { cpp_code: `void f(int *a, int n) {} // ${'x'.repeat(padding)}` }
}

/**
 * Runs `kernelswarm submit` as a process of its own on a generated file. What receives speaks the rounds protocol and acknowledges at
 * once, so that the sender is what is measured.
 */
export async function measureSubmit(folder: string, load: SubmitLoad): Promise<SubmitFigures> {
  const file = join(folder, `${load.cases}.jsonl`)
  const bytes = await writeLines(file, load)
  let received = 0
  const host = await createHost({ key: await generateKeyPair('Ed25519'), listen: ['/ip4/127.0.0.1/tcp/0'] })
  await host.handle(ROUNDS_PROTOCOL, async (stream) => {
    const channel = new Channel<FromResearcher, ToResearcher>(stream, { schema: FromResearcher })
    for await (const message of channel) {
      if (message.t === 'open') await channel.send({ t: 'opened', round: 'r', have: 0, state: 'open' })
      if (message.t === 'cases') {
        received = message.from + message.cases.length
        await channel.send({ t: 'acknowledged', have: received })
      }
      if (message.t === 'seal') await channel.send({ t: 'sealed' })
    }
    await channel.close()
  })
  try {
    const args = ['submit', file, '--coordinator', String(host.getMultiaddrs()[0]), '--json']
    const { seconds, peakMib } = await runCommand(folder, args, load)
    return { cases: load.cases, bytes, seconds, peakMib, received }
  } finally {
    await host.stop()
  }
}
