import { percentile, rounded } from '../figures.ts'
import { LoadSwarm, type Stretch } from './swarm.ts'

/** Runs under way at a time on each node. */
const SLOTS = 2
/** Cases of the round before anything is measured: the coordinator's code is compiled then. */
const WARM_UP = 1_000
/** Rounds that memory is watched over have at most so many cases, and there are ten of them at least. */
const LONG_ROUND = 10_000
const LEAST_ROUNDS = 10
/** Tasks of a case, and verdicts. */
const TASKS = 2
const VERDICTS = 4
/** After all nodes were given work at once, before anything is timed: some runs. */
const MOST_SETTLING_S = 10
/** A round that is timed at a pace has cases for so much longer, so that no node is without work before. */
const SPARE_S = 10

export interface BenchInit {
  nodes: number
  processes: number
  sizes: number[]
  rate: number
  seconds: number
  verdicts: number
  profile: string | null
}

/** One round. */
export interface SizeFigures {
  cases: number
  wall_s: number
  verdicts_per_s: number
  decided_tasks_per_s: number
  coordinator_cpu_ms_per_task: number
  ack_p50_ms: number
  ack_p95_ms: number
  /** Seconds of the processor for each second of the clock. */
  coordinator_cpu: number
  load_cpu: number
  rss_mib: number
}

export interface CoordinatorFigures {
  nodes: number
  /** Nodes of which a verdict was acknowledged. */
  nodes_served: number
  connect_s: number
  connect_coordinator_cpu_s: number
  /** Connections that ended after the welcome. */
  connections_lost: number
  /** Tries to connect that came to nothing: more arrived than are admitted in a second. */
  connections_refused: number
  verdicts_per_s: number
  decided_tasks_per_s: number
  verdicts_per_coordinator_cpu_s: number
  ack_p50_ms: number
  ack_p95_ms: number
  ack_rate_per_s: number
  ack_full_p95_ms: number
  cost_per_task_ratio_1e4_to_1e3: number | null
  cost_per_task_ratio_1e5_to_1e3: number | null
  /** Memory at the end of the long run, to that after a tenth of it. */
  rss_growth_ratio: number | null
  /** The same of its own memory, without the database's files that it maps. */
  own_growth_ratio: number | null
  rss_mib: number
  sizes: SizeFigures[]
  long: { verdicts: number; rss_mib: number[]; own_mib: number[] } | null
}

/** Takes a swarm through all stretches, one after the other. */
export async function measureCoordinator(
  folder: string,
  init: BenchInit,
  say: (line: string) => void,
): Promise<CoordinatorFigures> {
  await using swarm = await LoadSwarm.start(folder, init)
  const joined = await swarm.join(init.nodes, SLOTS)
  say(`${init.nodes} nodes connected in ${rounded(joined.wallS)} s`)
  await swarm.round(Math.min(WARM_UP, ...init.sizes))
  const sizes: SizeFigures[] = []
  let largest: SizeFigures | null = null
  let paced: Stretch | null = null
  for (const cases of init.sizes) {
    const size = sizeFigures(cases, await swarm.round(cases))
    say(`${cases} cases: ${size.verdicts_per_s} verdicts/s, ${size.coordinator_cpu_ms_per_task} CPU ms of the coordinator a task`)
    sizes.push(size)
    if (largest === null || cases >= largest.cases) largest = size
    // Not after a large one, whose archive is made meanwhile.
    paced ??= await pacedStretch(swarm, init)
  }
  if (largest === null || paced === null) throw new Error('no size')
  const pacedCpu = rounded(paced.coordinatorCpuS / paced.wallS)
  say(
    `paced: ${rounded(paced.acknowledged / paced.wallS)} verdicts/s, the coordinator took ${pacedCpu} of a core, the load ${rounded(paced.loadCpuS / paced.wallS)}`,
  )
  const long = init.verdicts === 0 ? null : await longRun(swarm, init.verdicts, say)
  const perTask = (cases: number) => sizes.find((size) => size.cases === cases)?.coordinator_cpu_ms_per_task ?? null
  const ratio = (cases: number) => {
    const [large, small] = [perTask(cases), perTask(1_000)]
    return large === null || small === null ? null : rounded(large / small)
  }
  return {
    nodes: init.nodes,
    nodes_served: swarm.seen.served,
    connect_s: rounded(joined.wallS),
    connect_coordinator_cpu_s: rounded(joined.coordinatorCpuS),
    connections_lost: swarm.seen.lost,
    connections_refused: swarm.seen.refused,
    verdicts_per_s: largest.verdicts_per_s,
    decided_tasks_per_s: largest.decided_tasks_per_s,
    verdicts_per_coordinator_cpu_s: rounded((VERDICTS / TASKS / largest.coordinator_cpu_ms_per_task) * 1000),
    ack_p50_ms: rounded(percentile(paced.ackMs, 0.5)),
    ack_p95_ms: rounded(percentile(paced.ackMs, 0.95)),
    ack_rate_per_s: rounded(paced.acknowledged / paced.wallS),
    ack_full_p95_ms: largest.ack_p95_ms,
    cost_per_task_ratio_1e4_to_1e3: ratio(10_000),
    cost_per_task_ratio_1e5_to_1e3: ratio(100_000),
    rss_growth_ratio: long === null ? null : growthOf(long.rssMib),
    own_growth_ratio: long === null ? null : growthOf(long.ownMib),
    rss_mib: mib((await swarm.round(1)).residentBytes),
    sizes,
    long: long === null ? null : { verdicts: long.verdicts, rss_mib: long.rssMib, own_mib: long.ownMib },
  }
}

