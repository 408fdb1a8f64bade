import type { PreferenceValues } from '../../preferences/schema.ts'
import type { Facts } from '../facts.ts'

/** One place that facts come from. */
export interface Source {
  readonly name: string
  /** The facts it tells; they are unknown while it fails. */
  readonly tells: readonly (keyof Facts)[]
  /** How often it is asked. */
  everyMs(preferences: PreferenceValues): number
  /** How long it may take. @default 20 s */
  longestMs?(preferences: PreferenceValues): number
  /**
   * Looks once. It ends by the signal, and throws where it can say nothing at all.
   * @param now milliseconds of the clock
   */
  look(preferences: PreferenceValues, now: number, options: { signal: AbortSignal }): Promise<Partial<Facts>>
}
