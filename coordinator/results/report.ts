import { type Policy, RoundSpec, SIDES, type Side, type TestStatus } from '../../protocol/index.ts'
import { Breath } from '../breath.ts'
import type { Ledger } from '../ledger.ts'
import { incidentRow } from '../trust/incident.ts'
import { assumedShare, cellConfidence, confidenceOf, round6 } from './confidence.ts'
import { ownersSight } from './evidence.ts'
import { compareRules, listFlags } from './findings.ts'
import { progressOf } from './progress.ts'
import type { Scores } from './scores/scores.ts'
import { type Item, judgementWords, type Snapshot, translationOf } from './snapshot.ts'
import { countWork } from './work.ts'

/** Tasks that were ended that the report lists. */
const MAX_STOPPED = 1000

/** What the report says about the terms under which the round ran. */
export interface Terms {
  coordinator: string
  singleOperator: boolean
}

/** `report.json`: one object about the whole round. */
export async function* reportText(made: Report): AsyncGenerator<string> {
  yield `${JSON.stringify(made, null, 2)}\n`
}

export type Report = Awaited<ReturnType<typeof reportOf>>

/** Others have their turn between its parts: each goes through all of the round. */
export async function reportOf(
  snapshot: Snapshot,
  ledger: Ledger,
  { coordinator, singleOperator }: Terms,
  { summary }: Pick<Scores, 'summary'>,
) {
  const { round, state, partial } = snapshot
  const breath = new Breath()
  const part = async <T>(make: () => T): Promise<T> => {
    await breath.take()
    return make()
  }
  const { work, disagreements, nodes } = await part(() => countWork(snapshot, ledger.state.nodes))
  return {
    round: {
      ...{ id: round.id, name: round.spec.name, state, partial, spec: RoundSpec.parse(round.spec) },
      ...lineageOf(snapshot),
    },
    coordinator,
    cases: snapshot.items.length,
    judgements: await part(() => countJudgements(snapshot.items)),
    rules: await part(() => compareRules(snapshot)),
    confidence: await part(() => confidences(snapshot, singleOperator)),
    statuses: await part(() => countStatuses(snapshot.items)),
    tests: await part(() => countTests(snapshot.items)),
    translationsCompiled: await part(() => countCompiled(snapshot.items)),
    scores: summary,
    work,
    spent: await part(() => spentOn(snapshot, ledger)),
    ...(await part(() => trustOf(snapshot, ledger))),
    disagreements,
    nodes,
    flags: await part(() => listFlags(snapshot)),
    times: times(snapshot),
    progress: await part(() => progressOf(snapshot)),
    notes: await part(() => notes(snapshot, singleOperator)),
  }
}

/** Files that were added, and the round of which this one runs cases again; left out where there are none. */
function lineageOf({ additions, round: { parent } }: Snapshot) {
  const added = additions.map(({ casesDigest, from, cases }) => ({ casesDigest, fromLine: from + 1, cases }))
  return {
    ...(added.length === 0 ? {} : { added }),
    ...(parent === null ? {} : { parent: { round: parent.round, only: parent.only, lines: parent.cases.map((n) => n + 1) } }),
  }
}

/** What nodes spent on the round, what it may use, and which programs ended undecided for that or since they are blocked. */
function spentOn({ round, tasks }: Snapshot, { state }: Ledger) {
  const { spent, caps } = round
  const stopped = [...tasks.values()].flatMap(({ entry: { givenUp, task } }) => {
    if (givenUp !== 'blocked' && givenUp !== 'limit') return []
    const reason = givenUp === 'blocked' ? { reason: state.blocked.get(task.program)?.reason ?? '' } : {}
    return [{ program: task.program, pass: task.pass, why: givenUp, ...reason }]
  })
  return {
    ...{ cpuSeconds: spent.cpuMs / 1000, gpuSeconds: spent.gpuMs / 1000, caps: { ...caps } },
    stopped: {
      tasks: stopped.length,
      programs: stopped.slice(0, MAX_STOPPED),
      notListed: Math.max(0, stopped.length - MAX_STOPPED),
    },
  }
}

/** Under a confidence policy: what its rules did, besides counting votes. Left out under a majority policy. */
function trustOf(snapshot: Snapshot, { state }: Ledger) {
  const { round, tasks } = snapshot
  if (round.spec.policy.kind === 'majority') return {}
  const entries = [...tasks.values()].flatMap(({ entry }) => entry.trust ?? [])
  const voters = new Set([...tasks.values()].flatMap(({ entry }) => entry.votes.map(({ operator }) => operator)))
  const sight = ownersSight(snapshot, state)
  const incidents = state.trust.incidents.filter(({ operator }) => voters.has(operator))
  return {
    trust: {
      /** Tasks decided before enough operators were established. */
      bootstrapDecisions: entries.filter(({ bootstrap }) => bootstrap).length,
      /** Answers beside votes: disputed ones said again, and those of newcomers to what was known. */
      answersBesideVotes: entries.reduce((sum, { answers }) => sum + answers, 0),
      /** What happened to those who voted in this round, here and in others of this coordinator. */
      incidents: incidents.map((incident) => incidentRow(incident, sight)),
    },
  }
}

/** How many cases have which judgement, under either rule. */
function countJudgements(items: readonly Item[]) {
  const counts = () => ({ equivalent: 0, different: 0, invalid: 0, undecided: 0, pending: 0 })
  const all = { compat: counts(), strict: counts() }
  for (const item of items) {
    const words = judgementWords(item)
    all.compat[words.compat]++
    all.strict[words.strict]++
  }
  return all
}