function sizeFigures(cases: number, stretch: Stretch): SizeFigures {
  const { wallS, acknowledged, coordinatorCpuS, loadCpuS, ackMs } = stretch
  return {
    cases,
    wall_s: rounded(wallS),
    verdicts_per_s: rounded(acknowledged / wallS),
    decided_tasks_per_s: rounded((cases * TASKS) / wallS),
    coordinator_cpu_ms_per_task: rounded((coordinatorCpuS / (cases * TASKS)) * 1000),
    ack_p50_ms: rounded(percentile(ackMs, 0.5)),
    ack_p95_ms: rounded(percentile(ackMs, 0.95)),
    coordinator_cpu: rounded(coordinatorCpuS / wallS),
    load_cpu: rounded(loadCpuS / wallS),
    rss_mib: mib(stretch.residentBytes),
  }
}

/** As many verdicts a second as are asked for, for a while: each slot takes a run that takes its share of the time. */
async function pacedStretch(swarm: LoadSwarm, { nodes, rate, seconds }: BenchInit): Promise<Stretch> {
  await swarm.pace(((nodes * SLOTS) / rate) * 1000)
  const settlingS = Math.min(MOST_SETTLING_S, seconds)
  const verdicts = rate * (settlingS + seconds + SPARE_S) + nodes * SLOTS
  return await swarm.steady(Math.ceil(verdicts / VERDICTS), { settlingS, timedS: seconds })
}

async function longRun(
  swarm: LoadSwarm,
  verdicts: number,
  say: (line: string) => void,
): Promise<{ verdicts: number; rssMib: number[]; ownMib: number[] }> {
  const rssMib: number[] = []
  const ownMib: number[] = []
  const cases = Math.min(LONG_ROUND, Math.ceil(verdicts / VERDICTS / LEAST_ROUNDS))
  let done = 0
  while (done < verdicts) {
    const { acknowledged, residentBytes, ownBytes, wallS } = await swarm.round(cases)
    done += acknowledged
    rssMib.push(mib(residentBytes))
    ownMib.push(mib(ownBytes))
    say(
      `${done} verdicts, ${mib(residentBytes)} MiB, ${mib(ownBytes)} without mapped files, ${rounded(acknowledged / wallS)} verdicts/s`,
    )
  }
  return { verdicts: done, rssMib, ownMib }
}

/** Memory at the end to that after a tenth. The median of some samples, not one: memory is given back when the collector likes. */
function growthOf(samples: readonly number[]): number {
  const tenth = Math.max(1, Math.round(samples.length / 10))
  return rounded(percentile(samples.slice(-tenth), 0.5) / percentile(samples.slice(tenth - 1, 2 * tenth - 1), 0.5))
}

function mib(bytes: number): number {
  return Math.round(bytes / 1024 ** 2)
}
