import { BlockIndex, LaterPass, type Pass } from '../../protocol/index.ts'
import type { ArchiveFile } from './archive-file.ts'
import { AuditFailure } from './failure.ts'
import type { CaseRecord, Manifest, TaskRecord } from './records.ts'

/** Lists of tasks that are held: each is about a megabyte, and ten times that when it is read. Cases use tasks near each other. */
const LISTS_HELD = 8

/** Finds tasks by name and by case without holding them. */
export class TaskTable {
  readonly #archive: ArchiveFile
  readonly #links: readonly string[]
  /** Numbers of tasks by name. */
  readonly #index = new BlockIndex()
  /** Of the first task of every list. */
  readonly #starts: number[] = []
  /** Lists read last, the latest at the end. */
  readonly #held = new Map<number, TaskRecord[]>()
  #lines = new Uint32Array()

  private constructor(archive: ArchiveFile, links: readonly string[]) {
    this.#archive = archive
    this.#links = links
  }

  /** Reads all tasks and cases once: a task stands once, and where the first case that uses it mentions it. */
  static async of(archive: ArchiveFile, manifest: Manifest): Promise<TaskTable> {
    const table = new TaskTable(archive, manifest.tasks)
    for (const [at, link] of manifest.tasks.entries()) {
      const { records } = await archive.list('tasks', link, at)
      table.#starts.push(table.size)
      for (const { name } of records) {
        const number = table.size
        if (!table.#index.add(name, { offset: number, length: 0 }))
          throw new AuditFailure('record', { task: name }, 'it is listed twice')
      }
    }
    await table.#learnLines(manifest)
    return table
  }

  get size(): number {
    return this.#index.size
  }

  /** The first case that uses it. */
  lineOf(name: string): number {
    return this.#lines[this.#numberOf(name)] as number
  }

  async get(name: string): Promise<TaskRecord> {
    const number = this.#numberOf(name)
    const list = this.#starts.findLastIndex((start) => start <= number)
    return (await this.#list(list))[number - (this.#starts[list] as number)] as TaskRecord
  }

  /** Whether it is there. */
  has(name: string): boolean {
    return this.#index.find(name) !== undefined
  }

  async #learnLines(manifest: Manifest): Promise<void> {
    this.#lines = new Uint32Array(this.size)
    let next = 0
    for await (const record of this.#archive.records('cases', manifest)) {
      for (const { name } of tasksOf(record)) {
        const number = this.#index.find(name)?.number
        if (number === undefined) throw new AuditFailure('record', { line: record.line, task: name }, 'the task is not listed')
        if (number > next)
          throw new AuditFailure('record', { line: record.line, task: name }, 'the task is listed out of its order')
        if (number < next) continue
        this.#lines[next++] = record.line
      }
    }
    if (next < this.size) throw new AuditFailure('record', {}, `no case uses task ${next + 1} of the list`)
  }

  #numberOf(name: string): number {
    const place = this.#index.find(name)
    if (place === undefined) throw new AuditFailure('record', { task: name }, 'the task is not listed')
    return place.number
  }

  async #list(at: number): Promise<TaskRecord[]> {
    const held = this.#held.get(at) ?? (await this.#archive.list('tasks', this.#links[at] as string, at)).records
    this.#held.delete(at)
    this.#held.set(at, held)
    const [oldest] = this.#held.keys()
    if (this.#held.size > LISTS_HELD && oldest !== undefined) this.#held.delete(oldest)
    return held
  }
}

const SIDES = ['cpp', 'cuda'] as const

/** The tasks that a case names, plain runs first, in the order in which tasks are listed. */
export function tasksOf({ tasks, strict }: CaseRecord): { side: 'cpp' | 'cuda'; pass: Pass; name: string }[] {
  const plain = tasks === null ? [] : SIDES.map((side) => ({ side, pass: 'plain' as const, name: tasks[side] }))
  const passes = SIDES.flatMap((side) =>
    LaterPass.options.flatMap((pass) => {
      const name = strict[side][pass]
      return name === undefined ? [] : [{ side, pass, name }]
    }),
  )
  return [...plain, ...passes]
}