/** How the tests of a side ended, counted over the cells that are decided and shown. */
function countStatuses(items: readonly Item[]): Record<Side, Partial<Record<TestStatus, number>>> {
  const counts: Record<Side, Partial<Record<TestStatus, number>>> = { cpp: {}, cuda: {} }
  for (const { judgement, tasks } of items) {
    if (judgement === null || tasks === null) continue
    for (const side of SIDES) {
      for (const cell of tasks[side].entry.ballot.cells) {
        if (cell !== null) counts[side][cell.status] = (counts[side][cell.status] ?? 0) + 1
      }
    }
  }
  return counts
}

/** How many tests there are, and how many passed under either rule. */
function countTests(items: readonly Item[]) {
  const counts = { total: 0, passed: { compat: 0, strict: 0 } }
  for (const { entry, judgement } of items) {
    counts.total += entry.tests
    for (const cell of judgement?.cells ?? []) {
      if (cell.compat === 'pass') counts.passed.compat++
      if (cell.strict === 'pass') counts.passed.strict++
    }
  }
  return counts
}

/**
 * Compilation accuracy: of the cases whose translation has a decided test, those in which it compiled.
 * `unsupported` says nothing about a program and is no decision here.
 */
function countCompiled(items: readonly Item[]) {
  let of = 0
  let compiled = 0
  for (const item of items) {
    const view = item.judgement === null ? undefined : item.tasks?.[translationOf(item)]
    const statuses = view?.entry.ballot.cells.flatMap((cell) => cell?.status ?? []) ?? []
    if (statuses.every((status) => status === 'unsupported')) continue
    of++
    if (!statuses.includes('compile_error')) compiled++
  }
  return { compiled, of, ratio: of === 0 ? null : round6(compiled / of) }
}

/** The confidence of one decided cell, and the lowest and mean over the judged cases. */
function confidences({ items, round }: Snapshot, singleOperator: boolean) {
  const { rule, policy } = round.spec
  const stated = items.flatMap((item) => confidenceOf(item, rule, policy, singleOperator).confidence ?? [])
  const sum = stated.reduce((total, value) => total + value, 0)
  return {
    assumedWrongShare: assumedShare(policy),
    perCell: singleOperator ? null : round6(cellConfidence(policy)),
    cases: stated.length,
    lowest: stated.length === 0 ? null : stated.reduce((low, value) => Math.min(low, value)),
    mean: stated.length === 0 ? null : round6(sum / stated.length),
    reason: singleOperator ? 'single-operator' : null,
  }
}

function times({ round: { openedAt }, endedAt }: Snapshot) {
  return {
    opened: new Date(openedAt).toISOString(),
    ended: endedAt === null ? null : new Date(endedAt).toISOString(),
    wallSeconds: endedAt === null ? null : (endedAt - openedAt) / 1000,
  }
}

/** What a reader must know to read the figures rightly, in plain sentences. */
function notes(snapshot: Snapshot, singleOperator: boolean): string[] {
  const { spec } = snapshot.round
  const untested = snapshot.items.filter(({ entry }) => entry.tests === 0).length
  const givenUp = [...snapshot.tasks.values()].filter(
    ({ entry }) => entry.givenUp === 'blocked' || entry.givenUp === 'limit',
  ).length
  const said: [boolean, string][] = [
    [
      snapshot.partial,
      `This is a partial export of a round that is ${snapshot.state}: cases that are not judged, or share a program with one that is not, are "pending", and what was voted on their programs is withheld.`,
    ],
    [
      spec.rule === 'compat',
      'The rule is compat: equal printed output is all that fills the training files, and a translation that never launches its kernel can pass.',
    ],
    [spec.passes.length === 0, 'No strict passes were asked for: every strict cell is "unknown".'],
    [
      singleOperator,
      'One operator runs all nodes, so confidence across operators does not apply: agreement between the nodes shows that a result repeats, not that strangers confirm it.',
    ],
    [!singleOperator, confidenceNote(spec.policy)],
    [
      spec.policy.kind === 'majority' && spec.policy.quorum === 1,
      'The quorum is 1: every result is the word of one node, which no other node checked.',
    ],
    [
      spec.executor === 'emulated',
      'The CUDA side was run by the emulated executor, on a CPU: its compile status is decided by g++, which accepts some programs that nvcc refuses.',
    ],
    [
      givenUp > 0,
      `Tasks that ended undecided since their program is blocked at this coordinator or has used its seconds: ${givenUp}; "spent" lists them.`,
    ],
    [untested > 0, `Cases without a test: ${untested}; there is nothing to judge them by, so they are undecided.`],
    [
      true,
      'A program that serves several cases was run once: verdicts and disagreements count tasks once, statuses and tests count every case.',
    ],
    [true, "A node's declined and expired assignments are counted over all rounds of this coordinator."],
  ]
  return said.flatMap(([applies, sentence]) => (applies ? [sentence] : []))
}

function confidenceNote(policy: Policy): string {
  const share = round6(assumedShare(policy) * 100)
  return policy.kind === 'majority'
    ? `A confidence assumes that ${share} % of the votes are wrong and that all wrong ones agree; it is that of a majority of ${policy.quorum} for every decided cell the judgement rests on, multiplied.`
    : `A confidence assumes that up to ${share} % of the operators are saboteurs who know each other; it is what every decided cell the judgement rests on has reached, at least ${policy.theta} each, multiplied.`
}
