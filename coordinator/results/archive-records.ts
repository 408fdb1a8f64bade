import { linkOf, type Side } from '../../protocol/index.ts'
import type { VoteEntry } from '../state/model.ts'
import type { Repeat } from '../trust/model.ts'
import { isFinal } from '../trust/trust.ts'
import type { Content } from './content.ts'
import type { OperatorNames } from './operator-names.ts'
import type { Item, TaskView } from './snapshot.ts'

/** The records of an archive's lists: docs/archive.md says what each field is. */

export function caseRecord({ line, entry, judgement, tasks, strict }: Item) {
  const { id, problem, source, tests, programs, equal } = entry
  const names = (views: Item['strict'][Side]) =>
    Object.fromEntries(Object.entries(views).map(([pass, view]) => [pass, view.entry.id]))
  return {
    ...{ line, id, problem, source, tests, judgement, equal: judgement === null ? null : equal },
    strict: { cpp: names(strict.cpp), cuda: names(strict.cuda) },
    programs: { cpp: linkOf(programs.cpp), cuda: linkOf(programs.cuda) },
    tasks: tasks && { cpp: tasks.cpp.entry.id, cuda: tasks.cuda.entry.id },
  }
}

/** Of a ballot that has not ended nothing is said but the votes: it goes on changing. */
export async function taskRecord(view: TaskView, names: OperatorNames, content: Content) {
  const { entry, withheld, wasted, ballot } = view
  const { id, task, tests, trust } = entry
  const final = hasEnded(view)
  const votes = []
  for (const vote of view.votes) votes.push(await voteRecord(view, vote, names, content))
  return {
    ...{ name: id, executor: task.executor, pass: task.pass, limits: task.limits, tests, wasted, votes },
    program: linkOf(task.program),
    state: withheld ? 'withheld' : ballot.state,
    counted: final ? (entry.counted ?? 0) : null,
    bootstrap: final && trust?.bootstrap === true,
    givenUp: final ? entry.givenUp : null,
    givenBack: final ? view.givenBack.map(({ operator, ...rest }) => ({ ...rest, operator: names.of(operator) })) : [],
    cells: final ? ballot.cells.map((cell) => cell && { ...cell, output: linkOf(cell.output) }) : [],
    outputs: outputsOf(view).map(linkOf),
  }
}

async function voteRecord(view: TaskView, vote: VoteEntry, names: OperatorNames, content: Content) {
  const final = hasEnded(view)
  const { node, network = vote.operator, trust } = vote
  return {
    ...{ node, operator: names.of(vote.operator), network: names.of(network), class: vote.class },
    ...(await answerRecord(vote, content)),
    void: final && trust?.void === true,
    basis: final ? await basisRecord(view, vote, names, content) : null,
  }
}

/** What a vote counted with; null where it did not, or needs nothing beside itself. */
async function basisRecord(view: TaskView, vote: VoteEntry, names: OperatorNames, content: Content) {
  const { trust } = vote
  if (trust === undefined || trust.counted === null) return null
  const { batch, checks, excused, drawn } = trust.counted
  const again = []
  for (const repeat of repeatsOf(view, vote)) again.push(await answerRecord(repeat, content))
  const { newcomer, borrowed } = trust
  return { newcomer, borrowed, batch: batch === null ? null : names.of(batch), checks, excused, drawn, again }
}

/** A vote's repeats that were in when the ballot ended; none while it has not. */
export function repeatsOf(view: TaskView, { trust }: VoteEntry): readonly Repeat[] {
  return hasEnded(view) ? (trust?.again.slice(0, trust.counted?.again ?? 0) ?? []) : []
}

function hasEnded({ ballot, withheld }: TaskView): boolean {
  return isFinal(ballot) && !withheld
}

async function answerRecord(answer: Omit<Repeat, 'cells'>, content: Content) {
  const { nonce, givenAt, deadlineAt, at, verdict } = answer
  return { nonce, givenAt, deadlineAt, at, verdict, envelope: linkOf((await content.envelope(verdict)).cid) }
}

/** The outputs that a task's verdicts name, those of repeats too, each once. */
export function outputsOf(view: TaskView): string[] {
  const cells = view.votes.flatMap((vote) => [vote, ...repeatsOf(view, vote)].flatMap((answer) => answer.cells))
  return [...new Set(cells.map(({ output }) => output))]
}
