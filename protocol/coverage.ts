import { z } from 'zod'

/** Lines of a function that are told apart. The longest real originals have some hundreds. */
const MAX_LINES = 20_000
const HIGHEST_LINE = 10_000_000
/** Branches of one line; a macro can make many. */
const MAX_BRANCHES = 4096
/** Most bytes of a coverage as text. A function of which it would be longer is not measured. */
export const MAX_COVERAGE_BYTES = 256 * 1024

/** A line of an original that a test can reach. */
export interface CoveredLine {
  /** From 1. */
  line: number
  reached: boolean
  /** The ways out of its conditions, in a fixed order: `1` where the test took it, else `0`. */
  branches: string
}

/** What a test reaches of the original, in the order of lines: what it puts out in the coverage pass. */
export type Coverage = readonly CoveredLine[]

const Line = z.tuple([
  z.int().min(1).max(HIGHEST_LINE),
  z.literal([0, 1]),
  z
    .string()
    .max(MAX_BRANCHES)
    .regex(/^[01]*$/),
])
const Written = z.strictObject({ v: z.literal(1), lines: z.array(Line).max(MAX_LINES) })

/** One text for one coverage, so that equal ones have equal digests. Null where it is too long to be told. */
export function encodeCoverage(coverage: Coverage): Uint8Array | null {
  const lines = coverage.map(({ line, reached, branches }) => [line, reached ? 1 : 0, branches])
  const written = Written.safeParse({ v: 1, lines })
  const bytes = written.success ? Buffer.from(JSON.stringify(written.data)) : null
  return bytes === null || bytes.byteLength > MAX_COVERAGE_BYTES ? null : bytes
}

/** Reads what somebody put out. Null where it is not what `encodeCoverage` writes: whatever else it is, it measures nothing. */
export function decodeCoverage(bytes: Uint8Array): Coverage | null {
  if (bytes.byteLength > MAX_COVERAGE_BYTES) return null
  const written = Written.safeParse(parsed(bytes))
  if (!written.success) return null
  const coverage = written.data.lines.map(([line, reached, branches]) => ({ line, reached: reached === 1, branches }))
  const rises = coverage.every(({ line }, at) => at === 0 || line > (coverage[at - 1] as CoveredLine).line)
  const again = rises ? encodeCoverage(coverage) : null
  return again !== null && Buffer.compare(again, bytes) === 0 ? coverage : null
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'))
  } catch {
    return null
  }
}
