import { networkInterfaces } from 'node:os'

/** How often it is looked whether the machine slept, or has other addresses. */
const LOOK_MS = 5_000
/** A look that comes so much later by the clock on the wall than it should was slept over, or the clock was set: either way, it costs a word. */
const SLEPT_MS = 10_000

export interface WakeInit {
  /** Milliseconds since 1970. @default the system's */
  now?: () => number
  /** Addresses of this machine, as one text. @default the system's */
  addresses?: () => string
}

/**
 * Tells when the machine has slept, or has come to another network: connections may be gone then of which nothing is heard any
 * more, and it is no use to wait until that is noticed.
 */
export class Wake {
  readonly #now: () => number
  readonly #addresses: () => string
  readonly #tell: (why: 'slept' | 'moved') => void
  #lookedAt: number
  #seen: string
  #timer: NodeJS.Timeout | null = null

  constructor(tell: (why: 'slept' | 'moved') => void, { now = Date.now, addresses = machineAddresses }: WakeInit = {}) {
    this.#tell = tell
    this.#now = now
    this.#addresses = addresses
    this.#lookedAt = now()
    this.#seen = addresses()
  }

  start(): void {
    this.#timer = setInterval(() => this.look(), LOOK_MS)
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#timer = null
  }

  /** Looks once. */
  look(): void {
    const now = this.#now()
    const late = now - this.#lookedAt - LOOK_MS
    this.#lookedAt = now
    const seen = this.#addresses()
    const moved = seen !== this.#seen
    this.#seen = seen
    if (late > SLEPT_MS) this.#tell('slept')
    else if (moved) this.#tell('moved')
  }
}

function machineAddresses(): string {
  const all = Object.values(networkInterfaces()).flatMap((list) => list ?? [])
  return all
    .filter(({ internal }) => !internal)
    .map(({ address }) => address)
    .sort()
    .join(' ')
}
