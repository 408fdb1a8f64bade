import { isThisMachine } from './visitors.ts'

/**
 * Which pages of others may read the answers, as the header says it; null: none. Where the coordinator is for everybody, all of
 * them, notebooks among them: what is told here is told to anybody, and nobody is known by a cookie. Where it is for this
 * machine alone, only pages of this machine: any other that is looked at here must not learn what runs.
 * @param host that the coordinator listens on
 */
export function allowedOrigin(host: string, origin: string | undefined): string | null {
  if (!isThisMachine(host) && host !== 'localhost') return '*'
  if (origin === undefined || !URL.canParse(origin)) return null
  const { hostname } = new URL(origin)
  const own = hostname === 'localhost' || isThisMachine(hostname.replace(/^\[(.*)\]$/, '$1'))
  return own ? origin : null
}
