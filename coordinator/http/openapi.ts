import { z } from 'zod'
import { VERSION } from '../../protocol/index.ts'
import {
  CaseParams,
  CasesPage,
  FileParams,
  NodeParams,
  NodesPage,
  OutputParams,
  Page,
  RoundParams,
  TileParams,
  VerdictParams,
} from './query.ts'
import {
  Activity,
  CaseDetail,
  Cases,
  Files,
  Incidents,
  Matrix,
  NamedBytes,
  Node,
  Nodes,
  Refusal,
  Round,
  Rounds,
  SHARED_FILES,
  Status,
  Summary,
  Trust,
  Verdict,
} from './schemas.ts'

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
  '/activity': { summary: 'What was done over an hour, a day and a month, and what happened last', answer: Activity },
  '/trust': { summary: 'Policies and trust rules in numbers, and how this swarm stands', answer: Trust },
  '/rounds': { summary: 'Rounds, the newest first', query: Page, answer: Rounds },
  '/rounds/{round}': { summary: 'A round and how it comes along', params: RoundParams, answer: Round },
  '/rounds/{round}/summary': {
    summary: 'What the cases that may be shown come to: reasons, pass@k, both rules, replicas, disagreements',
    params: RoundParams,
    answer: Summary,
  },
  '/rounds/{round}/matrix': {
    summary:
      'A tile of the matrix of cases and tests, a byte a cell in base64: 0 no such test, 1 open, 2 held back, 3 abandoned; from 128 on 1ccssrrr, with cc and ss the words of compat and strict (pass, fail, void, unknown), rrr the reason (output, compile-error, runtime-error, limit, unsupported, flagged, undecided, original)',
    params: RoundParams,
    query: TileParams,
    answer: Matrix,
  },
  '/rounds/{round}/cases': { summary: 'Its cases, a page at a time', params: RoundParams, query: CasesPage, answer: Cases },
  '/rounds/{round}/cases/{line}': { summary: 'One case with its ballots', params: CaseParams, answer: CaseDetail },
  '/rounds/{round}/files': { summary: 'Names of its result files, once it has ended', params: RoundParams, answer: Files },
  '/rounds/{round}/files/{file}': { summary: 'A result file', params: FileParams, answer: null },
  '/verdicts/{cid}': { summary: 'A signed verdict', params: VerdictParams, answer: Verdict },
  '/verdicts/{cid}/outputs/{test}': { summary: 'An output that it names', params: OutputParams, answer: NamedBytes },
  '/verdicts/{cid}/program': { summary: 'The program that it is on', params: VerdictParams, answer: NamedBytes },
  '/nodes': { summary: 'Nodes that are connected or have voted', query: NodesPage, answer: Nodes },
  '/nodes/{node}': { summary: 'A node by its peer id', params: NodeParams, answer: Node },
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
