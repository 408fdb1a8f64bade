import type { RunLimits } from '../../protocol/index.ts'

/** Checked code takes two to three times the time of plain code. */
const WALL_FACTOR = 3
/** Guard zones, freed blocks held back, an eighth of all for shadow memory. */
const MEMORY_FACTOR = 2
/** The sanitizers' own, and freed blocks. */
const MEMORY_MORE_BYTES = 192 * 1024 ** 2

/** What a round allows a test, for the same test with sanitizers: a plain run that keeps its limits keeps these. */
export function sanitizedLimits({ wallMs, memoryBytes, outputBytes }: RunLimits): RunLimits {
  return { wallMs: wallMs * WALL_FACTOR, memoryBytes: memoryBytes * MEMORY_FACTOR + MEMORY_MORE_BYTES, outputBytes }
}
