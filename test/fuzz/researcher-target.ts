import { multiaddr } from '@multiformats/multiaddr'
import type { Libp2p } from 'libp2p'
import { FromResearcher, parseCaseLine, ResearcherClient, ROUND_DEFAULTS } from '../../protocol/index.ts'
import { line } from '../support/cases.ts'
import type { Target } from './conversation.ts'

const SPEC = { ...ROUND_DEFAULTS, v: 1 as const, name: 'asked for' }

/** A researcher who does all that one does, whatever she is answered. */
export function fuzzedResearcher(): Target {
  const { signal } = new AbortController()
  return {
    answers: FromResearcher,
    serve: async (stream) => {
      const host = { dialProtocol: async () => stream } as unknown as Libp2p
      const client = await ResearcherClient.connect(host, multiaddr('/ip4/127.0.0.1/tcp/1'), { signal })
      // What she makes of it is said to her by the command; here it only has to end.
      await ask(client).catch(() => undefined)
      await client[Symbol.asyncDispose]()
    },
    live: () => ({}),
    [Symbol.asyncDispose]: async () => {},
  }
}

async function ask(client: ResearcherClient): Promise<void> {
  const { round } = await client.open(SPEC, 'd', '')
  await client.send(round, cases(), 0, () => undefined)
  await client.seal(round, 1)
  await client.list()
  for await (const _ of client.watch(round));
  for await (const _ of client.fetch(round, { partial: true }));
}

async function* cases() {
  yield parseCaseLine(line(1), { file: 'f', line: 1 }, () => 'p')
}
