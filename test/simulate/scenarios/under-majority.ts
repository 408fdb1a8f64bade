import { majorityError } from '../../../coordinator/rules/ballot.ts'
import { ROUND_DEFAULTS, StrictPass } from '../../../protocol/index.ts'
import type { Party } from '../world/population.ts'
import { ADVERSARY_LIST, type Attack, mixed, party } from './attacks.ts'
import { allFinished, errorAtMost, figure, noHealthySuspended, QUIET, type Scenario } from './scenario.ts'

/** Share of the operators that attack. */
const PHI = 0.1
/** Few enough for everybody to answer for several hundred tasks: some attack only then. */
const OPERATORS = 60
/** The worst that so many can do under the majority of 2 of 3, where they have that share of the votes too. */
const WORST = majorityError(2, PHI)

/**
 * Every attack alone, and all together, against the default majority. Those who run what they are given have no more votes
 * than others, so the closed form for the worst of them is the bar of all. Who runs nothing has a vote on almost
 * everything: a majority promises nothing against that.
 */
export const UNDER_MAJORITY: readonly Scenario[] = [
  ...ADVERSARY_LIST.filter(({ closedForm }) => !closedForm).map((attack) => against(attack, [party(attack, PHI, OPERATORS)])),
  against({ id: 'mixed', says: 'attacks in all these ways', runsNothing: true }, mixed(PHI)),
]

function against({ id, says, runsNothing }: Pick<Attack, 'id' | 'says' | 'runsNothing'>, parties: readonly Party[]): Scenario {
  const promised = runsNothing ? '' : `; the worst a tenth can do is ${figure(WORST)}`
  return {
    ...QUIET,
    name: `majority-${id}`,
    says: `majority 2 of 3, of ${OPERATORS} operators a tenth ${says}${promised}`,
    policy: ROUND_DEFAULTS.policy,
    passes: [...StrictPass.options],
    population: { operators: OPERATORS, parties, alike: true },
    cases: 2600,
    researchers: 2,
    errorTarget: runsNothing ? null : WORST,
    bars: [allFinished, noHealthySuspended, ...(runsNothing ? [] : [errorAtMost(WORST)])],
  }
}
