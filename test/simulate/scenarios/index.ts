import { CLOSED_FORM } from './closed-form.ts'
import type { Scenario } from './scenario.ts'
import { TROUBLE } from './trouble.ts'
import { COST, NOISE, UNDER_CONFIDENCE } from './under-confidence.ts'
import { UNDER_MAJORITY } from './under-majority.ts'

/** All that is simulated, in the order in which it is reported. */
export const SCENARIOS: readonly Scenario[] = [...CLOSED_FORM, ...UNDER_MAJORITY, ...TROUBLE, ...UNDER_CONFIDENCE, ...COST, NOISE]
