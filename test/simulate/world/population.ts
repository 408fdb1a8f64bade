import type { Random } from '../engine/random.ts'
import { ADVERSARIES, type AdversaryName } from '../nodes/adversaries.ts'
import { honest } from '../nodes/behaviour.ts'
import type { Profile } from '../nodes/node.ts'

/** Some operators of one kind. */
export interface Party {
  adversary: AdversaryName
  /** Share of all operators that are of this kind, from 0 to 1. */
  share: number
  /** Nodes of each of these operators. @default as honest ones have */
  nodesEach?: number
}

export interface PopulationInit {
  operators: number
  parties: readonly Party[]
  /** Share of nodes of the rarer processor family. @default 0 */
  rareCpu?: number
  /** Every operator has one machine, all of the same size and speed: what a closed form assumes. @default false */
  alike?: boolean
}

/** Operators with so many nodes, by share: most have one machine, few have several. */
const MACHINES = [1, 1, 1, 1, 1, 2, 2, 3]
const SLOTS = [1, 2, 2, 4, 4, 8]
const ALIKE_SLOTS = 4
/** Spread of machines' speeds as the deviation of the logarithm: two thirds are within a factor of 1.5 of the median. */
const SPEED_SPREAD = 0.4
/** One way to the coordinator: median milliseconds, and the deviation of its logarithm. */
const LATENCY_MS = 40
const LATENCY_SPREAD = 0.6
export const REGIONS = 5

/** Draws a swarm: operators with their nodes, as many of all parties together as their shares say, in an order of chance. */
export function populate({ operators, parties, rareCpu = 0, alike = false }: PopulationInit, random: Random): Profile[] {
  let [share, count] = [0, 0]
  const kinds = random.shuffled(parties).flatMap((party) => {
    const behaviour = ADVERSARIES[party.adversary]()
    share += party.share
    const length = Math.round(share * operators) - count
    count += length
    return Array.from({ length }, () => ({ behaviour, nodesEach: party.nodesEach }))
  })
  const all = Array.from({ length: operators }, (_, index) => kinds[index] ?? { behaviour: honest, nodesEach: undefined })
  return random.shuffled(all).flatMap(({ behaviour, nodesEach }, operator) => {
    const region = random.integer(REGIONS)
    const nodes = nodesEach ?? (alike ? 1 : random.pick(MACHINES))
    return Array.from({ length: nodes }, (_, machine) => ({
      id: `node-${operator}-${machine}`,
      operator: `operator ${operator}`,
      behaviour,
      cpu: random.chance(rareCpu) ? 'aarch64' : 'x86-64',
      slots: alike ? ALIKE_SLOTS : random.pick(SLOTS),
      slowness: random.logNormal(1, alike ? 0 : SPEED_SPREAD),
      latencyMs: random.logNormal(LATENCY_MS, LATENCY_SPREAD),
      region,
    }))
  })
}
