import type { FastifyInstance } from 'fastify'
import type { RoundProgress, RunLimits } from '../../protocol/index.ts'
import { secrecy } from '../rules/secrecy.ts'
import { casesByProgram } from '../sharing.ts'
import { everybody, exposure } from '../sight.ts'
import type { CaseEntry, RoundEntry } from '../state/model.ts'
import { type IncidentRow, incidentRow } from '../trust/incident.ts'
import { type CaseDetail, caseDetail } from './case-detail.ts'
import { type CasePage, casePage } from './case-rows.ts'
import type { Catalogue } from './catalogue.ts'
import type { Components } from './components.ts'
import type { Feed } from './feed.ts'
import type { Figures, Status } from './figures.ts'
import { MAX_CASE_PAGES } from './limits.ts'
import { type NodeRow, nodeRows } from './nodes.ts'
import { CaseParams, CasesPage, Page, RoundParams, read, VerdictParams } from './query.ts'
import { Refusal } from './refusal.ts'
import { type VerdictDetail, verdictDetail } from './verdict.ts'

/** A page of a list: `next` is where the following one begins, or null. */
export interface List<T> {
  total: number
  from: number
  next: number | null
  items: T[]
}

export interface RoundDetail extends RoundProgress {
  limits: RunLimits
}

/** The parts the answers are made with. */
export interface ApiParts {
  components: Components
  catalogue: Catalogue
  figures: Figures
  feed: Feed
}

/** The JSON behind the pages, for anyone: read-only, a page at a time. */
export function api(app: FastifyInstance, { components, catalogue, figures, feed }: ApiParts): void {
  const { ledger, presence } = components
  const mayShow = () => secrecy(casesByProgram(ledger.state))
  let casePages = 0

  app.get('/status', (): Status => figures.status())

  app.get('/rounds', ({ query }): List<RoundProgress> => {
    const { from, limit } = read(Page, query)
    return listOf(figures.listed().length, from, limit, figures.rounds(from, limit))
  })

  app.get('/rounds/:round', ({ params }): RoundDetail => {
    const round = findRound(params)
    return { ...figures.progress(round), limits: { ...round.spec.limits } }
  })

  app.get('/rounds/:round/cases', ({ params, query }): CasePage => {
    return casePage(ledger.state, mayShow(), findShown(params), read(CasesPage, query))
  })

  app.get('/rounds/:round/cases/:line', async ({ params }): Promise<CaseDetail> => {
    const round = findShown(params)
    const item = findCase(round, params)
    if (casePages >= MAX_CASE_PAGES) throw new Refusal('busy', 'many cases are being read just now; try again')
    casePages++
    try {
      return await caseDetail(ledger, mayShow(), round, item)
    } finally {
      casePages--
    }
  })

  app.get('/verdicts/:cid', ({ params }): Promise<VerdictDetail> => {
    return verdictDetail(ledger, catalogue, read(VerdictParams, params).cid)
  })

  app.get('/nodes', ({ query }): List<NodeRow> => {
    const { from, limit } = read(Page, query)
    const rows = nodeRows(ledger.state, presence())
    return listOf(rows.length, from, limit, rows.slice(from, from + limit))
  })

  app.get('/incidents', ({ query }): List<IncidentRow> => {
    const { from, limit } = read(Page, query)
    const all = ledger.state.trust.incidents.toReversed()
    const sight = everybody(ledger.state)
    return listOf(
      all.length,
      from,
      limit,
      all.slice(from, from + limit).map((incident) => incidentRow(incident, sight)),
    )
  })

  app.get('/events', { exposeHeadRoute: false }, (_request, reply) => {
    feed.assertRoom()
    const headers = { ...reply.getHeaders(), 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' }
    reply.hijack()
    reply.raw.writeHead(200, headers as Record<string, string>)
    feed.add(reply.raw)
  })

  function findRound(params: unknown): RoundEntry {
    const round = ledger.state.rounds.get(read(RoundParams, params).round)
    if (round === undefined || exposure(round) === 'nothing') throw new Refusal('not-found', 'there is no round of this name')
    return round
  }

  /** A round of which anybody sees the content. */
  function findShown(params: unknown): RoundEntry {
    const round = findRound(params)
    if (exposure(round) !== 'all') throw new Refusal('private', 'of this round its owner shows counts only')
    return round
  }

  function findCase(round: RoundEntry, params: unknown): CaseEntry {
    const item = round.cases[read(CaseParams, params).line - 1]
    if (item === undefined) throw new Refusal('not-found', `the round has ${round.cases.length} cases, counted from 1`)
    return item
  }
}

function listOf<T>(total: number, from: number, limit: number, items: T[]): List<T> {
  return { total, from, next: from + limit < total ? from + limit : null, items }
}
