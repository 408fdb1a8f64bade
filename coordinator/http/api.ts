import { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import type { RunLimits } from '../../protocol/index.ts'
import { countHolding, mayShowIn } from '../sharing.ts'
import { everybody, exposure, seeingToo } from '../sight.ts'
import type { RoundEntry } from '../state/model.ts'
import { recalled } from '../views/recalled.ts'
import { type Activity, activity } from './activity.ts'
import { type CaseDetail, caseDetail } from './case-detail.ts'
import { type CasePage, casePage, windowOf } from './case-rows.ts'
import type { Catalogue } from './catalogue.ts'
import type { Components } from './components.ts'
import type { Feed } from './feed.ts'
import type { Figures, RoundRow, Status } from './figures.ts'
import { type ToldIncident, toldIncident } from './incidents.ts'
import { Kept } from './kept.ts'
import {
  CLOSED_SCAN_LIMIT,
  MAX_CASE_PAGES,
  MAX_RESULT_CASES,
  MAX_RESULT_READERS,
  RESULT_MS,
  SCAN_LIMIT,
  TILE_CASES,
} from './limits.ts'
import { type Lineage, lineageOf } from './lineage.ts'
import { type MatrixTile, matrixTile } from './matrix.ts'
import { type NodeDetail, type NodeRow, nodeDetail, nodeRows, pageOfNodes, type Ranked, rankedNodes } from './nodes.ts'
import { openapi } from './openapi.ts'
import {
  CaseParams,
  CasesPage,
  FileParams,
  NodeParams,
  NodesPage,
  OutputParams,
  Page,
  RoundParams,
  read,
  TileParams,
  VerdictParams,
} from './query.ts'
import { Refusal } from './refusal.ts'
import { SHARED_FILES, SharedFile } from './schemas.ts'
import { type RoundSummary, roundSummary } from './summary.ts'
import { type TrustNumbers, trustNumbers } from './trust.ts'
import { type NamedBytes, type VerdictDetail, verdictDetail, verdictOutput, verdictProgram } from './verdict.ts'

/** A page of a list: `next` is where the following one begins, or null. */
export interface List<T> {
  total: number
  from: number
  next: number | null
  items: T[]
}

export interface RoundDetail extends RoundRow {
  limits: RunLimits
  /** The strict passes that it asks for. */
  passes: string[]
  coverage: boolean
  lineage: Lineage
}

/** The parts the answers are made with. */
export interface ApiParts {
  components: Components
  catalogue: Catalogue
  figures: Figures
  feed: Feed
}

/** The second is for proxies that would wait for more. */
const EVENT_HEADERS = { 'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no', connection: 'close' }

/** The JSON behind the pages, for anyone: read-only, a page at a time. */
export function api(app: FastifyInstance, { components, catalogue, figures, feed }: ApiParts): void {
  const { ledger, presence } = components
  const summaries = new Kept<RoundSummary>()
  const tiles = new Kept<MatrixTile>()
  const ranks = new Kept<Ranked>()
  const activities = new Kept<Activity>()
  const trusts = new Kept<TrustNumbers>()
  let casePages = 0
  let fileReaders = 0

  app.get('/status', (): Status => figures.status())

  app.get('/activity', async (): Promise<Activity> => {
    const { state } = ledger
    const now = Date.now()
    // Stretches begin with the minute.
    const minute = String(Math.floor(now / 60_000))
    return await activities.get(minute, state.events, state.allRounds().length, async () => activity(ledger, now))
  })

  app.get('/trust', async (): Promise<TrustNumbers> => {
    const { state } = ledger
    const size = state.allRounds().length + state.trust.operators.size
    return await trusts.get('', state.events, size, async () => trustNumbers(state))
  })

  app.get('/rounds', ({ query }): List<RoundRow> => {
    const { from, limit } = read(Page, query)
    return listOf(figures.listed().length, from, limit, figures.rounds(from, limit))
  })

  app.get('/rounds/:round', async ({ params }): Promise<RoundDetail> => {
    const round = await findRound(params)
    const { limits, passes, coverage = false } = round.spec
    return {
      ...figures.progress(round),
      limits: { ...limits },
      passes: [...passes],
      coverage,
      lineage: await lineageOf(ledger, round),
    }
  })

  app.get('/rounds/:round/summary', async ({ params }): Promise<RoundSummary> => {
    const round = await findShown(params)
    const make = () => roundSummary(ledger, round, components.singleOperator)
    return await summaries.get(round.id, ledger.state.events, round.size, make)
  })

  app.get('/rounds/:round/matrix', async ({ params, query }): Promise<MatrixTile> => {
    const { tile } = read(TileParams, query)
    const { id, size } = await findShown(params)
    if (tile * TILE_CASES >= Math.max(size, 1))
      throw new Refusal('not-found', `the matrix has ${Math.ceil(size / TILE_CASES)} tiles, counted from 0`)
    const make = () => oneOfFew(() => matrixTile(ledger, id, size, tile))
    return await tiles.get(`${id}/${tile}`, ledger.state.events, Math.min(size, TILE_CASES), make)
  })

  app.get('/rounds/:round/cases', async ({ params, query }): Promise<CasePage> => {
    const page = read(CasesPage, query)
    return await oneOfFew(async () => {
      const shown = await findShown(params)
      const scan = ledger.state.rounds.has(shown.id) ? SCAN_LIMIT : CLOSED_SCAN_LIMIT
      const { round, source, beside } = await recalled(ledger, shown, windowOf(page, shown.size, scan))
      return casePage(source, mayShowIn(ledger.state, beside), round, page, scan)
    })
  })

  app.get('/rounds/:round/cases/:line', async ({ params }): Promise<CaseDetail> => {
    const { id, size } = await findShown(params)
    const { line } = read(CaseParams, params)
    if (line < 1 || line > size) throw new Refusal('not-found', `the round has ${size} cases, counted from 1`)
    return await oneOfFew(async () => {
      const { round, source, beside } = await recalled(ledger, await findShown(params), { from: line - 1, to: line })
      const item = round.cases[line - 1]
      if (item === undefined) throw new Error(`case ${line} of round ${id} is missing`)
      return await caseDetail({ state: source, store: ledger.store }, mayShowIn(ledger.state, beside), round, item)
    })
  })

  app.get('/rounds/:round/files', async ({ params }): Promise<{ files: SharedFile[] }> => {
    await filesOf(params)
    return { files: SharedFile.options }
  })

  app.get('/rounds/:round/files/:file', { exposeHeadRoute: false }, async ({ params }, reply) => {
    const { file } = read(FileParams, params)
    const round = await filesOf(params)
    if (fileReaders >= MAX_RESULT_READERS) throw new Refusal('busy', 'other files are being given out just now; try again')
    fileReaders++
    const bytes = Readable.from(components.results(round, file), { objectMode: false })
    const late = setTimeout(() => bytes.destroy(new Error('not read in time')), RESULT_MS).unref()
    bytes.once('close', () => {
      clearTimeout(late)
      fileReaders--
    })
    return reply.type(SHARED_FILES[file]).send(bytes)
  })

  app.get('/openapi.json', () => openapi())

  app.get('/verdicts/:cid', ({ params }): Promise<VerdictDetail> => {
    return verdictDetail(ledger, catalogue, read(VerdictParams, params).cid)
  })

  app.get('/verdicts/:cid/outputs/:test', ({ params }): Promise<NamedBytes> => {
    const { cid, test } = read(OutputParams, params)
    return oneOfFew(() => verdictOutput(ledger, catalogue, cid, test))
  })

  app.get('/verdicts/:cid/program', ({ params }): Promise<NamedBytes> => {
    return oneOfFew(() => verdictProgram(ledger, catalogue, read(VerdictParams, params).cid))
  })

  app.get('/nodes', async ({ query }): Promise<List<NodeRow>> => {
    const { from, limit, order } = read(NodesPage, query)
    const { state } = ledger
    const ranked = await ranks.get('', state.events, state.nodes.size, async () => rankedNodes(state))
    const present = presence()
    const { total, nodes } = pageOfNodes(ranked, present, order, { from, limit })
    return listOf(total, from, limit, nodeRows(state, present, nodes))
  })

  app.get('/nodes/:node', async ({ params }): Promise<NodeDetail> => {
    const { node } = read(NodeParams, params)
    const tasks = ledger.state.trust.incidents.flatMap(({ nodes, task }) => (nodes.includes(node) ? (task ?? []) : []))
    const sight = seeingToo(everybody(ledger.state), await shownTasks(tasks))
    const detail = nodeDetail(ledger.state, presence(), node, sight)
    if (detail === null) throw new Refusal('not-found', 'no node of this name was ever here')
    return detail
  })

  app.get('/incidents', async ({ query }): Promise<List<ToldIncident>> => {
    const { from, limit } = read(Page, query)
    const all = ledger.state.trust.incidents.toReversed()
    const some = all.slice(from, from + limit)
    const sight = seeingToo(everybody(ledger.state), await shownTasks(some.flatMap(({ task }) => task ?? [])))
    return listOf(
      all.length,
      from,
      limit,
      some.map((incident) => toldIncident(ledger.state, incident, sight)),
    )
  })

  app.get('/events', { exposeHeadRoute: false }, ({ ip, headers }, reply) => {
    feed.assertRoom(ip)
    const lastId = headers['last-event-id']
    const own = { ...EVENT_HEADERS, ...reply.getHeaders(), 'cache-control': 'no-store' }
    reply.hijack()
    // The connection is the stream: what is said goes out as it is, to all viewers the same bytes, without a frame of its own for each.
    reply.raw.removeHeader('transfer-encoding')
    reply.raw.writeHead(200, own as Record<string, string>)
    feed.add(reply.raw, { address: ip, lastId: typeof lastId === 'string' ? lastId : undefined })
  })

  async function findRound(params: unknown): Promise<RoundEntry> {
    const round = await ledger.roundNamed(read(RoundParams, params).round)
    if (round === undefined || exposure(round) === 'nothing') throw new Refusal('not-found', 'there is no round of this name')
    return round
  }

  /** Of these tasks, those of rounds that show their content, whether in memory or not. */
  async function shownTasks(names: readonly string[]): Promise<Set<string>> {
    const { sees } = everybody(ledger.state)
    const shown = new Set<string>()
    for (const name of new Set(names)) {
      if ((await catalogue.tasksNamed(name)).some(({ rounds }) => rounds.some(sees))) shown.add(name)
    }
    return shown
  }

  /** A round of which anybody sees the content. */
  async function findShown(params: unknown): Promise<RoundEntry> {
    const round = await findRound(params)
    if (exposure(round) !== 'all') throw new Refusal('private', 'of this round its owner shows counts only')
    return round
  }

  /** A round whose result files anybody may have: it shows its content, has ended, and nothing of it is still voted on elsewhere. */
  async function filesOf(params: unknown): Promise<RoundEntry> {
    const round = await findShown(params)
    const sealed = () => new Refusal('sealed', 'there are no files before all of the round is decided')
    if (round.state !== 'aggregated') throw sealed()
    // Before its cases are gone through.
    if (round.size > MAX_RESULT_CASES) throw new Refusal('too-large', 'files of so many cases are exported by their owner only')
    if (countHolding(ledger.state, round) > 0) throw sealed()
    return round
  }

  /** Cases are read by few at once: each may hold a program of 4 MiB, or many cases of a round that has left memory. */
  async function oneOfFew<T>(read: () => Promise<T>): Promise<T> {
    if (casePages >= MAX_CASE_PAGES) throw new Refusal('busy', 'many cases are being read just now; try again')
    casePages++
    try {
      return await read()
    } finally {
      casePages--
    }
  }
}

function listOf<T>(total: number, from: number, limit: number, items: T[]): List<T> {
  return { total, from, next: from + limit < total ? from + limit : null, items }
}
