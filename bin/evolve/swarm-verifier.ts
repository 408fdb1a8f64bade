import { checkCaseFile, KernelswarmError, loadIdentity, makeFolder, peerIdOf, roundId, UsageError } from '../../protocol/index.ts'
import { Link, type RemoteOptions } from '../flow/link.ts'
import { ResultsFolder } from '../flow/results-folder.ts'
import { submitCases } from '../flow/round.ts'
import { watchRound } from '../flow/watch.ts'
import { HOUR_MS, MAX_STEP_HOURS } from './plan.ts'
import { CancelledError, type Job, type Verifier } from './verifier.ts'

/** A coordinator elsewhere. One that is away is waited for: the step's own limit ends that. */
export class SwarmVerifier implements Verifier {
  readonly #remote: RemoteOptions

  constructor(remote: RemoteOptions) {
    this.#remote = remote
  }

  async verify(job: Job, onDone: (round: string) => Promise<void>): Promise<void> {
    const { file, spec, salt, audience } = job
    const summary = await checkCaseFile(file)
    const owner = peerIdOf(await loadIdentity(this.#remote.key))
    const name = await roundId(owner, spec, summary.digest, salt)
    await using link = await this.#link(job)
    try {
      const round = await link.persist(
        async (client, heard) => await submitCases(client, spec, file, summary, { salt, onSent: heard }),
        audience,
      )
      await onDone((await watchRound(link, round, audience)).round)
    } catch (error) {
      throw isCancelled(error) ? new CancelledError(name) : error
    }
  }

  async export(job: Job, round: string): Promise<void> {
    const { results, audience, say } = job
    await makeFolder(results)
    await using link = await this.#link(job)
    await using folder = new ResultsFolder(results, { partial: false })
    await link.persist(async (client, heard) => await folder.fetch(client, round, heard), {
      ...audience,
      held: (why) => say(`${why}; trying again`),
    })
  }

  async #link({ signal }: Job): Promise<Link> {
    return await Link.prepare({ ...this.#remote, signal, longestAwayMs: MAX_STEP_HOURS * HOUR_MS })
  }
}

/** `submitCases` refuses a round that was cancelled before, `watchRound` one that is cancelled meanwhile. */
function isCancelled(error: unknown): boolean {
  return (
    (error instanceof UsageError && error.code === 'refused') || (error instanceof KernelswarmError && error.code === 'cancelled')
  )
}
