import { ArchiveError } from '../archives/folder.ts'

/** Why a request got no answer: the code is for programs, the message one clear line. */
export type RefusalCode =
  /** A parameter that is not what it should be. */
  | 'bad-request'
  /** No such page, round, case or verdict. */
  | 'not-found'
  /** It exists, but is not shown before the vote it belongs to is over. */
  | 'sealed'
  /** It exists, and its owner keeps it to himself. */
  | 'private'
  /** Only reading is possible here. */
  | 'method'
  /** This address asks more often than any reader does. */
  | 'slow-down'
  /** Larger than any request needs to be. */
  | 'too-large'
  /** As many as can be served are being served. */
  | 'busy'
  /** It exists, and the archive that it is in cannot be read. */
  | 'unavailable'
  /** Our own fault; what it was is not for strangers. */
  | 'internal'

const STATUS: Record<RefusalCode, number> = {
  'bad-request': 400,
  'not-found': 404,
  sealed: 403,
  private: 403,
  method: 405,
  'slow-down': 429,
  'too-large': 413,
  busy: 503,
  unavailable: 503,
  internal: 500,
}

export class Refusal extends Error {
  readonly code: RefusalCode
  /** When to try again, seconds, or null. */
  readonly retryAfter: number | null
  constructor(code: RefusalCode, message: string, retryAfter: number | null = null) {
    super(message)
    this.code = code
    this.retryAfter = retryAfter
  }
}

export interface RefusalBody {
  error: { code: RefusalCode; message: string }
}

export function statusOf(code: RefusalCode): number {
  return STATUS[code]
}

export function bodyOf({ code, message }: Refusal): RefusalBody {
  return { error: { code, message } }
}

/** Turns whatever was thrown into what a stranger may be told. Text of errors that are not ours stays here. */
export function asRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error
  if (error instanceof ArchiveError) return new Refusal('unavailable', error.message)
  const status = (error as { statusCode?: unknown }).statusCode
  if (status === 404) return new Refusal('not-found', 'there is nothing at this address')
  if (status === 413) return new Refusal('too-large', 'a request needs no body')
  if (typeof status === 'number' && status >= 400 && status < 500) return new Refusal('bad-request', 'the request cannot be read')
  return new Refusal('internal', 'something went wrong here')
}
