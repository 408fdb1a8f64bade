import { majorityError } from '../../../coordinator/rules/ballot.ts'
import { lower95, upper95 } from '../measure/interval.ts'
import type { AdversaryName } from '../nodes/adversaries.ts'
import { allFinished, figure, plain, QUIET, type Scenario } from './scenario.ts'

/** Share of operators that lie, in the scenarios that have a closed form. */
const PHI = 0.1

/**
 * Majorities for which the outcome is known beforehand: the simulator is held against it. Liars that agree with each
 * other win as often as they are in the majority; those that do not, leave as many tasks undecided.
 */
export const CLOSED_FORM: readonly Scenario[] = [
  ...([2, 3] as const).flatMap((quorum) => [against(quorum, 'collusion', 'error'), against(quorum, 'random', 'undecided')]),
]

function against(quorum: 2 | 3, adversary: AdversaryName, counted: 'error' | 'undecided'): Scenario {
  const replicas = 2 * quorum - 1
  const expected = majorityError(quorum, PHI)
  const name = counted === 'error' ? 'n2' : 'n1'
  return {
    ...QUIET,
    name: `majority-${quorum}-of-${replicas}-${name}`,
    says: `majority ${quorum} of ${replicas}, a tenth of the operators ${counted === 'error' ? 'tells the same lie (N2)' : 'answers at random (N1)'}; the closed form says ${counted} ${figure(expected)}`,
    policy: { kind: 'majority', quorum, replicas },
    passes: [],
    population: { operators: 1000, parties: [{ adversary, share: PHI }], alike: true },
    cases: 5000,
    researchers: 1,
    errorTarget: null,
    bars: [
      allFinished,
      plain(`${counted} as the closed form says, within the 95 % interval`, ({ error, decisions, undecided }) => {
        const draws = decisions + undecided
        const hits = counted === 'error' ? Math.round(error * decisions) : undecided
        return lower95(hits, draws) <= expected && expected <= upper95(hits, draws)
      }),
    ],
  }
}
