/** A coordinator that was asked for work and has given none for so long leaves its slots to others meanwhile. */
export const LEND_AFTER_MS = 5_000

interface Member {
  readonly share: number
  connected: boolean
  /** Assignments asked for that have not come. */
  asked: number
  /** Since when nothing of that has come. */
  since: number
  /** Time that its programs ran, milliseconds. */
  spentMs: number
}

/**
 * Who may hold how many assignments. The slots are divided among the coordinators that are connected, by their shares, at least
 * one each; what one leaves unused others may have as well. Should it give work after all, that waits until a slot is free, and
 * whose turn it is then says `next`: of those that wait, the one that has had the least for its share.
 */
export class Allotments {
  readonly #slots: number
  readonly #now: () => number
  readonly #members = new Map<string, Member>()

  /** @param now milliseconds that never go back; @default `performance.now` */
  constructor(slots: number, now: () => number = () => performance.now()) {
    this.#slots = slots
    this.#now = now
  }

  /** A coordinator to take work from; `share` is compared with those of the others. */
  add(coordinator: string, share: number): void {
    this.#members.set(coordinator, { share, connected: false, asked: 0, since: 0, spentMs: 0 })
  }

  /** A connection has begun or ended; what was asked for on the one before is forgotten. */
  connected(coordinator: string, connected: boolean): void {
    const member = this.#members.get(coordinator)
    if (member !== undefined) Object.assign(member, { connected, asked: 0, since: this.#now() })
  }

  /** So many more were asked for. */
  asked(coordinator: string, count: number): void {
    const member = this.#members.get(coordinator)
    if (member === undefined) return
    if (member.asked === 0) member.since = this.#now()
    member.asked += count
  }

  /** One of them has come. */
  came(coordinator: string): void {
    const member = this.#members.get(coordinator)
    if (member !== undefined) Object.assign(member, { asked: Math.max(0, member.asked - 1), since: this.#now() })
  }

  /** A program of that coordinator has run for so long. */
  spent(coordinator: string, ms: number): void {
    const member = this.#members.get(coordinator)
    if (member !== undefined) member.spentMs += ms
  }

  /** Most assignments that may be held of a coordinator now, those asked for included. */
  limit(coordinator: string): number {
    const members = [...this.#members].filter(([name, { connected }]) => connected || name === coordinator)
    const parts = divide(
      this.#slots,
      members.map(([, { share }]) => share),
    )
    const own = parts[members.findIndex(([name]) => name === coordinator)] ?? 0
    const unused = members.filter(([name, member]) => name !== coordinator && this.#isIdle(member))
    const lent = unused.reduce((sum, [, { asked }]) => sum + asked, 0)
    return Math.min(this.#slots, own + lent)
  }

  /** What was asked for of all others and has not come. */
  askedOfOthers(coordinator: string): number {
    return [...this.#members].reduce((sum, [name, { asked }]) => sum + (name === coordinator ? 0 : asked), 0)
  }

  /** Whose waiting assignment is begun first. */
  next(waiting: readonly string[]): string | undefined {
    const served = (name: string) => {
      const { spentMs = 0, share = 1 } = this.#members.get(name) ?? {}
      return spentMs / share
    }
    return [...waiting].sort((a, b) => served(a) - served(b))[0]
  }

  #isIdle({ connected, asked, since }: Member): boolean {
    return connected && asked > 0 && this.#now() - since >= LEND_AFTER_MS
  }
}

/** Divides slots by shares, by largest remainder; each gets one at least, so that more may be given than there are. */
export function divide(slots: number, shares: readonly number[]): number[] {
  const total = shares.reduce((sum, share) => sum + share, 0)
  const exact = shares.map((share) => (slots * share) / total)
  const parts = exact.map(Math.floor)
  let left = slots - parts.reduce((sum, part) => sum + part, 0)
  const byRemainder = exact.map((value, at) => ({ at, rest: value - Math.floor(value) })).sort((a, b) => b.rest - a.rest)
  for (const { at } of byRemainder) if (left-- > 0) parts[at] = (parts[at] as number) + 1
  return parts.map((part) => Math.max(1, part))
}
