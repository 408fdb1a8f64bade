import type { Policy, StrictPass } from '../../../protocol/index.ts'
import type { Figures } from '../measure/outcome.ts'
import type { Disturbance } from '../world/disturbance.ts'
import type { PopulationInit } from '../world/population.ts'

/** Something that a scenario's figures must not exceed, or must agree with. */
export interface Bar {
  says: string
  met: (figures: Figures) => boolean
  /**
   * The figures speak against it. Where few decisions were simulated, an interval may be too wide for a bar to be met and
   * no reason to say that it does not hold.
   */
  refuted: (figures: Figures) => boolean
}

/** A swarm under some attack or trouble, how it is measured, and what must hold. */
export interface Scenario {
  name: string
  /** One sentence for `--help` and the report. */
  says: string
  policy: Policy
  passes: readonly StrictPass[]
  population: PopulationInit
  /** Cases of all measured rounds of one swarm together. More decisions are had from more swarms. */
  cases: number
  /** Decisions of the long form, where other than of all. */
  decisions?: number
  /** Researchers whose rounds are open at the same time. */
  researchers: number
  /** Cases verified before, by the same swarm. */
  history: number
  nondeterministic: number
  archDependent: number
  disturbance: Disturbance | null
  /** Most of the decisions that may be wrong; null where nothing is promised. */
  errorTarget: number | null
  bars: readonly Bar[]
}

/** Nothing happens, no program is odd, and nobody is known. */
export const QUIET = { history: 0, nondeterministic: 0, archDependent: 0, disturbance: null } as const

/** Share of wrong decisions, by the upper end of the 95 % interval. */
export function errorAtMost(target: number): Bar {
  return {
    says: `upper end of the error's interval at most ${figure(target)}`,
    met: ({ error_upper95 }) => error_upper95 <= target,
    refuted: ({ error_lower95 }) => error_lower95 > target,
  }
}

/** @param from a swarm's tasks for it to be promised: in fewer the checks of every batch weigh more */
export function replicasAtMost(most: number, from: number): Bar {
  const met = ({ replicas_per_task }: Figures) => replicas_per_task <= most
  const isPromised = ({ decisions, undecided, swarms }: Figures) => decisions + undecided >= from * swarms
  return { says: `at most ${most.toFixed(2)} replicas a task`, met, refuted: (figures) => isPromised(figures) && !met(figures) }
}

export function undecidedAtMost(share: number): Bar {
  return plain(
    `at most ${figure(share)} of the tasks undecided`,
    ({ undecided, decisions }) => undecided <= share * (undecided + decisions),
  )
}

export const noHealthySuspended: Bar = plain('no healthy node suspended', ({ healthy_suspended }) => healthy_suspended === 0)

export const allFinished: Bar = plain('every round ends', ({ unfinished }) => unfinished === 0)

/** A bar that the figures meet or refute, however few decisions there were. */
export function plain(says: string, met: Bar['met']): Bar {
  return { says, met, refuted: (figures) => !met(figures) }
}

export function figure(value: number): string {
  return value === 0 || value >= 0.01 ? String(Number(value.toPrecision(3))) : value.toExponential(1)
}
