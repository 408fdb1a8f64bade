import type { PrivateKey } from '@libp2p/interface'
import { KernelswarmError, RESULT_FILES, type ResultFile } from '../../protocol/index.ts'
import type { Aside } from '../archives/aside.ts'
import type { Ledger } from '../ledger.ts'
import { type Beside, byPrograms, countHolding, mayShowIn } from '../sharing.ts'
import { evidenceIn } from '../state/evidence.ts'
import type { RoundEntry } from '../state/model.ts'
import { type Recalled, recalled } from '../views/recalled.ts'
import { archive } from './archive.ts'
import { Content } from './content.ts'
import { decisions } from './decisions.ts'
import { evidenceOf, ownersSight } from './evidence.ts'
import { lineage, mergedPlaces } from './lineage.ts'
import { OperatorNames } from './operator-names.ts'
import { outcomes } from './outcomes.ts'
import { reportPage } from './page/report-page.ts'
import { pieces } from './pieces.ts'
import { reportOf, reportText } from './report.ts'
import { coverageCsv } from './scores/coverage-csv.ts'
import { matrixCsv } from './scores/matrix-csv.ts'
import { Scores } from './scores/scores.ts'
import { Snapshot } from './snapshot.ts'
import { datasetInfo, testerSet, translatorSet } from './training.ts'
import { validTranslations } from './translations.ts'

export interface ResultComponents {
  ledger: Ledger
  /** The coordinator's key: signs the archive. */
  key: PrivateKey
  /** The coordinator's peer id. */
  coordinator: string
}

export interface ResultOptions {
  /** Whether a round that is not aggregated may be exported; what is not judged in it is said to be pending. */
  partial: boolean
  /**
   * Of a re-run: all cases of the round it is of, with those that were run again in their places. Each round's own archive has
   * the evidence, so that none is made of this.
   * @default false
   */
  merged?: boolean
  /** The files that are wanted. @default all */
  only?: readonly ResultFile[]
  /** All nodes belong to one person: agreement between them says nothing about confidence across operators. */
  singleOperator: boolean
  /** Where an archive in the making puts aside what comes later in it. @default it is made twice */
  aside?: () => Promise<Aside>
}

/** A piece of a result file; pieces come in order, a new name begins the next file. */
export interface FilePiece {
  name: string
  bytes: Uint8Array
}

/**
 * The result files of a round, piece by piece, in input order; no file is ever held whole.
 * The `STEADY_FILES` hold no time, peer id or round id: the same cases and policy give the same bytes,
 * whatever the order of arrival, the number of nodes, restarts. All of them show the round as it stood when the first piece was asked for.
 * @throws KernelswarmError `not-aggregated` when the round has not ended and `partial` is not set, `held` when it has and
 *   what it shares with earlier rounds of others is still being voted on (a partial export leaves that out),
 *   `store` when content that the log names is missing; ArchiveError when an archive that has some cannot be read
 */
export async function* resultFiles(
  components: ResultComponents,
  round: RoundEntry,
  options: ResultOptions,
): AsyncGenerator<FilePiece> {
  if (round.state !== 'aggregated' && !options.partial) {
    throw new KernelswarmError('not-aggregated', `round ${round.id} is ${round.state}: only a partial export is possible`)
  }
  const { ledger, key, coordinator } = components
  const { last, snapshot } = await takenOf(ledger, round, options)
  const content = new Content(ledger.store)
  const names = new OperatorNames(key)
  const evidence = evidenceOf(ledger.state.trust, last.batches, snapshot, names, () => ownersSight(snapshot, ledger.state))
  const terms = { coordinator, singleOperator: options.singleOperator, evidence }
  const scores = once(() => Scores.of(snapshot, content))
  const report = once(async () => await reportOf(snapshot, ledger, terms, await scores()))
  const sources: Record<ResultFile, () => AsyncIterable<string | Uint8Array>> = {
    'outcomes.jsonl': () => outcomes(snapshot, content),
    'valid_translations.jsonl': () => validTranslations(snapshot, content),
    'translator_sft.json': () => translatorSet(snapshot, content),
    'tester_sft.json': () => testerSet(snapshot, content),
    'dataset_info.json': () => datasetInfo(),
    'decisions.jsonl': () => decisions(snapshot, terms),
    'matrix.csv': () => matrixCsv(snapshot),
    'coverage.csv': async function* () {
      yield* coverageCsv((await scores()).problems())
    },
    'scores.json': async function* () {
      yield* (await scores()).json()
    },
    'report.json': async function* () {
      yield* reportText(await report())
    },
    'report.html': async function* () {
      yield* reportPage(await report(), (await scores()).first)
    },
    'round.car': () => archive({ content, key, coordinator, names, aside: options.aside ?? null }, snapshot, terms),
  }
  for (const name of filesGiven(last.round, options)) {
    for await (const bytes of pieces(sources[name]())) yield { name, bytes }
  }
}

/** Which files `resultFiles` gives out, in their order. */
export function filesGiven(
  { spec }: Pick<RoundEntry, 'spec'>,
  { merged, only }: Pick<ResultOptions, 'merged' | 'only'>,
): ResultFile[] {
  return RESULT_FILES.filter((name) => {
    if (name === 'round.car' && merged === true) return false
    if (name === 'coverage.csv' && spec.coverage !== true) return false
    return only?.includes(name) ?? true
  })
}

/** Makes something when it is asked for first. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null
  return () => (made ??= make())
}

/** A round as it is now: its results are made of this. Where the state lets go of it meanwhile, it is read from the records. */
async function takenOf(
  ledger: Ledger,
  round: RoundEntry,
  { partial, merged = false }: ResultOptions,
): Promise<{ last: Recalled; snapshot: Snapshot }> {
  const named = merged ? await lineage(ledger, round) : [round]
  for (;;) {
    const line = await Promise.all(named.map((one) => recalled(ledger, one)))
    const last = line.at(-1) as Recalled
    const holding = named.reduce((sum, one) => sum + countHolding(ledger.state, one), 0)
    if (holding > 0 && !partial) {
      throw new KernelswarmError(
        'held',
        `round ${round.id} is ${round.state}, but ${holding} cases of other rounds that were opened before and share programs with it are not judged yet; only a partial export is possible until they are`,
      )
    }
    const places = mergedPlaces(line.map((one) => one.round))
    const source = sourceOfAll(line)
    const whole = named.every(({ state }) => state === 'aggregated') && holding === 0
    if (!whole) return { last, snapshot: Snapshot.of(source, last.round, mayShowIn(ledger.state, besideAll(line)), places) }
    const inMemory = named.filter(({ id }) => ledger.state.rounds.has(id))
    const goesOn = () => inMemory.every(({ id }) => ledger.state.rounds.has(id))
    const snapshot = await Snapshot.inTurns(source, last.round, places, goesOn)
    if (snapshot !== null) return { last, snapshot }
  }
}

/** The tasks of several rounds, each as its own says. */
function sourceOfAll(line: readonly Recalled[]): Recalled['source'] {
  const [first] = line
  if (line.length === 1 && first !== undefined) return first.source
  const tasks = {
    get(key: string) {
      for (const { source } of line) {
        const entry = source.tasks.get(key)
        if (entry !== undefined) return entry
      }
    },
  }
  return { tasks, evidence: (round, item, test) => evidenceIn(tasks, round, item, test) }
}

/** What of several rounds is not in memory. */
function besideAll(line: readonly Recalled[]): Beside {
  return byPrograms(new Set(line.flatMap(({ beside }) => [...beside.values()].flat())))
}
