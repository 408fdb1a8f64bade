import { CONFIDENCE_DEFAULTS, type Policy, ROUND_DEFAULTS, StrictPass } from '../../../protocol/index.ts'
import type { Disturbance } from '../world/disturbance.ts'
import { allFinished, errorAtMost, QUIET, type Scenario, undecidedAtMost } from './scenario.ts'

/** Most of a quiet swarm's tasks that may stay undecided: honest machines agree. */
const FEW = 0.001

/** Honest swarms in trouble: nodes go, come, or are cut off while a round is verified. */
export const TROUBLE: readonly Scenario[] = [
  quiet('small', 'ten operators, nothing happens', null, { operators: 10, cases: 1500 }),
  quiet('churn-5', '5 % of the nodes vanish in the middle of the round', { kind: 'churn', share: 0.05 }),
  quiet('churn-10', '10 % of the nodes vanish in the middle of the round', { kind: 'churn', share: 0.1 }),
  quiet('arrival', 'ten times the nodes arrive within a minute', { kind: 'arrival', share: 0.1 }),
  quiet('outage', 'a region, about a fifth of the nodes, is cut off for ten minutes', {
    kind: 'outage',
    region: 0,
    forMs: 600_000,
  }),
  quiet('ten-thousand', '10,000 nodes, 5 % of which vanish', { kind: 'churn', share: 0.05 }, { operators: 6700, cases: 5200 }),
  quiet(
    'ten-thousand-confidence',
    `10,000 nodes that nobody knows, confidence ${CONFIDENCE_DEFAULTS.theta}, 5 % of which vanish`,
    { kind: 'churn', share: 0.05 },
    { operators: 6700, cases: 5200, policy: CONFIDENCE_DEFAULTS },
  ),
]

function quiet(
  name: string,
  says: string,
  disturbance: Disturbance | null,
  { operators = 200, cases = 2600, policy = ROUND_DEFAULTS.policy }: { operators?: number; cases?: number; policy?: Policy } = {},
): Scenario {
  return {
    ...QUIET,
    name,
    says,
    policy,
    passes: [...StrictPass.options],
    population: { operators, parties: [] },
    cases,
    researchers: 2,
    disturbance,
    errorTarget: 0.001,
    bars: [allFinished, errorAtMost(0.001), undecidedAtMost(FEW)],
  }
}
