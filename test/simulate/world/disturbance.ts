import type { EventQueue } from '../engine/queue.ts'
import type { Random } from '../engine/random.ts'
import type { SimulatedNode } from '../nodes/node.ts'

/** What happens to a swarm while it works on a round. */
export type Disturbance =
  /** This share of the nodes vanishes for good, at once. */
  | { kind: 'churn'; share: number }
  /** All but this share of the nodes come only now, within a minute. */
  | { kind: 'arrival'; share: number }
  /** A region is cut off for so long. */
  | { kind: 'outage'; region: number; forMs: number }

const ARRIVAL_MS = 60_000
/** What came with the outage comes back spread over this time, as nodes' retries are. */
const RETURN_MS = 60_000

/** The nodes that are there from the beginning. */
export function present(nodes: readonly SimulatedNode[], disturbance: Disturbance | null): SimulatedNode[] {
  if (disturbance?.kind !== 'arrival') return [...nodes]
  return nodes.slice(0, Math.ceil(nodes.length * disturbance.share))
}

/** Lets it happen, from now on. */
export function disturb(nodes: readonly SimulatedNode[], disturbance: Disturbance, queue: EventQueue, random: Random): void {
  switch (disturbance.kind) {
    case 'churn':
      for (const node of random.shuffled(nodes).slice(0, Math.round(nodes.length * disturbance.share))) node.vanish()
      break
    case 'arrival':
      for (const node of nodes) if (!node.isConnected) queue.after(random.uniform() * ARRIVAL_MS, () => node.connect())
      break
    case 'outage':
      for (const node of nodes.filter(({ profile }) => profile.region === disturbance.region)) {
        node.disconnect()
        queue.after(disturbance.forMs + random.uniform() * RETURN_MS, () => node.connect())
      }
      break
  }
}
