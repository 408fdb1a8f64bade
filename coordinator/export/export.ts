import type { z } from 'zod'
import { downloadOf, fileOf, paths } from '../explorer/paths.js'
import { explorerFiles } from '../http/pages.ts'
import { Show } from '../http/query.ts'
import {
  Activity,
  CaseDetail,
  Cases,
  Files,
  Incidents,
  Matrix,
  NamedBytes,
  Node,
  Nodes,
  Round,
  Rounds,
  Status,
  Summary,
  Trust,
  Verdict,
} from '../http/schemas.ts'
import { ExportFolder } from './folder.ts'
import { Source } from './source.ts'

/** Answers asked for at the same time: half of the case pages that a coordinator puts together at once. */
const AT_ONCE = 4

export interface ExportInit {
  /** Where the coordinator's explorer is. */
  url: string
  /** A new folder, or an empty one. */
  folder: string
  signal: AbortSignal
  /** Told now and then. */
  onProgress?: (written: { files: number; bytes: number }, at: string) => void
}

export interface Exported {
  files: number
  bytes: number
  rounds: number
  exportedAt: number
}

/**
 * Writes an explorer with all that it shows into a folder, to be looked at over any static host, with the coordinator gone.
 * It is the live page's own files, and the answers that this asks for, under the same names (`explorer/paths.js`): what
 * nobody is shown is not in it. What goes on meanwhile is in some answers and not in others.
 * @throws UsageError `refused` when it does not answer, or not as this version knows; `file` when the folder cannot be written
 */
export async function exportExplorer({ url, folder, signal, onProgress = () => {} }: ExportInit): Promise<Exported> {
  await using target = await ExportFolder.begin(folder)
  const copy = new Copy(new Source(url, signal), target, onProgress)
  const exportedAt = Date.now()
  await copy.swarm(exportedAt)
  const rounds = await copy.rounds()
  await copy.nodes()
  for (const { name, bytes } of await explorerFiles()) await target.write(name, bytes)
  await target.finish()
  return { ...target.written, rounds, exportedAt }
}

/** Follows what pages link to, and keeps every answer. */
class Copy {
  readonly #source: Source
  readonly #target: ExportFolder
  readonly #told: NonNullable<ExportInit['onProgress']>

  constructor(source: Source, target: ExportFolder, told: NonNullable<ExportInit['onProgress']>) {
    this.#source = source
    this.#target = target
    this.#told = told
  }

  async swarm(exportedAt: number): Promise<void> {
    const { value } = await this.#source.read(paths.status(), Status)
    await this.#target.write(nameOf(paths.status()), JSON.stringify({ ...value, exportedAt }))
    await this.#keep(paths.activity(), Activity)
    await this.#keep(paths.trust(), Trust)
    await this.#list(paths.incidents, Incidents)
  }

  /** @returns how many */
  async rounds(): Promise<number> {
    const all = await this.#list(paths.rounds, Rounds)
    for (const { round } of all) await this.#round(round)
    return all.length
  }

  async nodes(): Promise<void> {
    const all = await this.#list(paths.nodes, Nodes)
    await together(all, async ({ node }) => void (await this.#keep(paths.node(node), Node)))
  }

  async #round(round: string): Promise<void> {
    const detail = await this.#keep(paths.round(round), Round)
    await this.#keep(paths.summary(round), Summary)
    await this.#matrix(round)
    for (const show of Show.options) await this.#casePages(round, show)
    const lines = Array.from({ length: detail?.cases ?? 0 }, (_, index) => index + 1)
    await together(lines, async (line) => await this.#case(round, line))
    const listed = await this.#keep(paths.files(round), Files)
    for (const file of listed?.files ?? []) {
      const bytes = await this.#source.file(downloadOf(round, file))
      if (bytes !== null) await this.#target.writeAll(`api/v1/${downloadOf(round, file)}`, bytes)
      this.#tell(file)
    }
  }

  async #matrix(round: string): Promise<void> {
    for (let tile = 0; ; tile++) {
      const found = await this.#keep(paths.matrix(round, tile), Matrix)
      if (found === null || (tile + 1) * found.tileCases >= found.total) return
    }
  }

  /** Pages lead to the one after and the one before, which are not always the same pages. */
  async #casePages(round: string, show: string): Promise<void> {
    const places = new Set([0])
    for (const from of places) {
      const page = await this.#keep(paths.cases(round, { show, from }), Cases)
      for (const next of [page?.next, page?.previous]) if (next !== null && next !== undefined) places.add(next)
    }
  }

  async #case(round: string, line: number): Promise<void> {
    const item = await this.#keep(paths.case(round, line), CaseDetail)
    if (item?.ballots == null) return
    for (const { verdicts } of [...item.ballots.cpp, ...item.ballots.cuda]) {
      for (const { verdict, tests } of verdicts) await this.#verdict(verdict, tests.length)
    }
  }

  /** Cases that share a program share its verdicts. */
  async #verdict(cid: string, tests: number): Promise<void> {
    if (await this.#target.has(nameOf(paths.verdict(cid)))) return
    await this.#keep(paths.verdict(cid), Verdict)
    for (let test = 1; test <= tests; test++) await this.#keep(paths.output(cid, test), NamedBytes)
    await this.#keep(paths.program(cid), NamedBytes)
  }

  async #list<T>(pathOf: (from: number) => string, schema: z.ZodType<{ next: number | null; items: T[] }>): Promise<T[]> {
    const all: T[] = []
    for (let from: number | null = 0; from !== null; ) {
      const page: { next: number | null; items: T[] } | null = await this.#keep(pathOf(from), schema)
      all.push(...(page?.items ?? []))
      from = page?.next ?? null
    }
    return all
  }

  /** @returns what it says, or null where it was refused: then the refusal is what is kept */
  async #keep<T>(path: string, schema: z.ZodType<T>): Promise<T | null> {
    const { bytes, value } = await this.#source.read(path, schema)
    await this.#target.write(nameOf(path), bytes)
    this.#tell(path)
    return value
  }

  #tell(at: string): void {
    this.#told(this.#target.written, at)
  }
}

function nameOf(path: string): string {
  return `api/v1/${fileOf(path)}`
}

/** Does something with each, some of them at the same time. */
async function together<T>(all: readonly T[], each: (one: T) => Promise<void>): Promise<void> {
  const left = all.values()
  const work = async () => {
    for (const one of left) await each(one)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
}
