import {
  type Comparator,
  decodeReport,
  differenceOf,
  differenceOfTexts,
  type IsolatedReport,
  type LaterPass,
  type Pass,
  type Side,
  STRICT_PASSES,
  type StrictPass,
} from '../../protocol/index.ts'
import type { ArchiveFile } from './archive-file.ts'
import { AuditFailure, type AuditPlace } from './failure.ts'
import { type Rejudged, rejudge, type SameFill, type SideCells, type TestCells } from './judging.ts'
import { majorityConfidence } from './majority.ts'
import { type CaseRecord, type Cell, comparatorOf, type Manifest, type TaskRecord } from './records.ts'
import type { Tally } from './tally.ts'
import { type TaskTable, tasksOf } from './task-table.ts'

/** Share of wrong votes that a majority's confidence assumes. */
const WRONG_SHARE = 0.1
const SIDES = ['cpp', 'cuda'] as const
const NAMES = { cpp: 'C++', cuda: 'CUDA' } as const

type Tasks = Record<Side, Partial<Record<Pass, TaskRecord>>>

/** Judges the cases of an archive again, from decisions that were counted again before. */
export class CaseAudit {
  readonly #archive: ArchiveFile
  readonly #manifest: Manifest
  readonly #table: TaskTable
  readonly #tally: Tally

  constructor(archive: ArchiveFile, { manifest, table, tally }: { manifest: Manifest; table: TaskTable; tally: Tally }) {
    this.#archive = archive
    this.#manifest = manifest
    this.#table = table
    this.#tally = tally
  }

  async check(record: CaseRecord): Promise<void> {
    const { line, tests, judgement } = record
    this.#tally.cases++
    if (line !== this.#tally.cases)
      throw new AuditFailure('record', { line }, `the case stands where line ${this.#tally.cases} should`)
    if ((record.tasks === null) !== (tests === 0))
      throw new AuditFailure('record', { line }, 'a case has tasks when it has tests')
    const tasks = await this.#tasksOf(record)
    if (judgement === null) {
      if (!this.#manifest.partial)
        throw new AuditFailure('record', { line }, 'it is not judged, in a round that is said to be whole')
      if (record.equal !== null)
        throw new AuditFailure('record', { line }, 'it is not judged, and yet its outputs are said to be compared')
      this.#tally.pending++
      return
    }
    for (const { name, state } of [...Object.values(tasks.cpp), ...Object.values(tasks.cuda)]) {
      if (state !== 'decided' && state !== 'undecided') {
        throw new AuditFailure('judgement', { line, task: name }, `the case is judged, and a task of it is ${state}`)
      }
    }
    await this.#checkEqual(record, tasks)
    this.#checkPasses(record, tasks)
    const cells: TestCells[] = []
    for (let test = 0; test < tests; test++) cells.push(await this.#cellsOf(record, tasks, test))
    this.#checkJudgement(record, rejudge(cells, this.#manifest.spec.limits.wallMs))
    this.#checkConfidence(record, tasks)
    this.#tally.judge(judgement.compat, judgement.strict)
  }

  /** The tasks it names, which are of its programs, in the passes they are named for. */
  async #tasksOf(record: CaseRecord): Promise<Tasks> {
    const tasks: Tasks = { cpp: {}, cuda: {} }
    for (const { side, pass, name } of tasksOf(record)) {
      const task = await this.#table.get(name)
      const place = { line: record.line, side: NAMES[side], pass, task: name }
      const isOfIt =
        task.program === record.programs[side] && task.pass === pass && (task.executor === 'host') === (side === 'cpp')
      if (!isOfIt || task.tests !== record.tests) throw new AuditFailure('record', place, 'the task is not one of this case')
      if (pass !== 'plain' && !this.#asked(side, record.source).includes(pass))
        throw new AuditFailure('record', place, 'the round did not ask for it')
      tasks[side][pass] = task
    }
    return tasks
  }

  /** The strict passes that the round asks for of one side. */
  #wanted(side: Side): StrictPass[] {
    const { executor, passes } = this.#manifest.spec
    return STRICT_PASSES[side === 'cpp' ? 'host' : executor].filter((pass) => passes.includes(pass))
  }

  /** All passes that the round asks for of one side after its plain run. */
  #asked(side: Side, source: Side): LaterPass[] {
    const measured = this.#manifest.spec.coverage === true && side === 'cpp' && side === source
    return [...this.#wanted(side), ...(measured ? ['coverage' as const] : [])]
  }

  /** Compares what the isolated runs put out, where both succeeded. */
  async #checkEqual({ line, tests, equal }: CaseRecord, { cpp, cuda }: Tasks): Promise<void> {
    if (tests === 0) {
      if (equal !== null) throw new AuditFailure('comparison', { line }, 'outputs are said to be compared, and there are none')
      return
    }
    if (equal === null || equal.length !== tests)
      throw new AuditFailure('comparison', { line }, 'whether outputs are equal is not said')
    for (const [test, said] of equal.entries()) {
      const place = { line, test: test + 1 }
      const found = await this.#isEqual(cpp.isolated?.cells[test] ?? null, cuda.isolated?.cells[test] ?? null, place)
      if (found !== null) this.#tally.comparisons++
      if (found === said) continue
      const words = (value: boolean | null) => (value === null ? 'not to be compared' : value ? 'equal' : 'different')
      throw new AuditFailure(
        'comparison',
        place,
        `the outputs of the isolated runs are said to be ${words(said)}; they are ${words(found)}`,
      )
    }
  }

  async #isEqual(a: Cell | null, b: Cell | null, place: AuditPlace): Promise<boolean | null> {
    if (a?.status !== 'success' || b?.status !== 'success') return null
    if (a.output === b.output) return true
    const comparator: Comparator = this.#manifest.spec.compare
    return differenceOf(await this.#report(a, place), await this.#report(b, place), comparator) === null
  }

  async #report({ output }: Cell, place: AuditPlace): Promise<IsolatedReport> {
    return decodeReport(await this.#archive.bytes(output, place, 'the output of an isolated run'))
  }

  /** What docs/rules.md asks for was done: of the original all passes, of the translation as far as they may matter. */
  #checkPasses({ line, source, equal }: CaseRecord, tasks: Tasks): void {
    for (const side of SIDES) {
      const { plain, ...made } = tasks[side]
      if (!plain?.cells.some((cell) => cell?.status === 'success')) continue
      const all = side === source || equal?.includes(true) === true
      for (const pass of this.#asked(side, source)) {
        if (!(all || pass === 'isolated') || made[pass] !== undefined) continue
        throw new AuditFailure('pass', { line, side: NAMES[side], pass }, 'the rules ask for this pass, and it is not there')
      }
    }
  }

