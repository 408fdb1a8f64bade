import { z } from 'zod'
import { VERSION } from '../../protocol/index.ts'
import { CaseParams, CasesPage, FileParams, Page, RoundParams, VerdictParams } from './query.ts'
import { CaseDetail, Cases, Files, Incidents, Nodes, Refusal, Round, Rounds, SHARED_FILES, Status, Verdict } from './schemas.ts'

/** What can be asked: the path, what it is for, its parameters, and what is answered; null: files. */
interface Ask {
  summary: string
  params?: z.ZodObject
  query?: z.ZodObject
  answer: z.ZodType | null
}

/** All of the API but the live events, which no description of this kind can say, and this description. */
const ASKS: Record<string, Ask> = {
  '/status': { summary: 'The swarm at a glance', answer: Status },
  '/rounds': { summary: 'Rounds, the newest first', query: Page, answer: Rounds },
  '/rounds/{round}': { summary: 'A round and how it comes along', params: RoundParams, answer: Round },
  '/rounds/{round}/cases': { summary: 'Its cases, a page at a time', params: RoundParams, query: CasesPage, answer: Cases },
  '/rounds/{round}/cases/{line}': { summary: 'One case with its ballots', params: CaseParams, answer: CaseDetail },
  '/rounds/{round}/files': { summary: 'Names of its result files, once it has ended', params: RoundParams, answer: Files },
  '/rounds/{round}/files/{file}': { summary: 'A result file', params: FileParams, answer: null },
  '/verdicts/{cid}': { summary: 'A signed verdict', params: VerdictParams, answer: Verdict },
  '/nodes': { summary: 'Nodes that are connected or have voted', query: Page, answer: Nodes },
  '/incidents': { summary: 'Suspensions, demotions and returns of nodes, the newest first', query: Page, answer: Incidents },
}

let made: object | null = null

/** The API in the words of OpenAPI 3.1, made from the schemas that its parameters are read with and its answers are tested against. */
export function openapi(): object {
  made ??= {
    openapi: '3.1.0',
    info: {
      title: 'kernelswarm coordinator',
      version: VERSION,
      description:
        'Read-only: rounds are opened over libp2p (`kernelswarm submit`). `/events` sends what changes, as server-sent events.',
    },
    servers: [{ url: '/api/v1' }],
    paths: Object.fromEntries(Object.entries(ASKS).map(([path, ask]) => [path, { get: operation(ask) }])),
  }
  return made
}

function operation({ summary, params, query, answer }: Ask): object {
  const content =
    answer === null
      ? Object.fromEntries(Object.values(SHARED_FILES).map((type) => [type.split(';')[0], { schema: { type: 'string' } }]))
      : { 'application/json': { schema: jsonSchema(answer, 'output') } }
  return {
    summary,
    parameters: [...parameters(params, 'path'), ...parameters(query, 'query')],
    responses: {
      200: { description: summary, content },
      default: { description: 'Refused, and why', content: { 'application/json': { schema: jsonSchema(Refusal, 'output') } } },
    },
  }
}

function parameters(schema: z.ZodObject | undefined, where: 'path' | 'query'): object[] {
  return Object.entries(schema?.shape ?? {}).map(([name, one]) => {
    return { name, in: where, required: where === 'path', schema: jsonSchema(one as z.ZodType, 'input') }
  })
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): object {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' })
  return rest
}
