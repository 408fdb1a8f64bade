import { setTimeout as wait } from 'node:timers/promises'
import {
  checkCaseFile,
  KernelswarmError,
  loadIdentity,
  makeFolder,
  ProtocolError,
  peerIdOf,
  RefusedError,
  type ResearcherClient,
  roundId,
  UsageError,
} from '../../protocol/index.ts'
import { type RemoteOptions, withCoordinator } from '../flow/remote.ts'
import { followRound, saveResults, submitCases } from '../flow/round.ts'
import { CancelledError, type Job, type Verifier } from './verifier.ts'

/** Waits between two tries to reach the coordinator: from a second, doubled up to a minute. The step's own limit ends them. */
const FIRST_WAIT_MS = 1_000
const LONGEST_WAIT_MS = 60_000

/** A coordinator elsewhere. One that cannot be reached, or not now, is tried again: rounds take longer than lines stand. */
export class SwarmVerifier implements Verifier {
  readonly #remote: RemoteOptions

  constructor(remote: RemoteOptions) {
    this.#remote = remote
  }

  async verify(job: Job, onDone: (round: string) => Promise<void>): Promise<void> {
    const { file, spec, salt } = job
    const summary = await checkCaseFile(file)
    const owner = peerIdOf(await loadIdentity(this.#remote.key))
    const name = await roundId(owner, spec, summary.digest, salt)
    await onDone(
      await this.#persist(job, async (client) => {
        try {
          const round = await submitCases(client, spec, file, summary, { salt, onSent: () => {} })
          return (await followRound(client, round, job.onProgress)).round
        } catch (error) {
          throw isCancelled(error) ? new CancelledError(name) : error
        }
      }),
    )
  }

  async export(job: Job, round: string): Promise<void> {
    await makeFolder(job.results)
    await this.#persist(job, async (client) => await saveResults(client, round, job.results, { partial: false }))
  }

  async #persist<T>({ signal, say }: Job, use: (client: ResearcherClient) => Promise<T>): Promise<T> {
    for (let pause = FIRST_WAIT_MS; ; pause = Math.min(2 * pause, LONGEST_WAIT_MS)) {
      try {
        return await withCoordinator(this.#remote, signal, use)
      } catch (error) {
        signal.throwIfAborted()
        if (!mayPass(error)) throw error
        say(`${(error as Error).message}; trying again in ${pause / 1000} s`)
        await wait(pause, undefined, { signal })
      }
    }
  }
}

/** Whether what went wrong may be right later, with nothing changed here. */
function mayPass(error: unknown): boolean {
  if (error instanceof ProtocolError) return error.code === 'closed' || error.code === 'timeout'
  if (error instanceof RefusedError) return error.code === 'unavailable' || error.code === 'held'
  return error instanceof KernelswarmError && error.code === 'unreachable'
}

/** `submitCases` refuses a round that was cancelled before, `followRound` one that is cancelled meanwhile. */
function isCancelled(error: unknown): boolean {
  return (
    (error instanceof UsageError && error.code === 'refused') || (error instanceof KernelswarmError && error.code === 'cancelled')
  )
}
