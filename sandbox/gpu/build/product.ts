import type { TestStatus } from '../../../protocol/index.ts'

/** The two ways to build the CUDA side of a program for a GPU; see docs/sandbox.md. */
export type Way = 'own' | 'fast'

/** What stands around the program in its unit. */
export type UnitKind =
  /** The harness is the loader's: calls of `wrapper` go through the table that it hands over. */
  | 'isolated'
  /** `wrapper` itself stands in the unit, for a program that would change what surrounds it. */
  | 'plain'

/** A program built for a GPU: one shared object for all passes, or why there is none. */
export type GpuProduct =
  | {
      kind: 'product'
      /** A shared object with `__ks_entry`; CUDA's runtime, and what prints, are its loader's. */
      bytes: Uint8Array
      way: Way
      /** Why it was not built by the fast way, where that was asked for first. */
      fallback: string | null
      unit: UnitKind
    }
  | {
      kind: 'none'
      status: TestStatus
      detail: string
      /** Whether its tests, one by one, may fare better: false where a limit of ours was reached. */
      alone: boolean
    }

/** How a product is wanted. */
export interface GpuBuildOptions {
  /** The machine code, as nvcc names it: `sm_90`. */
  arch: string
  /** Tried in this order. */
  ways: readonly Way[]
  unit: UnitKind
}
