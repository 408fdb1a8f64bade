import { mkdtempDisposable, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Program, ROUND_DEFAULTS } from '../../protocol/index.ts'
import { openJail } from '../../sandbox/executor/open.ts'
import { Runner, type TestOrder } from '../../sandbox/executor/runner.ts'
import { runChild } from '../../sandbox/jail/child.ts'
import { ask } from '../../sandbox/toolchain/ask.ts'
import { plainComposer } from '../sandbox/stand-in.ts'
import { percentile, rounded } from './figures.ts'

const PROGRAM = '#include <cstdio>\nint main() { puts("x"); }\n'
/** Node compiles its own code meanwhile. */
const WARM_UP = 20
const { limits } = ROUND_DEFAULTS
const { signal } = new AbortController()

/** Wall time, milliseconds. */
export interface JailOverhead {
  jail_overhead_p50_ms: number
  jail_overhead_p95_ms: number
  jailed_p50_ms: number
  jailed_p95_ms: number
  unjailed_p50_ms: number
  unjailed_p95_ms: number
  runs: number
  limits: string[]
}

export interface JailOverheadOptions {
  cacheDir: string
  runs: number
  cgroups: 'never' | 'where-possible'
}

/**
 * What a jail adds to a run: the same program jailed and unjailed, in turns, in one process. Each pair starts with the
 * other one, so that what one leaves warm helps both; the overhead is the difference within a pair.
 */
export async function measureJail({ cacheDir, runs, cgroups }: JailOverheadOptions): Promise<JailOverhead> {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'kernelswarm-bench-'))
  const { jail, toolchain, libraries } = await openJail({ composer: plainComposer }, { cacheDir, cgroups })
  const file = join(folder.path, 'program')
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

  const pairs: { jailed: number; unjailed: number }[] = []
  for (let run = -WARM_UP; run < runs; run++) {
    const first =
      run % 2 === 0 ? [await timed(jailed), await timed(unjailed)] : [await timed(unjailed), await timed(jailed)].reverse()
    const [inJail = 0, outside = 0] = first
    if (run >= 0) pairs.push({ jailed: inJail, unjailed: outside })
  }
  const column = (name: 'jailed' | 'unjailed', share: number) =>
    rounded(
      percentile(
        pairs.map((pair) => pair[name]),
        share,
      ),
    )
  const added = pairs.map((pair) => pair.jailed - pair.unjailed)
  return {
    jail_overhead_p50_ms: rounded(percentile(added, 0.5)),
    jail_overhead_p95_ms: rounded(percentile(added, 0.95)),
    jailed_p50_ms: column('jailed', 0.5),
    jailed_p95_ms: column('jailed', 0.95),
    unjailed_p50_ms: column('unjailed', 0.5),
    unjailed_p95_ms: column('unjailed', 0.95),
    runs,
    limits: jail.limits,
  }
}

async function timed(run: () => Promise<void>): Promise<number> {
  const startedAt = performance.now()
  await run()
  return performance.now() - startedAt
}
