import { ROUND_DEFAULTS, type RoundSpec } from '../../protocol/index.ts'
import type { Random } from './engine/random.ts'
import { type Figures, figuresOf, NOTHING, type Outcome, plus } from './measure/outcome.ts'
import { TARGET } from './nodes/adversaries.ts'
import type { Scenario } from './scenarios/scenario.ts'
import { Swarm } from './swarm.ts'

export interface SimulateOptions {
  /** Decisions wanted at least. */
  decisions: number
  /** Operators instead of the scenario's own number; null: as the scenario says. */
  operators: number | null
  signal: AbortSignal
  /** Told after each swarm. */
  onSwarm?: (soFar: Figures) => void
}

/** A scenario and what came of it. */
export interface Result {
  scenario: Scenario
  figures: Figures
  /** Of each bar whether it is met, and whether the figures are enough to say that it does not hold. */
  bars: { says: string; met: boolean; refuted: boolean }[]
  /** Of the first swarm: seconds since its rounds were opened, and the share of cases judged by then. */
  progress: [number, number][]
}

/** A case of all passes makes about so many tasks; one of plain runs two. */
const TASKS_PER_CASE = { strict: 5.5, plain: 2 }
const TESTS = 5

/** Simulates swarms of one scenario, each drawn anew, until there are as many decisions as were asked for. */
export async function simulate(scenario: Scenario, random: Random, options: SimulateOptions): Promise<Result> {
  const { decisions, signal } = options
  let outcome: Outcome = NOTHING
  let progress: Result['progress'] = []
  for (let number = 0; outcome.decisions + outcome.undecided < decisions && !signal.aborted; number++) {
    const left = decisions - outcome.decisions - outcome.undecided
    const swarm = new Swarm(swarmOf(scenario, left, options), random.split(scenario.name).split(number))
    outcome = plus(outcome, await swarm.run())
    if (number === 0) progress = swarm.progress
    options.onSwarm?.(figuresOf(scenario.name, outcome, scenario.errorTarget))
  }
  const figures = figuresOf(scenario.name, outcome, scenario.errorTarget)
  const bars = scenario.bars.map(({ says, met, refuted }) => ({ says, met: met(figures), refuted: refuted(figures) }))
  return { scenario, figures, bars, progress }
}

function swarmOf(
  scenario: Scenario,
  decisions: number,
  { operators, signal }: SimulateOptions,
): ConstructorParameters<typeof Swarm>[0] {
  const { policy, passes, population, researchers, nondeterministic, archDependent, disturbance } = scenario
  const perCase = passes.length > 0 ? TASKS_PER_CASE.strict : TASKS_PER_CASE.plain
  const cases = Math.ceil(Math.min(scenario.cases, decisions / perCase) / researchers)
  const rounds = Array.from({ length: researchers }, (_, number) => ({
    owner: `researcher ${number + 1}`,
    workload: { name: number === 1 ? TARGET : `round${number + 1}`, cases, tests: TESTS, nondeterministic, archDependent },
  }))
  // A swarm that has less to do has less behind it.
  const before = Math.ceil((scenario.history * cases * researchers) / scenario.cases)
  const history = {
    owner: 'researcher 1',
    workload: { name: 'history', cases: before, tests: TESTS, nondeterministic: 0, archDependent: 0 },
  }
  return {
    population: { ...population, operators: operators ?? population.operators },
    spec: specOf(policy, passes),
    history: scenario.history > 0 ? history : null,
    rounds,
    disturbance,
    signal,
  }
}

function specOf(policy: RoundSpec['policy'], passes: Scenario['passes']): RoundSpec {
  return {
    ...ROUND_DEFAULTS,
    v: 1,
    name: 'simulated',
    policy,
    passes: [...passes],
    rule: passes.length > 0 ? 'strict' : 'compat',
    // Its outputs are words.
    compare: { kind: 'exact' },
  }
}
