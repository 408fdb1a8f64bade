import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Program, ROUND_DEFAULTS } from '../../protocol/index.ts'
import { openJail } from '../../sandbox/executor/open.ts'
import { Runner, type TestOrder } from '../../sandbox/executor/runner.ts'
import { runChild } from '../../sandbox/jail/child.ts'
import { ask } from '../../sandbox/toolchain/ask.ts'
import { CACHE } from '../sandbox/fixture.ts'
import { plainComposer } from '../sandbox/stand-in.ts'
import { percentile, rounded } from './figures.ts'

/**
 * What a jail adds to a run: the same program jailed and unjailed, in turns, in one process. Each pair starts with the
 * other one, so that what one leaves warm helps both; the overhead is the difference within a pair.
 */
const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    runs: { type: 'string', default: '300' },
    cgroups: { type: 'string', default: 'where-possible' },
  },
})
const PROGRAM = '#include <cstdio>\nint main() { puts("x"); }\n'
/** Node compiles its own code meanwhile. */
const WARM_UP = 20
const { limits } = ROUND_DEFAULTS
const { signal } = new AbortController()

const folder = await mkdtemp(join(tmpdir(), 'kernelswarm-bench-'))
try {
  const cgroups = options.cgroups === 'never' ? 'never' : 'where-possible'
  const { jail, toolchain, libraries } = await openJail({ composer: plainComposer }, { cacheDir: CACHE, cgroups })
  const file = join(folder, 'program')
  await writeFile(`${file}.cpp`, PROGRAM)
  await ask(toolchain.compiler, [`${file}.cpp`, '-o', file])
  const product = await readFile(file)
  const runner = new Runner({ jail, libraries })

  const program: Program = { v: 1, side: 'cpp', code: PROGRAM, wrapper: '', tests: ['x'] }
  const order: TestOrder = { program, product, index: 0, executor: 'host', limits }

  const jailed = async () => {
    const { status, detail } = await runner.run(order, { signal })
    if (status !== 'success') throw new Error(`jailed: ${status} ${detail}`)
  }
  const unjailed = async () => {
    const outputs = [1, 2, 3].map((fd) => ({ fd, maxBytes: limits.outputBytes, whenFull: 'stop' as const }))
    const end = await runChild({ file, args: ['0'], env: {}, inputs: new Map(), outputs, wallMs: limits.wallMs }, { signal })
    if (end.code !== 0) throw new Error(`unjailed: ${end.code ?? end.stopped}`)
  }

  const runs = Number(options.runs)
  const pairs: { jailed: number; unjailed: number }[] = []
  for (let run = -WARM_UP; run < runs; run++) {
    const first =
      run % 2 === 0 ? [await timed(jailed), await timed(unjailed)] : [await timed(unjailed), await timed(jailed)].reverse()
    const [inJail = 0, outside = 0] = first
    if (run >= 0) pairs.push({ jailed: inJail, unjailed: outside })
  }
  const added = pairs.map((pair) => pair.jailed - pair.unjailed)
  const column = (name: 'jailed' | 'unjailed', share: number) =>
    percentile(
      pairs.map((pair) => pair[name]),
      share,
    )
  const figures = {
    jail_overhead_p50_ms: rounded(percentile(added, 0.5)),
    jail_overhead_p95_ms: rounded(percentile(added, 0.95)),
    jailed_p50_ms: rounded(column('jailed', 0.5)),
    jailed_p95_ms: rounded(column('jailed', 0.95)),
    unjailed_p50_ms: rounded(column('unjailed', 0.5)),
    unjailed_p95_ms: rounded(column('unjailed', 0.95)),
    runs,
    limits: jail.limits,
  }
  if (!options.json) for (const [name, value] of Object.entries(figures)) process.stdout.write(`${name.padEnd(22)} ${value}\n`)
  else process.stdout.write(`${JSON.stringify(figures)}\n`)
} finally {
  await rm(folder, { recursive: true, force: true })
}

async function timed(run: () => Promise<void>): Promise<number> {
  const startedAt = performance.now()
  await run()
  return performance.now() - startedAt
}
