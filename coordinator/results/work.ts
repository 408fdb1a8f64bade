import { Environment, type Pass, type Side } from '../../protocol/index.ts'
import { disagrees } from '../rules/ballot.ts'
import type { NodeEntry } from '../state/model.ts'
import { round6 } from './confidence.ts'
import type { Snapshot, TaskView } from './snapshot.ts'

/** Places of disagreement listed for one node; the rest are counted. */
const MAX_PLACES = 100

/** A cell in which a node disagreed with the decision: the first case that uses it, its side, its test from 1. */
interface Place {
  line: number
  side: Side
  pass: Pass
  test: number
}

interface Tally {
  verdicts: number
  agreed: number
  disagreed: number
  places: Place[]
  environments: Map<string, Environment>
}

/** What the round cost and who did it, in one pass over its tasks. */
export function countWork(snapshot: Snapshot, known: ReadonlyMap<string, NodeEntry>) {
  const tallies = new Map<string, Tally>()
  const work = { tasks: 0, verdicts: 0, replicasPerTask: 0, wastedAssignments: 0 }
  for (const view of snapshot.tasks.values()) {
    work.tasks++
    work.verdicts += view.replicas
    work.wastedAssignments += view.wasted
    countVotes(view, tallies)
  }
  if (work.tasks > 0) work.replicasPerTask = round6(work.verdicts / work.tasks)
  return { work, disagreements: listDisagreements(tallies), nodes: listNodes(tallies, known, snapshot.round.openedAt) }
}

function countVotes(view: TaskView, tallies: Map<string, Tally>): void {
  const cells = view.withheld ? [] : view.entry.ballot.cells
  const decided = cells.filter((cell) => cell !== null).length
  for (const vote of view.votes) {
    const tally: Tally = tallies.get(vote.node) ?? { verdicts: 0, agreed: 0, disagreed: 0, places: [], environments: new Map() }
    tallies.set(vote.node, tally)
    const against = disagrees(vote, cells)
    tally.verdicts++
    tally.agreed += decided - against.length
    tally.disagreed += against.length
    tally.environments.set(vote.class, vote.environment)
    const room = against.slice(0, MAX_PLACES - tally.places.length)
    tally.places.push(
      ...room.map((test) => ({ line: view.firstLine, side: view.side, pass: view.entry.task.pass, test: test + 1 })),
    )
  }
}

/** Who disagreed with decisions, the most first. */
function listDisagreements(tallies: ReadonlyMap<string, Tally>) {
  return [...tallies]
    .filter(([, { disagreed }]) => disagreed > 0)
    .sort(([a, x], [b, y]) => y.disagreed - x.disagreed || (a < b ? -1 : 1))
    .map(([node, { disagreed, places }]) => ({ node, cells: disagreed, places, notListed: disagreed - places.length }))
}

/** Who returned a verdict in this round, and who since it opened was given work and only gave it back or let it expire. */
function listNodes(tallies: ReadonlyMap<string, Tally>, known: ReadonlyMap<string, NodeEntry>, openedAt: number) {
  const failed = [...known.values()].filter(({ lastAt, declined, expired }) => lastAt >= openedAt && declined + expired > 0)
  const names = [...new Set([...tallies.keys(), ...failed.map(({ node }) => node)])].sort()
  return names.map((node) => {
    const { verdicts = 0, agreed = 0, disagreed = 0, environments = new Map<string, Environment>() } = tallies.get(node) ?? {}
    const { declined = 0, expired = 0 } = known.get(node) ?? {}
    return {
      node,
      verdicts,
      agreed,
      disagreed,
      declined,
      expired,
      environments: [...environments.values()].map((one) => Environment.parse(one)),
    }
  })
}
