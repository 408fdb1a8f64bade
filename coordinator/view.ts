import type { Environment, ExecutorName, Pass, Policy, RoundProgress, RoundSpec } from '../protocol/index.ts'
import { abilityFor, SIDES } from '../protocol/index.ts'
import type { Ledger } from './ledger.ts'
import { fewestOperators } from './rules/credibility.ts'
import { mayTake } from './rules/dispatch.ts'
import type { RoundEntry, RoundHead, TaskEntry } from './state/model.ts'
import { laterPasses } from './state/needed.ts'
import { addingTo, isLive } from './state/rounds.ts'

/** Who is connected now, and what it can run. */
export interface Presence {
  node: string
  operator: string
  /** As in `Party`. */
  network?: string | undefined
  executors: ReadonlySet<ExecutorName>
  /** As `abilityFor` names them. */
  abilities: ReadonlySet<string>
  /** By ability, the class of its verdicts. */
  classes: ReadonlyMap<string, string>
  /** As it says itself: what it runs things with. */
  environments: readonly Environment[]
  /** What it can give one test, bytes. */
  memoryBytes: number
  running: number
  /** How many it can run at a time, as far as it has said: what it runs, and what it has asked for beside. */
  slots: number
}

/** Live counts of a round, as the fold keeps them: no pass over its tasks while something of it goes on. */
export function progressOf(ledger: Ledger, round: RoundEntry, present: readonly Presence[]): RoundProgress {
  const { waiting, balloting, provisional, decided, undecided, verdicts, disagreements } = round.counts
  const tasks: RoundProgress['tasks'] = {
    total: waiting + balloting + provisional + decided + undecided,
    decided,
    undecided,
    balloting,
    waiting,
  }
  if (round.spec.policy.kind === 'confidence') tasks.provisional = provisional
  const able = present.filter(({ executors }) => executors.has(round.spec.executor) || executors.has('host'))
  const { id, spec, paused, caps } = round
  return {
    round: id,
    name: spec.name,
    state: round.state,
    paused: paused === null ? null : { at: paused.at, reason: paused.reason, detail: paused.detail },
    visibility: spec.visibility ?? 'public',
    parent: round.parent?.round ?? null,
    rule: spec.rule,
    executor: spec.executor,
    policy: { ...spec.policy },
    priority: spec.priority,
    openedAt: round.openedAt,
    endedAt: round.endedAt,
    cases: round.size,
    judged: round.judged,
    judgements: { ...round.judgements },
    tasks,
    verdicts,
    disagreements,
    spent: { cpuSeconds: Math.floor(round.spent.cpuMs / 1000), gpuSeconds: Math.floor(round.spent.gpuMs / 1000) },
    caps: {
      cpuSeconds: caps.cpuSeconds ?? null,
      gpuSeconds: caps.gpuSeconds ?? null,
      programSeconds: caps.programSeconds ?? null,
    },
    nodes: able.length,
    working: able.filter(({ running }) => running > 0).length,
    unserved: whyUnserved(ledger, round, present),
    givenBack: whatWasGivenBack(ledger, round),
    stopped: whatWasStopped(round),
  }
}

function* tasksIn({ state }: Ledger, keys: Iterable<string>): Generator<TaskEntry> {
  for (const key of keys) {
    const entry = state.tasks.get(key)
    if (entry !== undefined) yield entry
  }
}

