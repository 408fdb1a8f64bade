import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { measureSubmit } from './submit-memory.ts'

const HELP = `What \`kernelswarm submit\` takes by the size of the file: a process of its own, against a receiver that speaks the rounds
protocol over libp2p on loopback and acknowledges at once.

    node test/bench/submit.ts [--sizes 10000,100000,1000000] [--heap MIB] [--folder DIR] [--json]

--heap is what the process may have of V8's heap at most (default: as V8 likes, which tidies up late where memory is free).
`
const { values } = parseArgs({
  options: {
    sizes: { type: 'string', default: '10000,100000' },
    heap: { type: 'string' },
    folder: { type: 'string', default: tmpdir() },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

if (values.help) process.stdout.write(HELP)
else {
  await using folder = await mkdtempDisposable(join(values.folder, 'kernelswarm-bench-'))
  const sizes = []
  for (const cases of values.sizes.split(',').map(Number)) {
    const figures = await measureSubmit(folder.path, {
      cases,
      ...(values.heap === undefined ? {} : { heapMib: Number(values.heap) }),
    })
    sizes.push(figures)
    const { bytes, seconds, peakMib } = figures
    process.stdout.write(
      `${cases} cases, ${Math.round(bytes / 2 ** 20)} MiB: ${seconds.toFixed(1)} s, at most ${peakMib} MiB resident\n`,
    )
  }
  if (values.json) process.stdout.write(`${JSON.stringify({ sizes })}\n`)
}
