import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { measureDisk } from './load/disk.ts'
import { measureCoordinator } from './load/measure.ts'
import { diskLine, linesOf } from './load/report.ts'

const HELP = `What one coordinator carries: a process of its own as people start it, libp2p over TCP and noise on loopback, its store
synced to disk, every signature checked. Nodes are hosts of their own, some hundred in each of a few processes; they speak
the protocol with a node's own code, sign with a key of their own, and answer at once instead of running anything.

    npm run bench:coordinator -- [options]

    --nodes N        nodes that are connected all the time (default 1000)
    --processes N    processes they live in (default 2)
    --sizes LIST     rounds of so many cases, one after the other: what a task costs with the size
                     (default 1000,10000; the long form 1000,10000,100000)
    --rate N         verdicts a second that nodes offer while the way from signed to acknowledged is timed (default 510;
                     ack_rate_per_s says what came of it)
    --seconds N      for so long (default 30), in a round that is sent before; some seconds before it are not timed
    --verdicts N     afterwards, rounds of 10,000 cases until so many verdicts are in: what memory does
                     (default 0: left out; the long form 1000000)
    --disk           at the end, what its rounds take on disk, and what when they are archived and pruned
    --folder DIR     where the coordinator's folder is made (default: the system's temporary one)
    --profile DIR    a profile of the coordinator's processor time there (chrome://inspect reads it)
    --json           one JSON object on the last line

A case has 5 tests, two tasks (each side's plain run), and two verdicts a task (two of three, and nobody lies).
verdicts_per_s is of the largest round, from its first message until it is aggregated, while everything shares the machine:
cpu says who took how much of it, and verdicts_per_coordinator_cpu_s what would be left on a machine of its own. At that
rate every wait is full, so ack_p95_ms is of the paced stretch; ack_full_p95_ms is of the largest round.
`
const { values } = parseArgs({
  options: {
    nodes: { type: 'string', default: '1000' },
    processes: { type: 'string', default: '2' },
    sizes: { type: 'string', default: '1000,10000' },
    rate: { type: 'string', default: '510' },
    seconds: { type: 'string', default: '30' },
    verdicts: { type: 'string', default: '0' },
    disk: { type: 'boolean', default: false },
    folder: { type: 'string', default: tmpdir() },
    profile: { type: 'string' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

// A signal ends the process the usual way, so that its children go with it.
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => process.exit(1))

if (values.help) process.stdout.write(HELP)
else await bench()

async function bench(): Promise<void> {
  await using folder = await mkdtempDisposable(join(values.folder, 'kernelswarm-bench-'))
  const figures = await measureCoordinator(
    folder.path,
    {
      nodes: Number(values.nodes),
      processes: Number(values.processes),
      sizes: values.sizes.split(',').map(Number),
      rate: Number(values.rate),
      seconds: Number(values.seconds),
      verdicts: Number(values.verdicts),
      profile: values.profile ?? null,
    },
    (line) => process.stderr.write(`${line}\n`),
  )
  process.stdout.write(`${linesOf(figures).join('\n')}\n`)
  const disk = values.disk ? await measureDisk(join(folder.path, 'coordinator')) : null
  if (disk !== null) process.stdout.write(`${diskLine(disk)}\n`)
  if (values.json) process.stdout.write(`${JSON.stringify({ ...figures, disk })}\n`)
}
