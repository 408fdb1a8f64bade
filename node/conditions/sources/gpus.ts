import { type Fact, type Facts, type GpuFact, known, unknown } from '../facts.ts'
import { readProcesses, treeOf } from './process-table.ts'
import type { Source } from './source.ts'

const EVERY_MS = 10_000

export const GPU_QUESTION = ['--query-gpu=index,uuid,name,temperature.gpu,power.draw,fan.speed', '--format=csv,noheader,nounits']
export const APPS_QUESTION = ['--query-compute-apps=gpu_uuid,pid,process_name', '--format=csv,noheader,nounits']

export interface GpusInit {
  /** Asks nvidia-smi; null where there is none. */
  ask: ((args: readonly string[], options: { signal: AbortSignal }) => Promise<string>) | null
  /** Whether a program of ours is on a GPU now. */
  isBusy: () => boolean
  /** @default '/proc' */
  root?: string
  /** @default this process */
  pid?: number
}

/** GPUs by nvidia-smi: how hot, loud and thirsty they are, and who else computes on them. */
export class GpusSource implements Source {
  readonly name = 'nvidia-smi'
  readonly tells = ['gpus'] as const
  readonly #init: GpusInit
  constructor(init: GpusInit) {
    this.#init = init
  }

  everyMs(): number {
    return EVERY_MS
  }

  async look(_: unknown, __: number, options: { signal: AbortSignal }): Promise<Partial<Facts>> {
    const { ask } = this.#init
    if (ask === null) return { gpus: known(null) }
    const [gpus, apps] = await Promise.all([ask(GPU_QUESTION, options), this.#apps(options)])
    const facts = parseGpuFacts(gpus, apps)
    if (facts.length === 0 && gpus.trim() !== '') throw new Error('nvidia-smi answers otherwise than it does elsewhere')
    return { gpus: known(facts) }
  }

  /** Programs of others by the UUID of their GPU; null where nvidia-smi does not say. */
  async #apps(options: { signal: AbortSignal }): Promise<Map<string, string[]> | null> {
    const { ask, isBusy, root = '/proc', pid = process.pid } = this.#init
    const answer = await ask?.(APPS_QUESTION, options).catch(() => null)
    if (answer === undefined || answer === null) return null
    const rows = readProcesses(root)
    const [there, own] = [new Set(rows.map((row) => row.pid)), treeOf(rows, pid)]
    // In a container others' numbers mean nothing, nor do ours: while ours run, those that nobody knows are taken for ours.
    return parseApps(answer, (app) => !own.has(app) && (there.has(app) || !isBusy()))
  }
}

/**
 * Lines of GPU_QUESTION, one a GPU; what is no such line, as where one has fallen off its bus, is left out. What a card has not is
 * `[N/A]` or `[Not Supported]`.
 */
export function parseGpuFacts(text: string, apps: ReadonlyMap<string, string[]> | null): GpuFact[] {
  return text.split('\n').flatMap((line): GpuFact[] => {
    const fields = fieldsOf(line)
    const [index = '', uuid = ''] = fields
    // A model's name may have commas, the values have none.
    const [temperature, power, fan] = fields.slice(-3)
    if (!/^\d+$/.test(index) || !/^GPU-[0-9a-f-]+$/i.test(uuid) || fields.length < 6) return []
    return [
      {
        index: Number(index),
        uuid,
        name: fields.slice(2, -3).join(', '),
        // Every GPU has a temperature: one that does not say it may have any.
        temperatureCelsius: needed(numberIn(temperature)),
        powerWatts: needed(numberIn(power)),
        fanPercent: numberIn(fan),
        others: apps === null ? unknown('nvidia-smi does not say what computes on it') : known(apps.get(uuid) ?? []),
      },
    ]
  })
}

/** By comma and blank: a number that somebody's language writes with a comma stays one field, and is no number then. */
function fieldsOf(line: string): string[] {
  return line.split(/,\s+/).map((field) => field.trim())
}

function needed(fact: Fact<number | null>): Fact<number | null> {
  return fact.known && fact.value === null ? unknown('nvidia-smi does not say') : fact
}

function numberIn(field = ''): Fact<number | null> {
  if (/^\d+(\.\d+)?$/.test(field)) return known(Number(field))
  return /^\[(N\/A|Not Supported)\]$/i.test(field) ? known(null) : unknown(`nvidia-smi says ${field.slice(0, 40)}`)
}

/** Lines of APPS_QUESTION: names of those that count, by GPU. */
export function parseApps(text: string, counts: (pid: number) => boolean): Map<string, string[]> {
  const found = new Map<string, string[]>()
  for (const line of text.split('\n')) {
    const [uuid = '', pid = '', ...name] = fieldsOf(line)
    if (!/^GPU-/i.test(uuid) || !/^\d+$/.test(pid) || !counts(Number(pid))) continue
    const called = name.join(', ').split(/[/\\]/).at(-1) || 'another program'
    found.set(uuid, [...(found.get(uuid) ?? []), /^\[.*\]$/.test(called) ? 'another program' : called])
  }
  return found
}
