import { generateKeyPair } from '@libp2p/crypto/keys'
import { z } from 'zod'
import {
  AGENT,
  Channel,
  ClassText,
  classOf,
  createHost,
  type Environment,
  type ExecutorName,
  executorIn,
  type FromNode,
  KernelswarmError,
  openStream,
  ProtocolError,
  parseAddress,
  REPLY_MS,
  ToNode,
  type ToolchainDifference,
  toolchainDifferences,
  WORK_PROTOCOL,
} from '../protocol/index.ts'
import { machineMemoryBytes } from './memory.ts'

/** Longest answer of a coordinator's page that is read; its status has under 2 KiB. */
const MAX_STATUS_BYTES = 64 * 1024

/** What a node has for one executor, beside what the coordinator prefers. */
export interface ToolchainComparison {
  executor: ExecutorName
  own: string
  /** Null where the coordinator has no preference yet. */
  preferred: string | null
  differences: ToolchainDifference[]
}

/** Holds what a node would announce against what a coordinator prefers. */
export function compareToolchains(environments: readonly Environment[], preferred: readonly string[]): ToolchainComparison[] {
  return environments.map((environment) => {
    const own = classOf(environment, 'plain')
    const wanted = preferred.find((name) => executorIn(name) === environment.executor) ?? null
    return {
      executor: environment.executor,
      own,
      preferred: wanted,
      differences: wanted === null ? [] : toolchainDifferences(own, wanted),
    }
  })
}

/**
 * Asks a coordinator for the classes it prefers: at the address of its page, or at its own. There it is greeted under a key made
 * for this, and left again before it gives any work.
 * @throws UsageError `address` where it is neither; KernelswarmError `unreachable` where no answer comes
 */
export async function askPreferred(
  coordinator: string,
  environments: readonly Environment[],
  options: { signal: AbortSignal },
): Promise<string[]> {
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(REPLY_MS)])
  const ask = /^https?:/.test(coordinator) ? askPage(coordinator, signal) : askWork(coordinator, environments, signal)
  return await ask.catch((error: Error) => {
    if (error instanceof KernelswarmError && error.code === 'address') throw error
    throw new KernelswarmError('unreachable', `${coordinator}: ${error.message}`, { cause: error })
  })
}

async function askPage(url: string, signal: AbortSignal): Promise<string[]> {
  const response = await fetch(new URL('/api/v1/status', url), { signal, redirect: 'error' })
  if (!response.ok) throw new Error(`answers ${response.status}`)
  const pieces: Uint8Array[] = []
  let bytes = 0
  for await (const piece of response.body ?? []) {
    bytes += piece.byteLength
    if (bytes > MAX_STATUS_BYTES) throw new Error('answers with more than a status')
    pieces.push(piece)
  }
  const status = z.object({ preferred: z.array(ClassText) }).safeParse(JSON.parse(Buffer.concat(pieces).toString()))
  if (!status.success) throw new Error("that is no coordinator's page, or one of another version")
  return status.data.preferred
}

async function askWork(address: string, environments: readonly Environment[], signal: AbortSignal): Promise<string[]> {
  const where = parseAddress(address)
  const host = await createHost({ key: await generateKeyPair('Ed25519'), listen: [] })
  try {
    const channel = new Channel<ToNode, FromNode>(await openStream(host, where, WORK_PROTOCOL, { signal }), { schema: ToNode })
    signal.addEventListener('abort', () => channel.abort(new ProtocolError('timeout', 'no welcome')), { once: true })
    const memoryBytes = machineMemoryBytes()
    await channel.send({ t: 'hello', agent: AGENT, environments: [...environments], memoryBytes, holding: [] })
    const first = await channel[Symbol.asyncIterator]().next()
    if (first.done) throw new Error('hangs up')
    if (first.value.t === 'refused') throw new Error(first.value.message)
    if (first.value.t !== 'welcome') throw new Error(`answers ${first.value.t}`)
    await channel.send({ t: 'goodbye' })
    await channel.close()
    return first.value.preferred ?? []
  } finally {
    await host.stop()
  }
}

/** What the difference costs, in words for the node's owner. */
export function toolchainAdvice({ executor, preferred, differences }: ToolchainComparison): string {
  if (preferred === null) return `${executor}: nothing was decided there yet, so nothing is preferred`
  if (differences.length === 0) return `${executor}: as this coordinator prefers`
  const which = differences.map(({ what, own, preferred }) => `${what} ${own ?? 'none'} here, ${preferred ?? 'none'} preferred`)
  return `${executor}: ${which.join('; ')}. Its votes are pooled only with those of nodes that have the same: it waits for tasks that others of its kind began or nobody has begun, and what it begins waits for such nodes`
}
