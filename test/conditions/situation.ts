import { type Facts, type GpuFact, known, NO_FACTS } from '../../node/conditions/facts.ts'
import { NO_ORDERS } from '../../node/conditions/orders.ts'
import type { Situation } from '../../node/conditions/situation.ts'
import { PreferencesFile, type PreferenceValues } from '../../node/preferences/schema.ts'
import { parseYaml } from '../../protocol/index.ts'

export const MINUTE_MS = 60_000
export const HOUR_MS = 60 * MINUTE_MS
/** A Monday at noon, by the clock of whoever runs the tests. */
export const MONDAY_NOON = new Date(2026, 5, 1, 12).getTime()
export const GPU = 'GPU-8f1b3c54-0d2e-4a8e-9a5b-0123456789ab'

/** A GPU that nobody uses and nothing is wrong with. */
export const COOL: GpuFact = {
  index: 0,
  uuid: GPU,
  name: 'NVIDIA GeForce RTX 4070',
  temperatureCelsius: known(45),
  powerWatts: known(30),
  fanPercent: known(0),
  others: known([]),
}

/** A machine that nobody has used for an hour, and that does nothing else. */
export function quiet(now: number, change: Partial<Facts> = {}): Facts {
  return {
    ...NO_FACTS,
    idle: known({ since: now - HOUR_MS }),
    otherCpu: known(0.02),
    onBattery: known(false),
    programs: known(new Set(['systemd', 'sshd'])),
    gpus: known([COOL]),
    disk: known({ totalBytes: 500e9, freeBytes: 100e9, ownBytes: 1e9 }),
    networkToday: known({ bytes: 5e6, until: now + 12 * HOUR_MS }),
    ...change,
  }
}

/** Preferences as a person writes them. */
export function preferences(yaml = ''): PreferenceValues {
  return parseYaml('preferences.yaml', yaml, PreferencesFile).value
}

export function situation(
  now: number,
  yaml: string,
  change: Partial<Facts> = {},
  orders: Partial<Situation['orders']> = {},
): Situation {
  return {
    preferences: preferences(yaml),
    orders: { ...NO_ORDERS, ...orders },
    facts: quiet(now, change),
    memoryBytes: 16 * 1024 ** 3,
  }
}
