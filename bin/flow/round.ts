import { createHash } from 'node:crypto'
import {
  type CaseFileSummary,
  type CaseSource,
  KernelswarmError,
  type ResearcherClient,
  type RoundProgress,
  type RoundSpec,
  readCases,
  UsageError,
} from '../../protocol/index.ts'

/**
 * Sends checked cases as a round, going on where an earlier try was cut; returns the round's name.
 * @throws UsageError `file` when they are not those that were checked any more; the round is cancelled then
 */
export async function submitCases(
  client: ResearcherClient,
  spec: RoundSpec,
  file: string | CaseSource,
  summary: CaseFileSummary,
  options: { salt: string; onSent: (have: number) => void },
): Promise<string> {
  const { round, have, state } = await client.open(spec, summary.digest, options.salt)
  options.onSent(have)
  if (state === 'cancelled')
    throw new UsageError('refused', `this round was cancelled before (${round}); --again makes a new one of the same cases`)
  if (state !== 'open') return round
  if (!(await sendAll(client, { round, have, skip: have }, file, summary, options.onSent))) {
    await client.cancel(round)
    throw new UsageError(
      'file',
      `${nameOf(file)}: changed while it was being sent; the round is cancelled, and --again makes another`,
    )
  }
  await client.seal(round, summary.cases)
  return round
}

/** Sends what is not there yet; false when what was read is not what was checked. */
async function sendAll(
  client: ResearcherClient,
  { round, have, skip }: { round: string; have: number; skip: number },
  file: string | CaseSource,
  { digest }: CaseFileSummary,
  onSent: (have: number) => void,
): Promise<boolean> {
  const hash = createHash('sha256')
  await client.send(round, readCases(file, { skip, onBytes: (bytes) => hash.update(bytes) }), have, onSent)
  return hash.digest('hex') === digest
}

function nameOf(file: string | CaseSource): string {
  return typeof file === 'string' ? file : file.name
}

/** Adds checked cases to a round, going on where an earlier try was cut; says what it found there. */
export async function addCases(
  client: ResearcherClient,
  name: string,
  file: string | CaseSource,
  summary: CaseFileSummary,
  onSent: (have: number) => void = () => {},
): Promise<{ round: string; added: number; cases: number }> {
  const { round, from, have, complete } = await client.extend(name, summary.digest)
  if (complete) return { round, added: 0, cases: have }
  if (!(await sendAll(client, { round, have, skip: have - from }, file, summary, onSent))) {
    throw new UsageError('file', `${nameOf(file)}: changed while it was being sent; the round waits for the file as it was`)
  }
  const cases = from + summary.cases
  await client.seal(round, cases)
  return { round, added: summary.cases, cases }
}

/** Follows a round to its end. @throws when it was cancelled */
export async function followRound(
  client: ResearcherClient,
  round: string,
  onProgress: (progress: RoundProgress) => void,
): Promise<RoundProgress> {
  let last: RoundProgress | null = null
  for await (const progress of client.watch(round)) {
    last = progress
    onProgress(progress)
  }
  if (last?.state === 'aggregated') return last
  if (last?.state === 'cancelled') throw new KernelswarmError('cancelled', 'the round was cancelled')
  throw new KernelswarmError('unfinished', `the round is ${last?.state ?? 'unknown'}, not aggregated`)
}
