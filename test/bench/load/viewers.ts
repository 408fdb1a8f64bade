import { percentile, rounded } from '../figures.ts'
import { LoadSwarm, type Stretch } from './swarm.ts'
import { ToldProcess } from './told-process.ts'
import type { ToldViewers, Watched } from './viewers-process.ts'

const VIEWERS = new URL('viewers-process.ts', import.meta.url)
/** Runs under way at a time on each node. */
const SLOTS = 2

export interface ViewersInit {
  nodes: number
  processes: number
  viewers: number
  /** Of each round. */
  cases: number
  /** Rounds with viewers, and as many without. */
  pairs: number
}

export interface Half {
  verdicts_per_s: number
  coordinator_cpu_ms_per_verdict: number
}

export interface ViewersFigures {
  nodes: number
  viewers: number
  cases: number
  pairs: { without: Half; with: Half }[]
  /** With viewers to without, of each pair, the one in the middle. */
  throughput_ratio: number
  coordinator_cpu_ratio: number
  /** The coordinator's verdicts a second of its own processor, with viewers to without: what the machine's other work has no part in. */
  verdicts_per_cpu_ratio: number
  changes_per_viewer: number
  changes_per_viewer_per_s: number
  kib_per_change: number
  viewers_lost: number
}

/**
 * What people who watch cost: rounds with viewers and without, in turns and in changing order, so that what else the machine does
 * meanwhile is in both.
 */
export async function measureViewers(folder: string, init: ViewersInit, say: (line: string) => void): Promise<ViewersFigures> {
  await using swarm = await LoadSwarm.start(folder, { processes: init.processes, profile: null, http: true })
  const { url } = swarm.coordinator
  if (url === null) throw new Error('the coordinator serves no page')
  await using people = new ToldProcess<ToldViewers, Watched>(VIEWERS)
  await swarm.join(init.nodes, SLOTS)
  await swarm.round(init.cases)
  const pairs: ViewersFigures['pairs'] = []
  const seen = { changes: 0, bytes: 0, lost: 0, wallS: 0 }
  for (let pair = 0; pair < init.pairs; pair++) {
    const halves: Partial<Record<'with' | 'without', Half>> = {}
    for (const which of pair % 2 === 0 ? (['without', 'with'] as const) : (['with', 'without'] as const)) {
      if (which === 'with') await people.tell({ t: 'watch', url, viewers: init.viewers })
      await people.tell({ t: 'report' })
      const stretch = await swarm.round(init.cases)
      const { watching, changes, bytes, lost } = await people.tell({ t: 'report' })
      if (which === 'with') {
        if (watching !== init.viewers) throw new Error(`${watching} of ${init.viewers} viewers are left`)
        seen.changes += changes
        seen.bytes += bytes
        seen.lost += lost
        seen.wallS += stretch.wallS
        await people.tell({ t: 'leave' })
      }
      halves[which] = halfOf(stretch)
    }
    const both = halves as Required<typeof halves>
    pairs.push(both)
    say(
      `pair ${pair + 1}: ${both.without.verdicts_per_s} verdicts/s without, ${both.with.verdicts_per_s} with; ${both.without.coordinator_cpu_ms_per_verdict} and ${both.with.coordinator_cpu_ms_per_verdict} CPU ms a verdict`,
    )
  }
  const middle = (of: (half: Half) => number) =>
    rounded(
      percentile(
        pairs.map((pair) => of(pair.with) / of(pair.without)),
        0.5,
      ),
    )
  const perViewer = seen.changes / init.viewers
  return {
    ...{ nodes: init.nodes, viewers: init.viewers, cases: init.cases, pairs },
    throughput_ratio: middle((half) => half.verdicts_per_s),
    coordinator_cpu_ratio: middle((half) => half.coordinator_cpu_ms_per_verdict),
    verdicts_per_cpu_ratio: middle((half) => 1 / half.coordinator_cpu_ms_per_verdict),
    changes_per_viewer: rounded(perViewer),
    changes_per_viewer_per_s: rounded(perViewer / seen.wallS),
    kib_per_change: seen.changes === 0 ? 0 : rounded(seen.bytes / seen.changes / 1024),
    viewers_lost: seen.lost,
  }
}

function halfOf({ acknowledged, wallS, coordinatorCpuS }: Stretch): Half {
  return {
    verdicts_per_s: rounded(acknowledged / wallS),
    coordinator_cpu_ms_per_verdict: rounded((1000 * coordinatorCpuS) / acknowledged),
  }
}

/** The figures for people. */
export function viewersLines(figures: ViewersFigures): string[] {
  const { nodes, viewers, pairs, cases } = figures
  return [
    `viewers        ${viewers}, ${nodes} nodes, ${pairs.length} pairs of rounds of ${cases} cases`,
    `verdicts       with viewers ${figures.throughput_ratio} of what they are without, by the clock; ${figures.verdicts_per_cpu_ratio} by the coordinator's own processor time`,
    `live           ${figures.changes_per_viewer_per_s} changes a second to each viewer, ${figures.kib_per_change} KiB each, ${figures.viewers_lost} viewers lost`,
  ]
}
