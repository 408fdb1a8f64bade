import { FIRST_BAN_MS, LONGEST_BAN_MS, MAX_REMEMBERED_PEERS, OFFENCE_MS } from '../../protocol/index.ts'
import { Recent } from './recent.ts'

/** A ban that is not over. */
export interface Ban {
  /** A peer id, or a place (`placeOf`). */
  who: string
  /** What it did last, as the code of a breach. */
  code: string
  /** Milliseconds since 1970. */
  until: number
}

/** A ban that was made within a day, as it is kept: while it lasts, and then so that the next one is longer. */
export interface KeptBan extends Ban {
  lastedMs: number
}

interface Record {
  /** When it offended; no more than make a ban are kept. */
  offences: number[]
  code: string
  until: number
  /** Of its last ban. */
  lastedMs: number
}

/** After so long without an offence the next ban is a first one again. */
const FORGIVEN_MS = 86_400_000

/** Who breaks the protocol again and again is kept out for a while, which doubles; every ban has an end. */
export class Bans {
  readonly #records = new Recent<Record>(MAX_REMEMBERED_PEERS)
  readonly #allowed: number

  /** @param allowed offences within `OFFENCE_MS` that make a ban */
  constructor(allowed: number) {
    this.#allowed = allowed
  }

  /** Notes an offence. The ban that it brought about, or null. */
  offended(who: string, code: string, now: number): Ban | null {
    const record = this.#records.get(who) ?? { offences: [], code, until: 0, lastedMs: 0 }
    record.offences = [...record.offences.filter((at) => now - at < OFFENCE_MS), now].slice(-this.#allowed)
    record.code = code
    this.#records.set(who, record)
    if (record.offences.length < this.#allowed || record.until > now) return null
    if (now - record.until > FORGIVEN_MS) record.lastedMs = 0
    record.lastedMs = record.lastedMs === 0 ? FIRST_BAN_MS : Math.min(2 * record.lastedMs, LONGEST_BAN_MS)
    record.until = now + record.lastedMs
    record.offences = []
    return { who, code, until: record.until }
  }

  isBanned(who: string, now: number): boolean {
    return (this.#records.get(who)?.until ?? 0) > now
  }

  /** What is to be known after a restart. */
  kept(now: number): KeptBan[] {
    const bans = [...this.#records.entries()].map(([who, { code, until, lastedMs }]) => ({ who, code, until, lastedMs }))
    return bans.filter(({ until }) => until > 0 && now - until < FORGIVEN_MS)
  }

  /** Puts in what was kept. Whatever the clock did meanwhile, none lasts longer than the longest. */
  load(kept: readonly KeptBan[], now: number): void {
    for (const { who, code, until, lastedMs } of kept) {
      this.#records.set(who, { offences: [], code, until: Math.min(until, now + LONGEST_BAN_MS), lastedMs })
    }
  }

  /** Ends a ban before its time; whether there was one. What it did is forgotten. */
  lift(who: string, now: number): boolean {
    const was = this.isBanned(who, now)
    this.#records.delete(who)
    return was
  }

  /** All bans that are not over, those that end first in front. */
  list(now: number): Ban[] {
    const bans = [...this.#records.entries()].map(([who, { code, until }]) => ({ who, code, until }))
    return bans.filter(({ until }) => until > now).sort((a, b) => a.until - b.until)
  }
}
