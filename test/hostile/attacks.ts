import type { Attack } from './attack.ts'
import { COMPILE_TIME } from './compile-time.ts'
import { HARNESS } from './harness.ts'
import { RUN_TIME } from './run-time.ts'

/** All groups, by what they attack. */
export const GROUPS: readonly { name: string; attacks: readonly Attack[] }[] = [
  { name: 'while it is compiled', attacks: COMPILE_TIME },
  { name: 'while it runs', attacks: RUN_TIME },
  { name: 'against the harness', attacks: HARNESS },
]

export const ATTACKS: readonly Attack[] = GROUPS.flatMap(({ attacks }) => attacks)

/** Every id, in order. */
export const IDS: readonly string[] = [...new Set(ATTACKS.map(({ id }) => id))]