/** Why a round cannot go on as things are, or null. */
function whyUnserved(ledger: Ledger, round: RoundEntry, present: readonly Presence[]): string | null {
  const { spec } = round
  if (!isLive(round) || round.paused !== null) return null
  if (addingTo(round) !== undefined && round.judged === round.size) {
    return 'a file of cases is being added that is not all here; `round add` goes on where it was'
  }
  const quorum = operatorsWanted(ledger, spec.policy)
  for (const needed of needs(spec)) {
    const able = present.filter(({ abilities }) => abilities.has(abilityFor(needed)))
    const large = able.filter(({ memoryBytes }) => memoryBytes >= spec.limits.memoryBytes)
    const count = countOperators(large)
    if (count >= quorum) continue
    const nodes = quorum === 1 ? 'a node' : `nodes of ${quorum} operators`
    const what = needed.pass === 'plain' ? 'run' : `do the ${needed.pass} pass on`
    const have = needed.executor !== 'gpu' ? '' : quorum === 1 ? 'has a GPU and ' : 'have a GPU and '
    // What is short is said, and nothing else: memory only where there would be enough nodes with more of it.
    const room = countOperators(able) >= quorum ? ` with ${gibibytes(spec.limits.memoryBytes)} of memory for a test` : ''
    return `${nodes} that ${have}can ${what} "${needed.executor}" programs${room} must be connected for a quorum; now there ${count === 1 ? 'is' : 'are'} ${count === 0 ? 'none' : count}`
  }
  const split = countStuck(ledger, round, present)
  if (split === 0) return null
  const tasks = split === 1 ? '1 task' : `${split} tasks`
  return `a node of one more operator must be connected: those now here have voted, and disagree, on ${tasks}; ${STUCK}`
}

/** A program whose output is another one on every machine waits for ever: nobody but the researcher can tell that it does. */
const STUCK =
  'what prints something else on every machine may never be decided: "round export --partial" gives all that is, "round cancel" ends the round'

/** How many operators it takes before anything can be decided. */
function operatorsWanted({ state }: Ledger, policy: Policy): number {
  return policy.kind === 'majority' || state.trust.bootstrap ? fewestOperators(policy) : 2
}

/** At most so many of them have a say on one task: as many as there are operators, and networks. */
function countOperators(present: readonly Presence[]): number {
  const distinct = (names: string[]) => new Set(names).size
  return Math.min(
    distinct(present.map(({ operator }) => operator)),
    distinct(present.map(({ operator, network }) => network ?? operator)),
  )
}

function gibibytes(bytes: number): string {
  return `${Number((bytes / 1024 ** 3).toFixed(2))} GiB`
}

/** What nodes could not run and still waits, with their reasons, or null. */
function whatWasGivenBack(ledger: Ledger, round: RoundEntry): string | null {
  if (!isLive(round)) return null
  let tasks = 0
  const reasons = new Map<string, number>()
  for (const { declines, open } of tasksIn(ledger, round.troubled)) {
    if (open.size > 0) continue
    tasks++
    for (const { reason } of declines.values()) reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
  }
  if (tasks === 0) return null
  const said = [...reasons].sort().map(([reason, times]) => `${reason}: ${times}`)
  const which = tasks === 1 ? '1 task waits that nodes' : `${tasks} tasks wait that nodes`
  return `${which} could not run and gave back (${said.join(', ')}); tried again ever more rarely, undecided after ${round.spec.giveUpAfter} operators`
}

/** Why tasks ended before they were voted on to their end, or null. What is blocked is not named: that may be nobody's business. */
function whatWasStopped({ counts }: RoundHead): string | null {
  const said = [
    ...(counts.blocked > 0 ? [`${counts.blocked} since the operator of this coordinator has blocked their program`] : []),
    ...(counts.limited > 0 ? [`${counts.limited} since their program has used its seconds`] : []),
  ]
  return said.length === 0 ? null : `tasks that ended undecided: ${said.join(', ')}`
}

/** Every kind of task a round may come to need. */
function needs(spec: RoundSpec): { executor: ExecutorName; pass: Pass }[] {
  return SIDES.flatMap((side) => {
    const executor = side === 'cpp' ? 'host' : spec.executor
    return (['plain', ...laterPasses(spec, side, 'cpp')] as const).map((pass) => ({ executor, pass }))
  })
}

/** Tasks that want a vote nobody who is here may give; 0 as soon as there is one that goes on. */
function countStuck(ledger: Ledger, round: RoundEntry, present: readonly Presence[]): number {
  let stuck = 0
  for (const entry of tasksIn(ledger, round.unsettled)) {
    const underway = entry.open.size + entry.arrivals.length + (entry.trust?.asked.size ?? 0) + (entry.ballot.again?.size ?? 0)
    if (underway > 0 || present.some((applicant) => mayTake(entry, applicant))) return 0
    stuck++
  }
  return stuck
}
