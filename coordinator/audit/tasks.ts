import { BlockIndex, decodeCanonical, Program, taskId } from '../../protocol/index.ts'
import type { ArchiveFile } from './archive-file.ts'
import type { BatchBook, Spoken } from './batches.ts'
import { type ConfidentRecount, recountConfident, type SureGroup, type WeighedSaid } from './confident.ts'
import type { Far } from './digits.ts'
import { measure } from './distances.ts'
import { AuditFailure, type AuditPlace } from './failure.ts'
import { type Group, type Outputs, type Recount, recountMajority, type Saying } from './majority.ts'
import type { Cell, Manifest, TaskRecord, Vote } from './records.ts'
import type { Tally } from './tally.ts'
import { checkForms, OF_BALLOTS, readVerdict, sayingOf } from './verdicts.ts'

/** By how much a confidence may differ that was worked out in another order. */
const ROUNDING = 1e-9

/** A vote as it was read from its envelope. */
interface ReadVote extends Spoken {
  tests: readonly { findings: Cell['findings'] }[]
  again: Saying[][]
  /** The outputs it names, those of its repeats too. */
  outputs: string[]
}

/** Counts the ballots of an archive again, one task after the other. */
export class TaskAudit {
  readonly #archive: ArchiveFile
  readonly #manifest: Manifest
  readonly #book: BatchBook
  readonly #tally: Tally
  /** Verdicts that were seen: each counts once. */
  readonly #verdicts = new BlockIndex()

  constructor(archive: ArchiveFile, { manifest, book, tally }: { manifest: Manifest; book: BatchBook; tally: Tally }) {
    this.#archive = archive
    this.#manifest = manifest
    this.#book = book
    this.#tally = tally
  }

