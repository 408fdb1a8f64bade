import { CONFIDENCE_DEFAULTS, StrictPass } from '../../../protocol/index.ts'
import type { Party } from '../world/population.ts'
import { ADVERSARY_LIST, mixed, party } from './attacks.ts'
import { allFinished, errorAtMost, figure, noHealthySuspended, QUIET, replicasAtMost, type Scenario } from './scenario.ts'

/** So few that each answers for hundreds of tasks: sleepers wake up, and batches are large enough to be drawn from. */
const OPERATORS = 60

/** The shares of saboteurs assumed, with the confidence asked for. As many there are. */
const TERMS = [
  { id: '05', f: 0.05, theta: 0.999 },
  { id: '20', f: 0.2, theta: 0.999 },
  { id: '35', f: 0.35, theta: 0.99 },
] as const
type Terms = (typeof TERMS)[number]

/** Every attack, alone and together, by as many as the policy assumes; and what confidence costs where the swarm is known. */
export const UNDER_CONFIDENCE: readonly Scenario[] = [
  ...TERMS.flatMap((terms) => [
    ...ADVERSARY_LIST.map((attack) => against(terms, attack, [party(attack, terms.f, OPERATORS)])),
    against(terms, { id: 'mixed', says: 'attacks in all these ways' }, mixed(terms.f)),
  ]),
]

function against({ id, f, theta }: Terms, attack: { id: string; says: string }, parties: readonly Party[]): Scenario {
  return {
    ...QUIET,
    name: `confidence-${id}-${attack.id}`,
    says: `confidence ${theta} where ${figure(f)} of the operators may be saboteurs, and so many ${attack.says}`,
    policy: { ...CONFIDENCE_DEFAULTS, f, theta },
    passes: [...StrictPass.options],
    population: { operators: OPERATORS, parties },
    cases: 2600,
    researchers: 2,
    errorTarget: 1 - theta,
    bars: [allFinished, errorAtMost(1 - theta), noHealthySuspended],
  }
}

/** Share of the tests whose output is another each time, and of those whose output depends on the kind of processor. */
const NOISY = 0.01
/** Share of the machines that have the rarer kind. */
const RARE = 0.3

/** Machines that are all honest, and programs that are not: nobody's reputation may suffer from that. */
export const NOISE: Scenario = {
  ...against(TERMS[0], { id: 'noise', says: '' }, []),
  name: 'confidence-noise',
  says: `confidence ${TERMS[0].theta} at f = ${TERMS[0].f}; all are honest, 1 % of the tests are nondeterministic, 1 % depend on the processor`,
  population: { operators: OPERATORS, parties: [], rareCpu: RARE },
  cases: 5600,
  decisions: 100_000,
  nondeterministic: NOISY,
  archDependent: NOISY,
}

/** Tasks of a swarm from which on its operators' batches are large enough for the cost that is promised. */
const EPOCH = OPERATORS * 400

/** What confidence costs once operators are established, and with a share of sleepers that wake up during the round. */
export const COST: readonly Scenario[] = [
  cost('cost', 'nobody lies', []),
  cost('cost-sleepers', '.05 wake up and lie in concert', [{ adversary: 'turncoat-ring', share: 0.05 }]),
]

function cost(name: string, says: string, parties: readonly Party[]): Scenario {
  const terms = TERMS[0]
  return {
    ...against(terms, { id: name, says }, parties),
    name: `confidence-${name}`,
    says: `confidence ${terms.theta} at f = ${terms.f} with established operators; ${says}`,
    cases: 5600,
    history: 600,
    bars: [allFinished, errorAtMost(1 - terms.theta), replicasAtMost(1.1, EPOCH), noHealthySuspended],
  }
}
