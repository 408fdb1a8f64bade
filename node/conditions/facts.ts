/** What was seen of the machine, or why it could not be seen: what is unknown counts as a machine that is busy. */
export type Fact<T> = { known: true; value: T } | { known: false; why: string }

export function known<T>(value: T): Fact<T> {
  return { known: true, value }
}

export function unknown(why: string): { known: false; why: string } {
  return { known: false, why }
}

/** Of one GPU. A value is null where the card has no such thing (a fan), unknown where it did not say. */
export interface GpuFact {
  index: number
  uuid: string
  name: string
  temperatureCelsius: Fact<number | null>
  powerWatts: Fact<number | null>
  fanPercent: Fact<number | null>
  /** Programs of others that compute on it, by name. */
  others: Fact<readonly string[]>
}

export interface DiskFact {
  totalBytes: number
  freeBytes: number
  /** Taken by the node's own files. */
  ownBytes: number
}

/** All that is seen of a machine. Times are milliseconds of the clock. */
export interface Facts {
  /** Since when nobody has used the machine; null while somebody does. */
  idle: Fact<{ since: number | null }>
  /** Share of all processors that others use, 0 to 1. */
  otherCpu: Fact<number>
  onBattery: Fact<boolean>
  /** Names of the programs of others that run, in lower case. */
  programs: Fact<ReadonlySet<string>>
  /** Null: this machine has none that can be asked. */
  gpus: Fact<readonly GpuFact[] | null>
  disk: Fact<DiskFact>
  /** Sent and received by the node since midnight, and when the day ends. */
  networkToday: Fact<{ bytes: number; until: number }>
  /** The exit status of the owner's command. */
  hook: Fact<number>
}

const NOT_LOOKED = unknown('it has not been looked at yet')

/** Before anything was looked at. */
export const NO_FACTS: Facts = {
  idle: NOT_LOOKED,
  otherCpu: NOT_LOOKED,
  onBattery: NOT_LOOKED,
  programs: NOT_LOOKED,
  gpus: NOT_LOOKED,
  disk: NOT_LOOKED,
  networkToday: NOT_LOOKED,
  hook: NOT_LOOKED,
}
