import { isIP } from 'node:net'
import { MAX_VISITORS, VISITOR_BURST, VISITOR_PER_SECOND } from './limits.ts'

/** What somebody may still ask for, and when that was worked out. */
interface Allowance {
  left: number
  at: number
}

export interface VisitorsInit {
  /** @default VISITOR_PER_SECOND */
  perSecond?: number
  /** @default VISITOR_BURST */
  burst?: number
  /** Of whom no account is kept. @default this machine */
  isFree?: (address: string) => boolean
  /** Milliseconds, by a clock that is never set. @default performance.now */
  now?: () => number
}

/**
 * How fast each address may ask: a bucket of `burst` that fills by `perSecond`. This machine's own addresses are free: whoever is
 * there could do worse, and behind a proxy all visitors come from there, so that a limit is the proxy's to set. A bounded
 * number of addresses; who was longest away is forgotten first.
 */
export class Visitors {
  readonly #known = new Map<string, Allowance>()
  readonly #perSecond: number
  readonly #burst: number
  readonly #isFree: (address: string) => boolean
  readonly #now: () => number

  constructor({ perSecond, burst, isFree, now }: VisitorsInit = {}) {
    this.#perSecond = perSecond ?? VISITOR_PER_SECOND
    this.#burst = burst ?? VISITOR_BURST
    this.#isFree = isFree ?? isThisMachine
    this.#now = now ?? (() => performance.now())
  }

  get size(): number {
    return this.#known.size
  }

  /** Takes note of a request. @returns how many seconds to wait before the next one, or 0 where it may be answered */
  ask(address: string): number {
    if (this.#isFree(address)) return 0
    const now = this.#now()
    const who = homeOf(address)
    const before = this.#known.get(who) ?? { left: this.#burst, at: now }
    const left = Math.min(this.#burst, before.left + ((now - before.at) / 1000) * this.#perSecond)
    const allowed = left >= 1
    this.#known.delete(who)
    this.#known.set(who, { left: allowed ? left - 1 : left, at: now })
    const [oldest = ''] = this.#known.keys()
    if (this.#known.size > MAX_VISITORS) this.#known.delete(oldest)
    return allowed ? 0 : Math.ceil((1 - left) / this.#perSecond)
  }
}

/** Whoever has one address of the newer kind has a network of them: its first 64 bits are taken for one visitor. */
export function homeOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '')
  if (isIP(plain) !== 6) return plain
  const [head = '', tail] = plain.toLowerCase().split('::')
  const first = head === '' ? [] : head.split(':')
  const rest = tail === undefined || tail === '' ? [] : tail.split(':')
  const whole =
    tail === undefined ? first : [...first, ...Array.from({ length: 8 - first.length - rest.length }, () => '0'), ...rest]
  const network = whole.slice(0, 4).map((part) => Number.parseInt(part, 16).toString(16))
  return `${network.join(':')}::/64`
}

export function isThisMachine(address: string): boolean {
  return address === '::1' || /^(::ffff:)?127(\.\d{1,3}){3}$/i.test(address)
}
