import {
  type Case,
  type ExecutorName,
  nameProgram,
  type Pass,
  programOf,
  type RoundSpec,
  SIDES,
  type Side,
  STRICT_PASSES,
  type SwarmFigures,
} from '../../protocol/index.ts'
import { grouped, many, span } from './words.ts'

/** Names held at a time; of more programs their number is told from a sample, within about half a per cent. */
const MOST_NAMES = 65_536
const HASH_BITS = 48

/**
 * Counts different names in bounded memory: exactly as long as they are few, then from those whose hash is below a bound that
 * is halved whenever they are too many (Gibbons' distinct sampling).
 */
export class DistinctCount {
  readonly #most: number
  #kept = new Set<number>()
  #halvings = 0

  /** @param most names held at a time */
  constructor(most: number = MOST_NAMES) {
    this.#most = most
  }

  /** @param hash evenly distributed, 48 bits */
  add(hash: number): void {
    if (hash >= 2 ** (HASH_BITS - this.#halvings)) return
    this.#kept.add(hash)
    while (this.#kept.size > this.#most) {
      this.#halvings++
      const bound = 2 ** (HASH_BITS - this.#halvings)
      this.#kept = new Set([...this.#kept].filter((one) => one < bound))
    }
  }

  get count(): number {
    return this.#kept.size * 2 ** this.#halvings
  }
}

/** How many programs there are of each side, those that are the same counted once. */
export class ProgramCount {
  readonly #counts: Record<Side, DistinctCount> = { cpp: new DistinctCount(), cuda: new DistinctCount() }
  readonly note = async (item: Case): Promise<void> => {
    if (item.cppTests.length === 0) return
    for (const side of SIDES) {
      const { cid } = await nameProgram(programOf(item, side))
      // The last letters of a name are evenly distributed: it ends in a SHA-256, five bits a letter.
      this.#counts[side].add(lastBits(cid))
    }
  }

  get programs(): Record<Side, number> {
    return { cpp: this.#counts.cpp.count, cuda: this.#counts.cuda.count }
  }
}

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567'

/** 48 bits of a name in base 32, its last letter left out, which is not full. */
function lastBits(cid: string): number {
  const bits = [...cid.slice(-11, -1)].reduce((sum, letter) => sum * 32n + BigInt(BASE32.indexOf(letter)), 0n)
  return Number(bits & ((1n << BigInt(HASH_BITS)) - 1n))
}

/** What a round may come to. Null is what nobody can tell yet. */
export interface Estimate {
  cases: number
  /** After sharing. */
  programs: Record<Side, number>
  tasks: { plain: number; strict: number | null; atMost: number }
  replicas: number | null
  verdicts: number | null
  cpuHours: number | null
  gpuHours: number | null
  /** With the nodes that are connected now, and nothing else to do. */
  wallHours: number | null
  figures: SwarmFigures
}

/** Works out what a round costs from what others like it have cost. */
export function estimate(spec: RoundSpec, cases: number, programs: Record<Side, number>, figures: SwarmFigures): Estimate {
  const kinds = SIDES.flatMap((side) => kindsOf(spec, side))
  const plain = programs.cpp + programs.cuda
  const atMost = kinds.reduce((sum, { side }) => sum + programs[side], 0)
  const known = kinds.every(({ executor, pass }) => pass !== 'plain' || figureOf(figures, executor, 'plain').tasks > 0)
  const unknown = { replicas: null, verdicts: null, cpuHours: null, gpuHours: null, wallHours: null }
  const base = { cases, programs, figures }
  if (!known) return { ...base, ...unknown, tasks: { plain, strict: null, atMost } }
  const replicas = replicasOf(figures)
  let strict = 0
  const ms = { cpu: 0, gpu: 0 }
  for (const { side, executor, pass } of kinds) {
    const { tasks, verdicts, cpuMs, gpuMs } = figureOf(figures, executor, pass)
    // A strict pass is asked for of some programs only: of as many, to those run plainly, as in the rounds before.
    const wanted = pass === 'plain' ? programs[side] : (programs[side] * tasks) / figureOf(figures, executor, 'plain').tasks
    if (pass !== 'plain') strict += wanted
    if (verdicts === 0) continue
    ms.cpu += (wanted * replicas * cpuMs) / verdicts
    ms.gpu += (wanted * replicas * gpuMs) / verdicts
  }
  const hours = (value: number) => value / 3_600_000
  return {
    ...base,
    tasks: { plain, strict: Math.round(strict), atMost },
    replicas,
    verdicts: Math.round((plain + strict) * replicas),
    cpuHours: hours(ms.cpu),
    gpuHours: hours(ms.gpu),
    wallHours: figures.slots === 0 ? null : hours(ms.cpu + ms.gpu) / figures.slots,
  }
}

function kindsOf(spec: RoundSpec, side: Side): { side: Side; executor: ExecutorName; pass: Pass }[] {
  const executor = side === 'cpp' ? 'host' : spec.executor
  const strict = STRICT_PASSES[executor].filter((pass) => spec.passes.includes(pass))
  return (['plain', ...strict] as const).map((pass) => ({ side, executor, pass }))
}

function figureOf({ kinds }: SwarmFigures, executor: ExecutorName, pass: Pass): SwarmFigures['kinds'][number] {
  const none = { executor, pass, tasks: 0, verdicts: 0, cpuMs: 0, gpuMs: 0 }
  return kinds.find((kind) => kind.executor === executor && kind.pass === pass) ?? none
}

/** Verdicts a task: with this policy, or, where it is new here, with any. */
function replicasOf({ samePolicy, kinds }: SwarmFigures): number {
  if (samePolicy.tasks > 0) return samePolicy.verdicts / samePolicy.tasks
  const sum = (of: 'tasks' | 'verdicts') => kinds.reduce((total, kind) => total + kind[of], 0)
  return sum('verdicts') / sum('tasks')
}

/** The estimate as a table for people. */
export function estimateLines(spec: RoundSpec, made: Estimate): string[] {
  const { cases, programs, tasks, replicas, verdicts, cpuHours, gpuHours, wallHours, figures } = made
  const unknown = `not known: no case of such a round (${spec.executor}, ${spec.passes.length === 0 ? 'no strict passes' : spec.passes.join(', ')}) has been judged here yet`
  const hours = (value: number) => span(value * 3_600_000)
  const policy =
    spec.policy.kind === 'majority'
      ? `${spec.policy.quorum} to ${spec.policy.replicas} by the policy`
      : `at most ${spec.policy.replicas} by the policy`
  const rows: [string, string][] = [
    ['cases', grouped(cases)],
    [
      'programs',
      `${grouped(programs.cpp + programs.cuda)} after sharing, of ${grouped(2 * cases)}: ${grouped(programs.cpp)} C++, ${grouped(programs.cuda)} CUDA`,
    ],
    [
      'tasks',
      tasks.strict === null
        ? `${grouped(tasks.plain)} to ${grouped(tasks.atMost)}`
        : `about ${grouped(tasks.plain + tasks.strict)}: ${grouped(tasks.plain)} plain, ${grouped(tasks.strict)} of the strict passes (at most ${grouped(tasks.atMost)})`,
    ],
    ['replicas', replicas === null ? policy : `${replicas.toFixed(2)} a task (${policy}); ${grouped(verdicts ?? 0)} verdicts`],
    ['cost', cpuHours === null ? unknown : `${hours(cpuHours)} of CPUs, ${hours(gpuHours ?? 0)} of GPUs, all nodes together`],
    [
      'time',
      wallHours === null
        ? cpuHours === null
          ? 'not known'
          : 'not known: no node is connected that can serve it'
        : `about ${hours(wallHours)} on the ${many(figures.nodes, 'node')} connected now (${many(figures.slots, 'program')} at a time), if they do nothing else`,
    ],
    ...(cpuHours === null
      ? []
      : [['from', `${many(figures.cases, 'judged case')} of ${many(figures.rounds, 'round')} here`] as [string, string]]),
  ]
  return [
    ...rows.map(([name, text]) => `${name.padEnd(10)} ${text}`),
    'What was decided here before under the same policy costs nothing, and is not taken off.',
  ]
}