  async check(task: TaskRecord, line: number): Promise<void> {
    const { name, pass, executor, state } = task
    const place: AuditPlace = { line, side: executor === 'host' ? 'C++' : 'CUDA', pass, task: name }
    await this.#checkTerms(task, place)
    const votes: ReadVote[] = []
    for (const [at, vote] of task.votes.entries()) votes.push(await this.#readVote(task, vote, { ...place, vote: at + 1 }))
    checkOutputs(task, votes, place)
    this.#tally.tasks++
    if (state === 'decided' || state === 'undecided') {
      await this.#checkBallot(task, votes, place)
      this.#tally[state]++
      this.#tally.bootstrap += Number(task.bootstrap)
    } else {
      checkUnsettled(task, this.#manifest, place)
      this.#tally.unsettled++
    }
  }

  /** The task is named by what it is, and is what the round asks for. */
  async #checkTerms({ name, program, executor, pass, limits, tests }: TaskRecord, place: AuditPlace): Promise<void> {
    if ((await taskId({ program, executor, pass, limits })) !== name) {
      throw new AuditFailure('record', place, 'the task is not named by its program, executor, pass and limits')
    }
    const { spec } = this.#manifest
    if (
      JSON.stringify(sorted(limits)) !== JSON.stringify(sorted(spec.limits)) ||
      (executor !== 'host' && executor !== spec.executor)
    ) {
      throw new AuditFailure('record', place, 'it was run under other terms than the round has')
    }
    const read = Program.safeParse(decodeCanonical(await this.#archive.bytes(program, place, 'its program')))
    if (!read.success || read.data.tests.length !== tests || (read.data.side === 'cpp') !== (executor === 'host')) {
      throw new AuditFailure('record', place, 'its program is not one of that side with that many tests')
    }
  }

  async #readVote(task: TaskRecord, vote: Vote, place: AuditPlace): Promise<ReadVote> {
    this.#once(vote.verdict, place)
    const { tests, said } = await readVerdict(this.#archive, task, vote, place)
    const again: Saying[][] = []
    const outputs = tests.map(({ output }) => output)
    for (const repeat of vote.basis?.again ?? []) {
      this.#once(repeat.verdict, place)
      const { node, class: kind } = vote
      const stated = await readVerdict(this.#archive, task, { ...repeat, node, class: kind }, place)
      again.push(stated.said)
      outputs.push(...stated.tests.map(({ output }) => output))
      this.#tally.repeats++
    }
    this.#tally.votes++
    this.#tally.operators.add(vote.operator)
    this.#tally.nodes.add(vote.node)
    this.#tally.borrowed += Number(vote.basis?.borrowed === true)
    return { vote, said, tests, again, outputs }
  }

  #once(verdict: string, place: AuditPlace): void {
    if (this.#verdicts.add(verdict, { offset: 0, length: 0 })) return
    throw new AuditFailure('verdict', place, `the verdict ${verdict} was counted before`)
  }

  async #checkBallot(task: TaskRecord, votes: readonly ReadVote[], place: AuditPlace): Promise<void> {
    const { counted, cells } = task
    if (counted === null || counted > votes.length)
      throw new AuditFailure('record', place, 'how many votes were counted is not said')
    if (cells.length !== task.tests) throw new AuditFailure('record', place, `${cells.length} cells for ${task.tests} tests`)
    const inTime = votes.slice(0, counted)
    const late = votes.slice(counted)
    this.#tally.late += late.length
    const answers = votes.flatMap(({ said, again }) => [said, ...again])
    const outputs = await measure(this.#archive, this.#manifest, task, answers, place)
    this.#book.checkTask(task, votes, outputs.far, place)
    const isMajority = this.#manifest.spec.policy.kind === 'majority'
    const recount = isMajority
      ? this.#recountMajority(task, inTime, outputs, place)
      : this.#recountConfident(task, inTime, outputs, place)
    if (late.some(({ vote }) => vote.basis !== null))
      throw new AuditFailure('record', place, 'a vote counted after the ballot had ended')
    this.#checkEnd(task, recount, place)
    for (const [test, cell] of cells.entries()) {
      const where = { ...place, test: test + 1 }
      checkDecision(cell, recount.cells[test] ?? null, where)
      if (cell === null) continue
      checkAlike(
        cell,
        recount.cells[test] as Group,
        late.map(({ said }) => said[test] as Saying),
        outputs.far,
        where,
      )
      checkWording(
        cell,
        inTime.filter(({ vote, said }) => vote.class === cell.class && isOf(said[test] as Saying, cell)),
        where,
      )
      await checkForms(this.#archive, task, cell, where)
      this.#tally.cells++
    }
  }

  #recountMajority({ tests }: TaskRecord, votes: readonly ReadVote[], outputs: Outputs, place: AuditPlace): Recount {
    const { policy } = this.#manifest.spec
    if (policy.kind !== 'majority') throw new Error('no majority')
    if (votes.some(({ vote }) => vote.void || vote.basis !== null))
      throw new AuditFailure('record', place, 'a majority weighs no votes')
    const said = votes.map(({ vote, said }) => ({ operator: vote.operator, class: vote.class, tests: said }))
    const operators = new Set(said.map(({ operator }) => operator)).size
    if (operators > policy.replicas) {
      throw new AuditFailure(
        'decision',
        place,
        `${operators} operators were counted, of ${policy.replicas} that the round allows`,
      )
    }
    if (said.length > 0 && recountMajority(policy, tests, said.slice(0, -1), outputs).state !== 'open') {
      throw new AuditFailure('decision', place, 'its ballot had ended with fewer votes than were counted')
    }
    return recountMajority(policy, tests, said, outputs)
  }

  #recountConfident({ tests }: TaskRecord, votes: readonly ReadVote[], outputs: Outputs, place: AuditPlace): ConfidentRecount {
    const { policy } = this.#manifest.spec
    if (policy.kind !== 'confidence') throw new Error('no confidence')
    const weighed: WeighedSaid[] = []
    for (const [at, { vote, said, again }] of votes.entries()) {
      const where = { ...place, vote: at + 1 }
      if (vote.void) {
        if (!this.#book.wasSuspended(vote.operator)) {
          throw new AuditFailure('record', where, 'it was left out, and no suspension of its operator is on record')
        }
        this.#tally.voided++
        continue
      }
      if (vote.basis === null) throw new AuditFailure('record', where, 'what the vote counted with is not said')
      this.#book.checkBasis(vote, vote.basis, where)
      const { checks, newcomer, excused, drawn } = vote.basis
      weighed.push({ operator: vote.operator, class: vote.class, tests: said, checks, newcomer, excused, drawn, again })
      this.#tally.excused += Number(excused)
      this.#tally.newcomers += Number(newcomer)
    }
    const recount = recountConfident(policy, tests, weighed, outputs)
    this.#tally.wrong += recount.wrong.size
    return recount
  }

  /** How the ballot ended follows from the votes, unless it was given up. */
  #checkEnd({ state, givenUp, givenBack }: TaskRecord, recount: Recount, place: AuditPlace): void {
    if (givenUp === null && recount.state === state) return
    const { giveUpAfter } = this.#manifest.spec
    const operators = new Set(givenBack.map(({ operator }) => operator)).size
    if (givenUp !== null && state === 'undecided' && recount.state !== 'decided') {
      if (givenUp === 'declined' && operators < giveUpAfter) {
        throw new AuditFailure(
          'decision',
          place,
          `it was given up when ${operators} operators gave it back; the round waits for ${giveUpAfter}`,
        )
      }
      this.#tally.givenUp[givenUp]++
      return
    }
    const own = recount.state === 'open' ? 'do not end the ballot' : `leave it ${recount.state}`
    throw new AuditFailure('decision', place, `it is said to be ${state}; its votes ${own}`)
  }
}

/** What is said to be decided about a test is what the votes come to, with as many of them and as sure. */
function checkDecision(cell: Cell | null, own: Group | SureGroup | null, place: AuditPlace): void {
  if (cell === null && own === null) return
  const fail = (what: string) => new AuditFailure('decision', place, what)
  if (cell === null) throw fail('there is said to be no decision; the votes come to one')
  if (own === null) throw fail('there is said to be a decision; the votes come to none')
  const { kind, output } = sayingOf(cell)
  if (cell.class !== own.class || kind !== own.kind || output !== own.output) {
    throw fail('what is said to be decided is not what the votes come to')
  }
  if (cell.votes !== own.votes) throw fail(`${cell.votes} votes are said to agree with it; ${own.votes} do`)
  if ((cell.near === true) !== own.near) throw fail('whether enough said so in the very same text does not follow from the votes')
  const flags = cell.findings.map(({ flag }) => flag)
  if (flags.includes('numerically-unstable') !== own.unstable)
    throw fail('whether one value can be meant by all does not follow from the votes')
  if (flags.includes('arch-dependent') !== ('otherwise' in own && own.otherwise)) {
    throw fail('whether classes decided differently does not follow from the votes')
  }
  const confidence = 'confidence' in own ? own.confidence : undefined
  const isOff = Math.abs((confidence ?? 0) - (cell.confidence ?? 0)) > ROUNDING
  if ((confidence === undefined) !== (cell.confidence === undefined) || isOff) {
    throw fail(`a confidence of ${cell.confidence} is stated; the votes come to ${confidence}`)
  }
}

/** The outputs that count as the decided one: those of the group, and what came late and may be of it. */
function checkAlike(cell: Cell, own: Group, late: readonly Saying[], far: Far, place: AuditPlace): void {
  const alike = cell.alike ?? []
  const mayBe = late.filter(({ kind, output }) => kind === own.kind && far(output, own.output) <= 2).map(({ output }) => output)
  const isKnown = alike.every((output) => own.alike.includes(output) || mayBe.includes(output))
  if (isKnown && own.alike.every((output) => alike.includes(output))) return
  throw new AuditFailure('decision', place, 'the outputs that are said to count as the same are others')
}

function isOf(said: Saying, cell: Cell): boolean {
  return said.kind === sayingOf(cell).kind && (said.output === cell.output || cell.alike?.includes(said.output) === true)
}

/** The findings are in the words of one of those who agree, but for what follows from several votes. */
function checkWording({ findings }: Cell, agreeing: readonly ReadVote[], place: AuditPlace): void {
  const worded = (list: Cell['findings']) => JSON.stringify(list.map(sorted))
  const own = worded(findings.filter(({ flag }) => !OF_BALLOTS.includes(flag)))
  if (agreeing.some(({ tests }) => worded(tests[(place.test as number) - 1]?.findings ?? []) === own)) return
  throw new AuditFailure('decision', place, 'its findings are in the words of none of the votes')
}

/** The outputs that are listed are those that verdicts name, in the order in which they do. */
function checkOutputs({ outputs }: TaskRecord, votes: readonly ReadVote[], place: AuditPlace): void {
  const named = [...new Set(votes.flatMap((vote) => vote.outputs))]
  if (named.length === outputs.length && named.every((cid, at) => cid === outputs[at])) return
  throw new AuditFailure('record', place, 'the outputs that are listed are not those that its verdicts name')
}

/** Of a ballot that has not ended, or is withheld, nothing may be said that was not checked. */
function checkUnsettled({ state, counted, cells, votes, outputs }: TaskRecord, { partial }: Manifest, place: AuditPlace): void {
  if (!partial) throw new AuditFailure('record', place, `the task is ${state}, in a round that is said to be whole`)
  const empty = cells.length === 0 && counted === null && votes.every(({ basis }) => basis === null)
  const shown = state === 'withheld' && votes.length + outputs.length > 0
  if (!empty || shown) throw new AuditFailure('record', place, `the task is ${state}, and yet something is said of it`)
}

function sorted<T extends object>(value: T): [string, unknown][] {
  return Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
}
