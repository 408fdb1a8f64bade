import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { measureViewers, viewersLines } from './load/viewers.ts'

const HELP = `What people who watch take from a coordinator: rounds with viewers and without, in turns, in one run. The coordinator is a
process of its own as people start it, its nodes and its viewers are processes of their own; viewers take the live events
over HTTP on loopback, each over its own connection.

    npm run bench:explorer -- [options]

    --viewers N      people who watch (default 1000)
    --nodes N        nodes that are connected all the time (default 100)
    --processes N    processes these live in (default 1)
    --cases N        cases of each round, four verdicts each (default 1500)
    --pairs N        rounds with viewers, and as many without (default 6)
    --folder DIR     where the coordinator's folder is made (default: the system's temporary one)
    --json           the figures as one JSON object, on the last line
`
const { values } = parseArgs({
  options: {
    viewers: { type: 'string', default: '1000' },
    nodes: { type: 'string', default: '100' },
    processes: { type: 'string', default: '1' },
    cases: { type: 'string', default: '1500' },
    pairs: { type: 'string', default: '6' },
    folder: { type: 'string', default: tmpdir() },
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
  const { viewers, nodes, processes, cases, pairs } = values
  const init = {
    ...{ viewers: Number(viewers), nodes: Number(nodes), processes: Number(processes) },
    ...{ cases: Number(cases), pairs: Number(pairs) },
  }
  const figures = await measureViewers(folder.path, init, (line) => process.stderr.write(`${line}\n`))
  process.stdout.write(`${viewersLines(figures).join('\n')}\n`)
  if (values.json) process.stdout.write(`${JSON.stringify(figures)}\n`)
}
