import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { percentile, rounded } from './figures.ts'
import { ATTACKS } from './flood/attacks.ts'
import type { Said, Told } from './flood/hostile-process.ts'
import { LoadSwarm, type Stretch } from './load/swarm.ts'
import { ToldProcess } from './load/told-process.ts'

const HELP = `What hostile peers take from honest nodes: a coordinator as people start it, nodes that answer at a steady rate, and hostile peers,
each with an address of its own in 127/8 and with ever new keys. Stretches with and without them take turns, in one run.

    npm run bench:flood -- [options]

    --nodes N      honest nodes (default 100)
    --rate N       verdicts a second that they offer (default 200)
    --hostile N    hostile peers (default 200)
    --seconds N    of one stretch (default 15)
    --pairs N      stretches of each kind (default 3)
    --only ATTACK  one of: ${Object.keys(ATTACKS).join(', ')} (default: all, in turn)
    --json         one JSON object on the last line

The peers' process has the lowest priority: it stands for other machines; how much it came to do is said. Throughput is what was acknowledged a second.
`
const { values } = parseArgs({
  options: {
    nodes: { type: 'string', default: '100' },
    rate: { type: 'string', default: '200' },
    hostile: { type: 'string', default: '200' },
    seconds: { type: 'string', default: '15' },
    pairs: { type: 'string', default: '3' },
    only: { type: 'string' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

/** What a flood comes to. */
export interface FloodFigures {
  hostile: number
  /** Connections, streams and messages that they tried. */
  tries_per_s: number
  quiet_verdicts_per_s: number
  flood_verdicts_per_s: number
  /** Throughput with the flood, of that without. */
  ratio: number
  quiet_ack_p95_ms: number
  flood_ack_p95_ms: number
  /** Cores the coordinator took. */
  quiet_cpu: number
  flood_cpu: number
  /** Honest connections that ended. */
  lost: number
  rss_mib: number
}

const ATTACKERS = new URL('flood/hostile-process.ts', import.meta.url)
const SLOTS = 2
const VERDICTS = 4
const HONEST_NET = 20
const HOSTILE_NET = 100

for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => process.exit(1))

if (values.help) process.stdout.write(HELP)
else await bench()

async function bench(): Promise<void> {
  const { nodes, rate, hostile, seconds, pairs } = Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, Number(value)]),
  ) as Record<'nodes' | 'rate' | 'hostile' | 'seconds' | 'pairs', number>
  await using folder = await mkdtempDisposable(join(tmpdir(), 'kernelswarm-flood-'))
  await using swarm = await LoadSwarm.start(folder.path, { processes: 1, profile: null })
  await using attackers = new ToldProcess<Told, Said>(ATTACKERS)
  await swarm.join(nodes, SLOTS, { net: HONEST_NET })
  await swarm.round(nodes)
  await swarm.pace(((nodes * SLOTS) / rate) * 1000)
  const cases = Math.ceil((rate * seconds) / VERDICTS)
  const quiet: Stretch[] = []
  const flooded: Stretch[] = []
  let tries = 0
  for (let pair = 0; pair < pairs; pair++) {
    quiet.push(await swarm.round(cases))
    const { address } = swarm.coordinator
    await attackers.tell({ t: 'begin', address, peers: hostile, net: HOSTILE_NET, only: values.only ?? null })
    flooded.push(await swarm.round(cases))
    tries = (await attackers.tell({ t: 'end' })).tries
  }
  say(figuresOf({ hostile, tries, lost: swarm.seen.lost }, quiet, flooded))
}

function figuresOf(
  { hostile, tries, lost }: { hostile: number; tries: number; lost: number },
  quiet: readonly Stretch[],
  flooded: readonly Stretch[],
): FloodFigures {
  const sum = (all: readonly Stretch[], of: (one: Stretch) => number) => all.reduce((total, one) => total + of(one), 0)
  const perSecond = (all: readonly Stretch[]) => sum(all, ({ acknowledged }) => acknowledged) / sum(all, ({ wallS }) => wallS)
  const p95 = (all: readonly Stretch[]) =>
    rounded(
      percentile(
        all.flatMap(({ ackMs }) => ackMs),
        0.95,
      ),
    )
  const cpu = (all: readonly Stretch[]) =>
    rounded(sum(all, ({ coordinatorCpuS }) => coordinatorCpuS) / sum(all, ({ wallS }) => wallS))
  return {
    hostile,
    tries_per_s: rounded(tries / sum(flooded, ({ wallS }) => wallS)),
    quiet_verdicts_per_s: rounded(perSecond(quiet)),
    flood_verdicts_per_s: rounded(perSecond(flooded)),
    ratio: rounded(perSecond(flooded) / perSecond(quiet)),
    quiet_ack_p95_ms: p95(quiet),
    flood_ack_p95_ms: p95(flooded),
    quiet_cpu: cpu(quiet),
    flood_cpu: cpu(flooded),
    lost,
    rss_mib: Math.round((flooded.at(-1)?.residentBytes ?? 0) / 2 ** 20),
  }
}

function say(figures: FloodFigures): void {
  const { hostile, ratio, lost, rss_mib } = figures
  process.stdout.write(
    `quiet            ${figures.quiet_verdicts_per_s} verdicts a second, acknowledged within ${figures.quiet_ack_p95_ms} ms for 95 of 100, coordinator ${figures.quiet_cpu} cores
${`${hostile} hostile peers`.padEnd(16)} ${figures.flood_verdicts_per_s} verdicts a second, within ${figures.flood_ack_p95_ms} ms, ${figures.flood_cpu} cores, ${rss_mib} MiB; they tried ${figures.tries_per_s} things a second
throughput       ${Math.round(100 * ratio)} % of what it is without them; ${lost} honest connections lost
`,
  )
  if (values.json) process.stdout.write(`${JSON.stringify(figures)}\n`)
}