  async #cellsOf({ line, source, equal }: CaseRecord, tasks: Tasks, test: number): Promise<TestCells> {
    const side = (name: Side): SideCells => {
      const strict = this.#wanted(name).map((pass) => [pass, tasks[name][pass]?.cells[test] ?? null] as const)
      return { plain: tasks[name].plain?.cells[test] ?? null, ...Object.fromEntries(strict) }
    }
    const other = source === 'cpp' ? 'cuda' : 'cpp'
    const place = { line, test: test + 1 }
    return {
      original: side(source),
      translation: side(other),
      equal: equal?.[test] ?? null,
      sameFill: {
        original: await this.#hasSameFill(tasks[source], test, { ...place, side: NAMES[source] }),
        translation: await this.#hasSameFill(tasks[other], test, { ...place, side: NAMES[other] }),
      },
    }
  }

  /** Whether a side prints the same in the plain and in the isolated run, which fill memory otherwise: addresses aside, numbers within the tolerance. */
  async #hasSameFill({ plain, isolated }: Tasks[Side], test: number, place: AuditPlace): Promise<SameFill> {
    const [a, b] = [plain?.cells[test], isolated?.cells[test]]
    if (a?.status !== 'success' || b?.status !== 'success') return null
    const compare = comparatorOf(this.#manifest)
    if (a.masked === b.masked || compare === null) return a.masked === b.masked
    const printed = await this.#archive.bytes(a.output, place, 'the output of a plain run')
    return differenceOfTexts(printed, (await this.#report(b, place)).printed, compare.float) === null
  }

  #checkJudgement({ line, judgement }: CaseRecord, own: Rejudged): void {
    if (judgement === null) return
    if (judgement.cells.length !== own.cells.length)
      throw new AuditFailure('judgement', { line }, 'it is not judged test by test')
    for (const rule of ['compat', 'strict'] as const) {
      for (const [test, cell] of own.cells.entries()) {
        const said = judgement.cells[test]?.[rule]
        if (said === cell[rule]) continue
        const what = `under the ${rule} rule it is said to be "${said}"; the decisions make it "${cell[rule]}"`
        throw new AuditFailure('judgement', { line, test: test + 1 }, what)
      }
      if (judgement[rule] === own[rule]) continue
      const what = `under the ${rule} rule the case is said to be "${judgement[rule]}"; its tests make it "${own[rule]}"`
      throw new AuditFailure('judgement', { line }, what)
    }
  }

  /** The product over what the judgement rests on: all tests, or for "different" the surest that failed. */
  #checkConfidence({ judgement }: CaseRecord, { cpp, cuda }: Tasks): void {
    const { spec, singleOperator } = this.#manifest
    const { rule, policy } = spec
    if (singleOperator || judgement === null || judgement[rule] === 'undecided') return
    const used = [cpp, cuda]
      .flatMap(({ coverage: _, ...side }) => (rule === 'compat' ? [side.plain] : Object.values(side)))
      .filter((task) => task !== undefined)
    const one = policy.kind === 'majority' ? majorityConfidence(policy.quorum, WRONG_SHARE) : 1
    const ofTest = (test: number) =>
      used.reduce((product, task) => product * (policy.kind === 'majority' ? one : (task.cells[test]?.confidence ?? 1)), 1)
    const tests = [...judgement.cells.keys()]
    const failed = tests.filter((test) => judgement.cells[test]?.[rule] === 'fail')
    const isDifferent = judgement[rule] === 'different'
    this.#tally.state(isDifferent ? Math.max(...failed.map(ofTest)) : tests.reduce((product, test) => product * ofTest(test), 1))
  }
}
