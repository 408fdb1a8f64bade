/** The executors that are fed C++ compiled by g++. */
export type CpuExecutor = 'host' | 'emulated'

/** One translation unit, or why this executor cannot have one. */
export type Composition = { kind: 'unit'; text: string } | { kind: 'unsupported'; reason: string }

/** How the units of one executor and pass are compiled. */
export interface BuildSettings {
  /** The header every unit includes first, as it is named below the composer's folder. Made to be precompiled with `flags`. */
  prelude: string
  flags: readonly string[]
  /** What comes after the text where it is linked, which no header is. */
  link?: readonly string[]
  /** What the machine must have beside the compiler. @default nothing */
  needs?: 'sanitizers' | 'gcov'
  /** Flags beside those, each left out where the compiler does not know it. */
  wanted?: readonly string[]
  /** Whether words of the unit stand for others that no program can know; see `unitFlags`. */
  secret?: boolean
  /** A file that the compiler leaves beside the product, which follows it; none where there is nothing to say. */
  beside?: string
  /** What every unit is linked to: a source of the composer's folder, compiled once with `flags` and kept there under that name. */
  runtime?: { file: string; source: string }
  /** The program that loads the unit, where the unit is none itself: made once, kept under that name. */
  loader?: { file: string; source: string; flags: readonly string[] }
}
