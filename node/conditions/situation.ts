import type { PreferenceValues } from '../preferences/schema.ts'
import type { Facts, GpuFact } from './facts.ts'
import type { Orders } from './orders.ts'

/** All that a decision rests on, beside the time. */
export interface Situation {
  preferences: PreferenceValues
  orders: Orders
  facts: Facts
  /** Of the machine, bytes. */
  memoryBytes: number
}

const MINUTE_MS = 60_000

/** In which of the two states the machine is; one that cannot be told is in use. */
export function useOf(
  { preferences, facts }: Situation,
  at: number,
): { state: 'idle' | 'in-use'; idleAt: number | null; why: string } {
  if (!facts.idle.known) {
    return { state: 'in-use', idleAt: null, why: `Whether somebody uses this machine cannot be seen (${facts.idle.why}).` }
  }
  const { since } = facts.idle.value
  const idleAt = since === null ? null : since + preferences['idle-after-minutes'] * MINUTE_MS
  return { state: idleAt !== null && at >= idleAt ? 'idle' : 'in-use', idleAt, why: '' }
}

/** Whether its owner wants it to end when nothing runs any more. */
export function isLeaving({ finishing, tasksLeft, finishAt }: Orders, at: number): boolean {
  return finishing || tasksLeft === 0 || (finishAt !== null && at >= finishAt)
}

/** The GPUs that can be looked at. */
export function gpusOf({ gpus }: Facts): readonly GpuFact[] {
  return gpus.known ? (gpus.value ?? []) : []
}
